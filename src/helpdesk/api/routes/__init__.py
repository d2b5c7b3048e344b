"""The controllers: read the request, ask the desk or a query, show the answer. Nothing is decided here."""

from litestar import Controller

from helpdesk.api.routes.acting import TicketActing
from helpdesk.api.routes.agents import AgentRoutes
from helpdesk.api.routes.announcements import Announcing
from helpdesk.api.routes.attachments import TicketFiles
from helpdesk.api.routes.auditing import Auditing, Confidentiality
from helpdesk.api.routes.canned import CannedAnswerRoutes, CannedReplying
from helpdesk.api.routes.certificates import Certificates
from helpdesk.api.routes.classifying import Classifying
from helpdesk.api.routes.clients import OrganisationRoutes
from helpdesk.api.routes.company import Company
from helpdesk.api.routes.complaints import ComplaintRoutes
from helpdesk.api.routes.contacts import ContactRoutes, Identifying
from helpdesk.api.routes.editions import PublishedEditions, Rejudging
from helpdesk.api.routes.evidence import EvidenceExport
from helpdesk.api.routes.examining import Examining
from helpdesk.api.routes.handing import Handing
from helpdesk.api.routes.holds import Holding
from helpdesk.api.routes.hooks import Hooks, Telephones
from helpdesk.api.routes.links import Linking
from helpdesk.api.routes.operating import Operating
from helpdesk.api.routes.participants import Tagging, TagsInUse, TakingPart
from helpdesk.api.routes.problems import ProblemRoutes
from helpdesk.api.routes.registering import Calls
from helpdesk.api.routes.regulation import OpenRegulations, Regulation
from helpdesk.api.routes.remote import RemoteAccess
from helpdesk.api.routes.repairs import RepairRoutes
from helpdesk.api.routes.reports import OperatorReports, Reports
from helpdesk.api.routes.searching import Searching
from helpdesk.api.routes.service import ServiceRoutes
from helpdesk.api.routes.shadow import Deliveries, ShadowMode
from helpdesk.api.routes.shared_agents import SharedAgents
from helpdesk.api.routes.subscriptions import SubscriptionRoutes
from helpdesk.api.routes.telephony import Telephony
from helpdesk.api.routes.tickets import Tickets

CONTROLLERS: tuple[type[Controller], ...] = (
    ServiceRoutes,
    Tickets,
    TicketActing,
    Classifying,
    TicketFiles,
    RemoteAccess,
    Certificates,
    EvidenceExport,
    Calls,
    Company,
    Holding,
    Handing,
    Auditing,
    Confidentiality,
    Searching,
    Operating,
    Reports,
    OperatorReports,
    ShadowMode,
    Deliveries,
    SubscriptionRoutes,
    PublishedEditions,
    Examining,
    Rejudging,
    Regulation,
    OpenRegulations,
    Telephony,
    Telephones,
    Hooks,
    AgentRoutes,
    SharedAgents,
    OrganisationRoutes,
    ContactRoutes,
    Identifying,
    Linking,
    TakingPart,
    Tagging,
    TagsInUse,
    Announcing,
    CannedAnswerRoutes,
    CannedReplying,
    ComplaintRoutes,
    ProblemRoutes,
    RepairRoutes,
)
