"""What holds for every test of the repository, the plugins' included."""

from hypothesis import HealthCheck, settings

# A busy machine is slow at any moment; how long an example takes says nothing about the law that it tries.
settings.register_profile("helpdesk", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("helpdesk")
