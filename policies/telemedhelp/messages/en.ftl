# Texts of TelemedHelp. The number stands in the subject (clause 6.4).
ack-subject = Request (Запрос) #{ $number }: accepted
ack-body =
    Hello,

    Your request was received { $received }, is accepted and being worked on. Its number: Запрос #{ $number }.
    Please keep the number in the subject when you write about it.

    It helps to know: the steps to the problem, the product's version, the platform, your registered mail and company.

    { $note }

    This letter was written automatically.
    { $company }
answer-subject = Запрос #{ $number }: { $subject }
question-subject = Запрос #{ $number }: { $subject }
notice-subject = Запрос #{ $number }: { $subject }
