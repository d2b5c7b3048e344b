"""Every text the service sends: its key and the arguments it is given.

A regulation's ``messages/ru.ftl`` and ``messages/en.ftl`` may define any of these keys; what they leave out comes
from the built-in texts. Arguments are plain strings unless said otherwise; instants come formatted in the
regulation's zone. Texts may use only the arguments listed with their key. ``-subject`` keys give one line.
"""

from collections.abc import Mapping
from typing import Final

ARGUMENTS: Final[Mapping[str, str]] = {
    "company": "the tenant's name for its clients",
    "number": "the ticket's number, a whole number",
    "other": "another ticket's number",
    "edition": "which edition of the regulation",
    "since": "from when it is in force",
    "received": "when the request was received",
    "clause": "the clause of the regulation that decides",
    "reason": "why, in the language of the text",
    "hint": "what to do instead; may be empty",
    "subject": "the ticket's subject, as the client wrote it; in people's letters only",
    "engineer": "the name of the person who works on the ticket",
    "missing": "what is missing, one item a line",
    "target": "the name of the target or term",
    "due": "the limit's instant",
    "left": "the time left until the limit, in words",
    "level": "the level's name; may be empty",
    "outcome": "how the ticket ended, in words",
    "note": "what the channel is for, where the regulation says so; may be empty",
    "category": "what the ticket is about, in words",
    "refer": "the sentence `closed-refer`, or empty",
    "vendor": "whom the client is referred to",
    "ways": "by which channels the client may be reached instead",
    "asked": "the sentence `ack-asked`, or empty",
    "deadline": "until when an answer is awaited",
    "until": "the sentence `question-deadline` or `answer-deadline`, or empty",
    "agent": "who acts; may be empty",
    "text": "what a person of ours wrote; whole letters, and short ones, where it may be cut",
    "ours": "our address that the client turned to, e.g. a telephone number",
    "accepted": "the content types that may be attached, one a line",
    "host": "the host that events were taken to",
    "most": "how many files a message may have",
    "megabytes": "how large a file may be",
}
"""What each argument means."""

KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    # To the client, by the service. They hold nothing that the sender wrote.
    "ack-subject": ("company", "number"),
    "ack-body": ("company", "number", "received", "clause", "asked", "note"),
    "ack-asked": ("missing",),
    "refusal-subject": ("company",),
    "refusal-body": ("company", "clause", "reason", "hint"),
    "incomplete-subject": ("company", "number"),
    "incomplete-body": ("company", "number", "missing", "clause", "until"),
    "identification-body": ("company", "number", "received", "missing", "clause", "note"),
    "held-subject": ("company",),
    "held-body": ("company", "received"),
    "attachment-subject": ("company", "number"),
    "attachment-body": ("company", "number", "clause", "accepted"),
    "attachment-limits": ("company", "number", "most", "megabytes"),
    "closed-subject": ("company", "number"),
    "closed-body": ("company", "number", "outcome", "clause"),
    "closed-declined": ("company", "number", "outcome", "category", "clause", "refer"),
    "closed-refer": ("vendor",),
    "language-subject": ("company", "number"),
    "language-body": ("company", "number", "clause"),
    "merged-subject": ("company", "number"),
    "merged-body": ("company", "number", "other"),
    # To the client, by a person: the agent's text with the ticket's number around it.
    "answer-subject": ("number", "subject"),
    "answer-body": ("company", "number", "text", "until"),
    "answer-deadline": ("deadline", "clause"),
    "question-subject": ("number", "subject"),
    "question-body": ("company", "number", "text", "until"),
    "question-deadline": ("deadline",),
    "notice-subject": ("number", "subject"),
    "notice-body": ("company", "number", "text"),
    "notice-engineer": ("company", "number", "engineer"),
    # About a complaint, which is no ticket: its own number, the ticket's as `other`, who it is about as `engineer`, who
    # complains as `agent`.
    "complaint-subject": ("company", "number"),
    "complaint-body": ("company", "number", "other", "engineer", "agent", "clause", "text"),
    "complaint-received-subject": ("company", "number"),
    "complaint-received-body": ("company", "number", "clause"),
    "complaint-decided-subject": ("company", "number"),
    "complaint-decided-body": ("company", "number", "text"),
    # To everybody, where the regulation says that publishing an edition is announced.
    "edition-announcement": ("company", "edition", "since"),
    # To the staff.
    "warning-subject": ("number", "target", "due"),
    "warning-body": ("company", "number", "target", "level", "due", "left", "clause", "agent"),
    "breach-subject": ("number", "target"),
    "breach-body": ("company", "number", "target", "level", "due", "clause", "agent"),
    "subscription-subject": ("company", "host"),
    "subscription-body": ("company", "host", "reason"),
    "review-subject": ("company", "edition"),
    "review-body": ("company", "edition", "deadline", "clause"),
    "bounce-subject": ("number",),
    "bounce-body": ("company", "number", "reason", "clause", "ways"),
    # Carried to a telephone: one line, as short as can be. `text` is last of all cut where the whole does not fit.
    "ack-short": ("company", "number", "asked"),
    "ack-short-asked": ("ours",),
    "answer-short": ("company", "number", "text", "until"),
    "question-short": ("company", "number", "text", "until", "ours"),
    "notice-short": ("company", "number", "text"),
    "closed-short": ("company", "number", "outcome", "refer"),
    "merged-short": ("company", "number", "other"),
    "short-rest": ("ours",),
    # Read aloud by a phone agent.
    "call-registered": ("company", "number"),
    "call-refused": ("company", "clause", "reason", "hint"),
}
"""Every key with the arguments that it is given."""


def is_subject(key: str) -> bool:
    """Say whether the key's text is one line for a mail's subject."""
    return key.endswith("-subject")
