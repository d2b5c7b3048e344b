# The company's texts. What is left out comes from the built-in ones.
ack-subject = [#{ $number }] Request registered
