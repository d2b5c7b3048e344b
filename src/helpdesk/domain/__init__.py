"""Tickets: states, commands, pure decisions. No I/O, no await, no clock of its own."""
