"""The duties that the service looks up by name: declared, they change what it does. Every other is held for everybody.

A regulation declares a duty because its text has a clause for it. Most of them the service keeps whatever the text says
(each letter makes a ticket, the log is never rewritten); declaring those ties the clause to a rule. These are the ones
that only some companies want.
"""

from collections.abc import Mapping

LOOKED_UP: Mapping[str, str] = {
    "affected_count": "a level is set with the number of users affected",
    "assignee_before_answer": "whoever answers first is responsible, where nobody was",
    "confidential": "each reading of a ticket by staff is recorded before anything is shown",
    "faq_first": "promise and intake name where to look first; `value`: the hosts, apart by blanks",
    "hold_unidentified": "a request of nobody known is flagged; `value`: the flag's name",
    "number_after_call": "a call whose number can be sent nowhere is flagged until it is told",
    "one_language": "a request in another language is asked for in this one; `value`: its code",
    "one_question": "split-off questions name the clause; `value` `received_at`: they keep the receipt",
    "public_text": "anybody may see which edition is in force and where its text stands",
    "publication_announces": "publishing an edition announces itself; `value`: where",
    "repair_record": "repairs are kept beside tickets",
    "repeated_contact_linked": "asking again is linked and raises nothing",
}
"""By the duty's name, what the service does where it is declared."""
