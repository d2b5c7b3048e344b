"""What clients of the API send about subscriptions."""

from typing import Annotated

from msgspec import Meta

from helpdesk.api.requests.base import Request

Notifier = Annotated[str, Meta(min_length=1, max_length=32, pattern="^[a-z][a-z0-9_]*$")]
Target = Annotated[str, Meta(min_length=1, max_length=2000)]
EventType = Annotated[str, Meta(min_length=1, max_length=100)]
Title = Annotated[str, Meta(max_length=200)]


class NewSubscription(Request, frozen=True):
    """A target to which the company's events are taken."""

    target: Target
    """For webhooks an `https` address on the public network."""
    events: Annotated[tuple[EventType, ...], Meta(max_length=200)] = ()
    """Types, as `ticket.registered`; none: all."""
    title: Title = ""
    notifier: Notifier = "webhook"


class ChangedSubscription(Request, frozen=True):
    """What a subscription is from now on."""

    target: Target
    events: Annotated[tuple[EventType, ...], Meta(max_length=200)] = ()
    title: Title = ""
    notifier: Notifier = "webhook"
    enabled: bool = True
    """Enabled again it goes on with what happens from now on; what was missed is in the feed."""
