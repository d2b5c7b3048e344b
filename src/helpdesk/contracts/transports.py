"""The transports that the service itself speaks of; others it knows by their plugins alone."""

EMAIL = "email"
PHONE = "phone"
