"""What a random history does to tickets that belong together, and a problem as a reader has it."""

from hypothesis import strategies as st
from msgspec import Struct, field
from tests.integration.desk.companies import COMPANIES

from helpdesk.domain.linking import LinkKind

SEEN_AS = {
    "related": "related", "duplicate_of": "has_duplicate", "caused_by": "causes", "split_from": "split_into",
    "merged_into": "absorbed", "follows": "followed_by",
}  # fmt: skip
BY_HAND = (LinkKind.RELATED, LinkKind.DUPLICATE_OF, LinkKind.CAUSED_BY)
LINKS = (*BY_HAND, *BY_HAND, *LinkKind)
ACTS = ("work", "work", "split", "merge", "merge", "link", "unlink", "mail", "invite", "time", "register")
KINDS = (*ACTS, "repeat", "problem", "problem", "answer")
PROBLEM_ACTS = st.lists(
    st.sampled_from(("open", "describe", "group", "group", "group", "ungroup", "reopen")), min_size=1, max_size=4
)
PAIRS = st.lists(st.sampled_from(COMPANIES), min_size=2, max_size=2, unique=True) | st.just(["siroca", "intervale"])


class Problem(Struct):
    """A problem as a reader has it."""

    number: int
    state: str = "open"
    tickets: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
