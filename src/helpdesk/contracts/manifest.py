"""What a plugin says of itself in ``helpdesk-plugin.toml``, beside its package's ``__init__.py``.

It is read without running any of the plugin's code, so a plugin for other contracts is refused before it is imported::

    name = "channel_email"
    version = "0.1.0"
    summary = "Mail in by SMTP and LMTP, mail out by SMTP."
    provides = ["channel:email"]
    contracts = 1
"""

from msgspec import Struct

MANIFEST_FILE = "helpdesk-plugin.toml"
CONTRACTS_VERSION = 1
"""The version of ``helpdesk.contracts`` that this service offers."""


class Manifest(Struct, frozen=True, forbid_unknown_fields=True):
    """A plugin's declaration.

    ``provides`` lists ``channel:<kind>``, ``carrier:<name>``, ``notifier:<name>``, ``regulation:<tenant>``.
    """

    name: str
    version: str
    summary: str
    provides: tuple[str, ...]
    contracts: int = CONTRACTS_VERSION
    """The version of the contracts it was written for."""
