# Texts of Siroca Technology.
ack-subject = [#{ $number }] Request registered
