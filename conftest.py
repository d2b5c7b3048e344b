"""What holds for every test of the repository, the plugins' included."""

import os

from hypothesis import HealthCheck, settings

# A busy machine is slow at any moment; how long an example takes says nothing about the law that it tries.
# The gate says the same of the same code each time; `make hunt` tries what nobody has tried yet.
settings.register_profile(
    "helpdesk",
    deadline=None,
    derandomize="HELPDESK_TEST_HISTORIES" not in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("helpdesk")
