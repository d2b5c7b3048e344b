# Texts of PASS24.online. The identifier stands in the subject (clause 3.5).
ack-subject = ID #{ $number }: request accepted
answer-subject = ID #{ $number }: { $subject }
question-subject = ID #{ $number }: { $subject }
notice-subject = ID #{ $number }: { $subject }
