# The default texts. A company's regulation may replace any of them.
ack-subject = [#{ $number }] Your request is registered
ack-body =
    Hello,

    Your request was received { $received } and is registered under number { $number }.
    Please keep the number in the subject when you write about it.

    { $note }

    This letter was written automatically.
    { $company }
ack-asked =
    It helps to know, if you did not say so already:
    { $missing }
refusal-subject = Request not accepted: { $company }
refusal-body =
    Hello,

    The request is not accepted (clause { $clause } of the regulation): { $reason }

    { $hint }

    This letter was written automatically.
    { $company }
incomplete-subject = [#{ $number }] More information is needed
incomplete-body =
    Hello,

    Request { $number } is registered, but its solution has to wait for more information.
    To go on, please tell us:
    { $missing }

    { $until }

    This letter was written automatically.
    { $company }
identification-body =
    Hello,

    Your request was received { $received } and is registered under number { $number }, but we could not tell who asks:
    its solution has to wait. To go on, please tell us:
    { $missing }

    { $note }

    This letter was written automatically.
    { $company }
attachment-subject = [#{ $number }] Not every attachment was accepted
attachment-body =
    Hello,

    Your message about request { $number } was received, but not every attachment was accepted (clause { $clause } of
    the regulation). Files of these kinds are accepted:
    { $accepted }

    This letter was written automatically.
    { $company }
attachment-limits =
    Hello,

    Your message about request { $number } was received, but not every attachment was accepted: a message may have at
    most { $most } files of at most { $megabytes } MB each.

    This letter was written automatically.
    { $company }
held-subject = Letter received: { $company }
held-body =
    Hello,

    Your letter was received { $received } and waits for a person's check.

    This letter was written automatically.
    { $company }
closed-subject = [#{ $number }] Request closed
closed-body =
    Hello,

    Request { $number } is closed: { $outcome }.

    This letter was written automatically.
    { $company }
closed-declined =
    Hello,

    Request { $number } is closed: { $outcome }.
    Technical support does not serve such questions ({ $category }): clause { $clause } of the regulation.
    { $refer }

    This letter was written automatically.
    { $company }
closed-refer = Please turn with this question to { $vendor }.
language-subject = [#{ $number }] Please write in English
language-body =
    Hello,

    Request { $number } is registered. Technical support is given in English (clause { $clause } of the regulation):
    please repeat your question in English by answering this letter.

    This letter was written automatically.
    { $company }
merged-subject = [#{ $number }] Request joined with another
merged-body =
    Hello,

    Request { $number } was joined with request { $other }: the work goes on there.
    You may answer any letter about either of them.

    This letter was written automatically.
    { $company }
answer-subject = [#{ $number }] { $subject }
answer-body =
    { $text }

    { $until }

    { $company }, request { $number }
answer-deadline = Without an objection before { $deadline } the request closes (clause { $clause } of the regulation).
question-subject = [#{ $number }] { $subject }
question-body =
    { $text }

    { $until }

    { $company }, request { $number }
question-deadline = We await your answer until { $deadline }.
notice-subject = [#{ $number }] { $subject }
notice-body =
    { $text }

    { $company }, request { $number }
notice-engineer = { $engineer } is working on your request { $number }.
edition-announcement = { $company }: edition { $edition } of the support regulation is in force from { $since }.
complaint-subject = Complaint { $number }: { $company }
complaint-body =
    Complaint { $number } (clause { $clause })
    About: { $engineer }
    Request: { $other }
    From: { $agent }

    { $text }
complaint-received-subject = Complaint { $number } received: { $company }
complaint-received-body =
    Hello,

    Your complaint was received as number { $number } and passed to the head (clause { $clause }).
    The member of staff whom it is about does not see it.

    This letter was written automatically.
    { $company }
complaint-decided-subject = Decision on complaint { $number }: { $company }
complaint-decided-body =
    { $text }

    { $company }, complaint { $number }
warning-subject = [#{ $number }] The limit of “{ $target }” is near: { $due }
warning-body =
    Request: { $number } ({ $company })
    Target: { $target }, clause { $clause }
    Level: { $level }
    Due: { $due }, { $left } left
    Agent: { $agent }
breach-subject = [#{ $number }] The limit of “{ $target }” is breached
breach-body =
    Request: { $number } ({ $company })
    Target: { $target }, clause { $clause }
    Level: { $level }
    Was due: { $due }
    Agent: { $agent }
subscription-subject = Events are no longer delivered: { $host }
subscription-body =
    Company: { $company }
    Events are no longer delivered to { $host }: { $reason }

    The subscription is disabled. What was missed is in the feed of events; the API enables it again.
review-subject = The regulation is due for its review: { $company }, edition { $edition }
review-body =
    Edition { $edition } of the regulation of { $company } was to be reviewed by { $deadline }
    (clause { $clause } of the regulation).
bounce-subject = [#{ $number }] A letter to the client was not delivered
bounce-body =
    Request: { $number } ({ $company })
    The letter of registration came back: { $reason }
    By clause { $clause } the request does not count as accepted until the client knows its number.
    Reach the client another way: { $ways }
ack-short = { $company }: request { $number } is registered. { $asked }
ack-short-asked = More details are needed, please call { $ours }.
answer-short = { $company }, request { $number }: { $text } { $until }
question-short = { $company }, request { $number }: { $text } { $until } To answer: { $ours }.
notice-short = { $company }, request { $number }: { $text }
closed-short = { $company }: request { $number } is closed: { $outcome }. { $refer }
merged-short = { $company }: request { $number } goes on as request { $other }.
short-rest = ... In full: { $ours }.
call-registered = Your request is registered. Its number is { $number }.
call-refused = By clause { $clause } of the regulation the request cannot be accepted: { $reason } { $hint }
