"""Changing a ticket: what every handler shares, from the snapshot that judges to the commit of all effects."""
