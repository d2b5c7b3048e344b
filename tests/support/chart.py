"""The chart of a ticket's states as a reader of docs/concepts/ticket-states.md has it."""

NEW, OPEN, WAITING, RESOLVED, CLOSED = "new", "open", "waiting", "resolved", "closed"

# What may happen in which state, as docs/concepts tells it in words: a closed ticket hears notes, robots and the post,
# and what goes on beside it: links, files, repairs; only what waits goes on; only what is done is confirmed, objected
# to or taken up again; and so forth.
ANYWHERE = {
    "acknowledged",
    "bounced",
    "withheld",
    "note_added",
    "number_told",
    "participant_removed",
    "tagged",
    "untagged",
}
ANYWHERE |= {"linked", "unlinked", "attached", "attachment_refused", "repair_moved", "remote_session_ended"}
BEGINS = {"received", "registered"}
TAKES_UP = {"assigned", "answer_sent", "question_sent", "resolved", "disagreed", "reopened"}
"""What shows that somebody works on it, or did."""


def leads_to(state: str, what: str) -> str | None:
    """Return the state after ``what`` happened to a ticket in ``state``, None where it cannot happen there."""
    if what in ANYWHERE:
        return state
    if state == CLOSED or what in BEGINS:
        return None
    match what:
        case "closed":
            return CLOSED
        case "resolved":
            return RESOLVED
        case "disagreed" | "reopened" if state == RESOLVED:
            return OPEN
        case "confirmed" if state == RESOLVED:
            return RESOLVED
        case "paused" if state != RESOLVED:
            return WAITING
        case "resumed" if state == WAITING:
            return OPEN
        case "expedited" if state != RESOLVED:
            return state
        case "assigned" | "answer_sent" | "question_sent":
            return OPEN if state == NEW else state
        case "disagreed" | "reopened" | "confirmed" | "paused" | "resumed" | "expedited":
            return None
    return state
