"""``python -m helpdesk.cli``: the same as the ``helpdesk`` command."""

from helpdesk.cli.app import main

main()
