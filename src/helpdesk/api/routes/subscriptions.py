"""Targets that the company's events are taken to: webhooks, and whatever else a notifier plugin offers."""

from functools import partial
from typing import Any
from uuid import UUID

from litestar import Controller, Response, delete, get, post, put
from litestar.params import FromPath

from helpdesk.api.conditions import etag, expected_version
from helpdesk.api.doors import AnyRequest, asked, door, given
from helpdesk.api.requests.base import given_or_none
from helpdesk.api.requests.subscriptions import ChangedSubscription, NewSubscription
from helpdesk.api.routes.clients import KEEPERS, keep
from helpdesk.api.routes.shadow import DeliveryFilter
from helpdesk.api.services import read, services
from helpdesk.desk.outward import subscriptions as desk
from helpdesk.desk.outward.subscriptions import Wish
from helpdesk.kernel.errors import Invalid
from helpdesk.queries.records.subscriptions import (
    NotificationPage,
    SecretsView,
    SubscriptionList,
    SubscriptionView,
    get_secrets,
    get_subscription,
    list_notifications,
    list_subscriptions,
)
from helpdesk.queries.views.base import KeptView


def _keeping(**demands: Any) -> dict[str, Any]:
    return door(*KEEPERS, answer=KeptView, writes=True, **demands)


class SubscriptionRoutes(Controller):
    """Targets of the company's events."""

    path = "/v1/subscriptions"

    @post(
        "/",
        status_code=201,
        opt=_keeping(body=NewSubscription, answer_headers=("Location", "ETag"), problems=("invalid", "conflict")),
    )
    async def add_subscription(self, request: AnyRequest) -> Response[KeptView]:
        """Subscribe a target: it is sent what happens from now on, at least once each, signed by Standard Webhooks."""
        work = partial(desk.subscribe, wish=_wish(request, given(request, NewSubscription)))
        return await keep(request, work, "/v1/subscriptions/{}")

    @get("/", opt=door(*KEEPERS, answer=SubscriptionList))
    async def list_subscriptions(self, request: AnyRequest) -> Response[SubscriptionList]:
        """List the company's subscriptions, with those that were disabled and why."""
        return Response(await read(request, list_subscriptions))

    @get("/{subscription_id:uuid}", opt=door(*KEEPERS, answer=SubscriptionView, answer_headers=("ETag",)))
    async def get_subscription(
        self, request: AnyRequest, subscription_id: FromPath[UUID]
    ) -> Response[SubscriptionView]:
        """Show a subscription."""
        found = await read(request, partial(get_subscription, subscription_id=subscription_id))
        return Response(found, headers={"ETag": etag(found.version)})

    @put(
        "/{subscription_id:uuid}",
        opt=_keeping(
            body=ChangedSubscription, answer_headers=("ETag",), versioned=True, problems=("invalid", "conflict")
        ),
    )
    async def change_subscription(self, request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[KeptView]:
        """Replace a subscription's target and events; disable or enable it."""
        body = given(request, ChangedSubscription)
        work = partial(
            desk.change,
            subscription_id=subscription_id,
            wish=_wish(request, body, enabled=body.enabled),
            expected_version=expected_version(request),
        )
        return await keep(request, work)

    @delete("/{subscription_id:uuid}", status_code=200, opt=_keeping(answer_headers=("ETag",), versioned=True))
    async def remove_subscription(self, request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[KeptView]:
        """Take a subscription away; what is owed to its target is given up."""
        work = partial(desk.unsubscribe, subscription_id=subscription_id, expected_version=expected_version(request))
        return await keep(request, work)

    @get("/{subscription_id:uuid}/secrets", opt=door(*KEEPERS, answer=SecretsView))
    async def get_secrets(self, request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[SecretsView]:
        """Show what the target's events are signed with."""
        return Response(await read(request, partial(get_secrets, subscription_id=subscription_id)))

    @post(
        "/{subscription_id:uuid}/secrets",
        status_code=201,
        opt=_keeping(answer_headers=("ETag",), problems=("conflict",)),
    )
    async def rotate_secret(self, request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[KeptView]:
        """Give the target a new secret. For a day events are signed with both."""
        return await keep(request, partial(desk.rotate, subscription_id=subscription_id))

    @post("/{subscription_id:uuid}/tests", status_code=202, opt=_keeping(problems=("conflict",)))
    async def try_out(self, request: AnyRequest, subscription_id: FromPath[UUID]) -> Response[KeptView]:
        """Send the target a `subscription.test`; the answer names the delivery."""
        return await keep(request, partial(desk.try_out, subscription_id=subscription_id))

    @get(
        "/{subscription_id:uuid}/deliveries",
        opt=door(*KEEPERS, query=DeliveryFilter, answer=NotificationPage, problems=("bad-cursor",)),
    )
    async def list_notifications(
        self, request: AnyRequest, subscription_id: FromPath[UUID]
    ) -> Response[NotificationPage]:
        """List what was owed to the target, newest first: sent, waiting for another try, or given up with a cause."""
        wanted = asked(request, DeliveryFilter)
        work = partial(
            list_notifications,
            subscription_id=subscription_id,
            limit=wanted.limit,
            cursor=given_or_none(wanted.cursor),
            state=given_or_none(wanted.state),
        )
        return Response(await read(request, work))


def _wish(request: AnyRequest, body: NewSubscription | ChangedSubscription, *, enabled: bool = True) -> Wish:
    """Return what is wished, its target in the notifier's canonical form.

    Raises:
        Invalid: there is no such notifier, or the target is none that may be reached.
    """
    notifier = services(request).registry.notifiers.get(body.notifier)
    if notifier is None:
        raise Invalid("There is no such notifier.", fields={"notifier": "is none that is installed"})
    try:
        target = notifier.normalise(body.target)
    except ValueError as problem:
        raise Invalid("The target cannot be used.", fields={"target": str(problem)}) from None
    return Wish(body.notifier, target, body.events, body.title, enabled)
