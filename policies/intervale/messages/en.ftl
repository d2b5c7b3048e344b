# Texts of Intervale. An answer closes the ticket preliminarily; three working days are left for a further question.
ack-subject = [Ticket #{ $number }] Request registered
