"""Evidence through the HTTP door: for admins, audited, checked without the service."""

import hashlib

import pytest
from tests.integration.api.conftest import Service
from tests.integration.api.test_tickets import register

from helpdesk.kernel.principal import Principal, Role
from helpdesk.store.audit import Audit
from helpdesk.store.tenants import Tenants
from helpdesk.verify.certificates import Refused
from helpdesk.verify.evidence import read_evidence, verify_evidence

pytestmark = pytest.mark.anyio


async def test_an_admin_is_handed_everything_and_that_is_audited(service: Service) -> None:
    """On both databases: the document holds against the published key, and the audit names it by its hash."""
    async with service.client("pass24-agent") as client:
        number = await register(client)
        key = (await client.get("/certificates/key")).json()["key"]
        assert (await client.get(f"/v1/tickets/{number}/evidence")).status_code == 403
    async with service.client("pass24-admin") as client:
        answer = await client.get(f"/v1/tickets/{number}/evidence")
        found = verify_evidence(answer.content, [key])
        assert (found.tenant, found.ticket) == ("pass24", number)
        with pytest.raises(Refused):
            verify_evidence(answer.content.replace("вход".encode(), "выход".encode()), [key])
        again = read_evidence((await client.get(f"/v1/tickets/{number}/evidence")).content)
        told = [act for act in again["audit"] if act["act"] == "evidence.export"]
        assert [act["data"]["sha256"] for act in told] == [hashlib.sha256(answer.content).hexdigest()]
        assert (await client.get(f"/v1/tickets/{number + 7}/evidence")).status_code == 404
    async with service.client("intervale-admin") as client:
        assert (await client.get(f"/v1/tickets/{number}/evidence")).status_code == 404
    operator = Principal(Role.OPERATOR, "operator:test")
    tenant = await service.database.read(operator, lambda session: Tenants(session).by_slug("pass24").id)
    acts = await service.database.read(operator.within(tenant), lambda session: Audit(session).latest(10))
    assert len([act for act in acts if act.act == "evidence.export"]) == 2
