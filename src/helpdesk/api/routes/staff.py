"""Who works on a company's tickets."""

from helpdesk.kernel.principal import Role

STAFF = (Role.ADMIN, Role.AGENT, Role.INTEGRATOR)
"""The roles of a company's own people and programs."""
