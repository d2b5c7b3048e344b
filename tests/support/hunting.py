"""How long random inputs are tried: the gate tries the same few each time, a hunt new ones."""

import os

from hypothesis import Phase

HISTORIES = int(os.environ.get("HELPDESK_TEST_HISTORIES", "0"))
"""How many a test tries; 0: as many as the gate has time for. `HELPDESK_TEST_HISTORIES=999 pytest tests/properties`."""

PHASES = tuple(Phase) if os.environ.get("HELPDESK_TEST_SHRINK", "1") == "1" else (Phase.generate,)
"""With `HELPDESK_TEST_SHRINK=0` the first input that breaks a law is shown as it is."""
