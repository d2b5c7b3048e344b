# Texts of SpecPromDesign. Reaction is the notice that names the engineer.
ack-subject = [#{ $number }] Request registered
notice-engineer = Request { $number } is in the hands of the support engineer { $engineer }.
