"""Whoever runs commands on the service's own machine acts as an operator."""

from helpdesk.kernel.principal import Principal, Role

OPERATOR = Principal(Role.OPERATOR, "operator:command")
