"""The ``helpdesk`` command: thin, one module per group of commands."""

from helpdesk.cli.app import main

__all__ = ["main"]
