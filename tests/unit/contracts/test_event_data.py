"""What an entry's data look like outside."""

from helpdesk.contracts.event_data import told
from helpdesk.kernel.instants import to_datetime

AT = 1_772_600_000_000_001


def test_instants_are_told_as_everywhere_else_outside() -> None:
    """At any depth, by their keys; what is no instant stays as it is, also where nothing is promised."""
    data = {
        "clock": "resolution",
        "clock_seq": 1,
        "due": AT,
        "goal": None,
        "automatic": True,
        "imported": {"id": "7", "promised": {"resolution": AT}},
        "after": {"deadlines": [{"name": "reaction", "seq": 0, "due": AT}]},
    }
    assert told(data) == data | {
        "due": to_datetime(AT),
        "imported": {"id": "7", "promised": {"resolution": to_datetime(AT)}},
        "after": {"deadlines": [{"name": "reaction", "seq": 0, "due": to_datetime(AT)}]},
    }
