"""The hooks: few, synchronous, named ``register_*``. They return objects; the objects' protocols do the work.

A plugin is a module (or object) behind an entry point of the group ``helpdesk.plugins`` with functions marked
``hookimpl``, and a manifest (see ``helpdesk.contracts.manifest``). Each function returns one object.
"""

import pluggy

from helpdesk.contracts.carriers import Carrier
from helpdesk.contracts.channels import Channel
from helpdesk.contracts.notifiers import Notifier
from helpdesk.contracts.regulations import RegulationPackage

PROJECT = "helpdesk"
ENTRY_POINT_GROUP = "helpdesk.plugins"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


class Hooks:
    """What a plugin may implement."""

    @hookspec
    def register_channel(self) -> Channel:
        """Add a channel."""
        raise NotImplementedError

    @hookspec
    def register_carrier(self) -> Carrier:
        """Add a carrier."""
        raise NotImplementedError

    @hookspec
    def register_notifier(self) -> Notifier:
        """Add a notifier."""
        raise NotImplementedError

    @hookspec
    def register_regulation(self) -> RegulationPackage:
        """Add a company's regulation."""
        raise NotImplementedError
