"""The HTTP API: thin controllers between the wire and the desk, with guards in front that answer nonsense."""
