# Texts of the demonstration.
ack-subject = [#{ $number }] Request registered (demonstration)
