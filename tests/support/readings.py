"""What a reader finds in the five regulations, in plain words: no table, no file of the service is read for it."""

from collections.abc import Mapping

from msgspec import Struct, field

CLIENT = "waiting_client"


class Company(Struct, frozen=True):
    """What a regulation knows."""

    mail: str
    phone: str = ""
    forms: str = ""
    """Where a web form comes in; empty: there is none."""
    levels: tuple[str, ...] = ()
    default_level: str | None = None
    facts: Mapping[str, tuple[str, ...]] = {}
    """What must be recorded before a level may be set."""
    lines: tuple[str, ...] = ("support", "development")
    pauses: Mapping[str, str] = field(default_factory=lambda: {CLIENT: ""})
    """Reasons to wait, each with what must have been sent to the client before."""
    pause_levels: Mapping[str, tuple[str, ...]] = {}
    outcomes: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: {"solved": (), "out_of_scope": ()})
    """Each with what must be said with it."""
    expedites: bool = False
    expedite_facts: tuple[str, ...] = ()
    expedite_levels: tuple[str, ...] = ()
    answer_closes: bool = False
    """An answer closes preliminarily."""
    word_reopens: bool = True
    """A client's word on what is resolved sets work going again; else it waits for somebody's verdict."""
    names_engineer: bool = False
    """Whoever takes a request into work is named to the client."""
    confirmed: str = "solved"
    """How a request ends that the client confirms."""
    reasons: bool = False
    """Only a disagreement with reasons counts."""
    silences: tuple[str, ...] = ()
    """Outcomes that nobody gives but the client's silence."""
    responsible: bool = False
    """Nobody answers without being responsible."""
    counts_users: bool = False
    """A level is set with the number of users affected."""
    served: tuple[str, ...] = ()
    """What a request may be about."""
    unserved: tuple[str, ...] = ()
    """What is declined."""
    category_levels: Mapping[str, str] = {}
    category_facts: Mapping[str, tuple[str, ...]] = {}
    """What must be recorded before a category gives its level."""
    declines: Mapping[str, str] = field(default_factory=lambda: {"out_of_scope": ""})
    """Outcomes that decline, each with what the request then turns out to be about."""
    work: Mapping[str, tuple[str, ...]] = {}
    """What each line does; empty: lines are not told apart."""
    expedite_categories: tuple[str, ...] = ()


COMPANIES = {
    "telemedhelp": Company(  # 2.1, 4.1
        mail="support@telemed.help",
        expedites=True,
        expedite_facts=("not_client_fault", "confirmed_by_staff", "no_workaround"),
        expedite_categories=("product_error",),
        served=("product_error", "tariffs"),
        unserved=("installation", "partner_project"),
    ),
    "specpromdesign": Company(
        mail="support@specpromdesign.example",
        phone="+74950000011",
        levels=("critical", "high", "medium", "low"),
        default_level="low",
        names_engineer=True,
        lines=("line_1", "line_2", "line_3"),
        served=("incident", "service_centre"),
        work={
            "line_1": ("template_solution", "instructions", "calls"),
            "line_2": ("consultation", "remote_diagnosis", "configuration"),
            "line_3": ("software_changes",),
        },
    ),
    "intervale": Company(  # 5.8, 5.10, 2.6
        mail="helpdesk@intervale.ru",
        phone="+74950000012",
        forms="helpdesk.intervale.ru",
        levels=("highest", "high", "medium", "low", "consultation"),
        lines=("support",),
        pauses={CLIENT: "question", "service_suspended": ""},
        outcomes={"confirmed": (), "out_of_scope": ()},
        served=("service",),
        unserved=("other",),
        silences=("no_more_questions",),
        responsible=True,
        answer_closes=True,
        confirmed="confirmed",
    ),
    "siroca": Company(  # 2.5, 2.7, 3.5, 3.6, 3.7
        mail="support@siroca.com",
        phone="+996755979805",
        forms="www.siroca.com",
        levels=("1", "2", "3", "4"),
        pauses={CLIENT: "question", "update": "authorised_notice"},
        served=("software",),
        unserved=("third_party_product",),
        declines={"third_party": "third_party_product"},
        pause_levels={"update": ("1", "2")},
        outcomes={
            **dict.fromkeys(("solved_info", "not_our_software", "future_update"), ()),
            "confirmed": (),
            "third_party": ("vendor",),
        },
        silences=("no_answer", "confirmed_by_silence"),
        counts_users=True,
        word_reopens=False,
        confirmed="confirmed",
        reasons=True,
    ),
    "pass24": Company(  # 1.2, 1.5.1
        mail="support@pass24online.ru",
        phone="+74953242442",
        forms="b24-6s4knr.bitrix24.site",
        levels=("high", "normal", "low"),
        default_level="normal",
        facts={"high": ("not_client_fault", "confirmed_by_staff")},
        expedites=True,
        expedite_levels=("high",),
        served=("full_outage", "critical_error", "product_error", "general_advice", "feature_request"),
        unserved=("other_vendor",),
        category_levels={
            "full_outage": "high",
            "critical_error": "high",
            "product_error": "normal",
            "general_advice": "low",
        },
        category_facts={"full_outage": ("not_client_fault",), "critical_error": ("confirmed_by_staff",)},
    ),
}
