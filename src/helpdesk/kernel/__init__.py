"""The floor everything stands on: instants, identifiers, errors, principals, the time source."""
