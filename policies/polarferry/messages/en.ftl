ack-subject = Ferry #{ $number }: request registered
