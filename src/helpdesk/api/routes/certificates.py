"""Certificates of deadlines, and the key that they are checked with."""

from functools import partial

from litestar import Controller, Response, get
from litestar.params import FromPath

from helpdesk.api.doors import AnyRequest, door
from helpdesk.api.routes.staff import STAFF
from helpdesk.api.services import read, services
from helpdesk.kernel.principal import system
from helpdesk.queries.tickets.certificates import CertificateKey, get_certificate, get_key
from helpdesk.regulation.certifying.certified import Certificate


class Certificates(Controller):
    """Deadlines to be checked by others."""

    path = "/"

    @get(
        "/v1/tickets/{number:int}/deadlines/{name:str}/{seq:int}/certificate",
        opt=door(*STAFF, answer=Certificate, problems=("conflict",)),
    )
    async def get_certificate(
        self, request: AnyRequest, number: FromPath[int], name: FromPath[str], seq: FromPath[int]
    ) -> Response[Certificate]:
        """Certify one deadline: the promise, the ticket's history and what follows from them, signed.

        `helpdesk verify` checks it anywhere, without this service. Where no time is promised, or none that is known,
        there is nothing to certify (409).
        """
        find = services(request).directory.of
        work = partial(get_certificate, number=number, name=name, seq=seq, evaluator_of=find)
        return Response(await read(request, work))

    @get("/certificates/key", opt=door(answer=CertificateKey, problems=("unavailable",)))
    async def get_certificate_key(self, request: AnyRequest) -> Response[CertificateKey]:
        """Show the public key that this installation's certificates are signed with.

        It is public, so it stands outside `/v1`, where nothing is reached without an API key.
        """
        return Response(await services(request).database.read(system("certificates"), get_key))
