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
    declines: Mapping[str, str] = field(default_factory=lambda: {"out_of_scope": ""})
    """Outcomes that decline a request, each with the category that it says by itself."""
    served: Mapping[str, tuple[str, tuple[str, ...]]] = {}
    """Categories that are served, each with the level it gives (empty: none) and what must be true for that."""
    unserved: Mapping[str, tuple[str, ...]] = {}
    """Categories that are not served, each with what makes them so after all."""
    works: Mapping[str, tuple[str, ...]] = {}
    """Lines, each with the only kinds of work that it does."""
    fields: tuple[str, ...] = ("description",)
    """What a request may be asked for."""
    completeness: str = ""
    """The reason to wait for what a request lacks."""
    demands: Mapping[str, tuple[str, ...]] = {}
    """What our requests lack, by the way they come."""
    channels: tuple[str, ...] = ("email",)
    """By which a client may be told the number."""
    expedites: bool = False
    expedite_facts: tuple[str, ...] = ()
    expedite_levels: tuple[str, ...] = ()
    expedite_categories: tuple[str, ...] = ()
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


COMPANIES = {
    "telemedhelp": Company(  # 2.1, 4.1
        mail="support@telemed.help",
        expedites=True,
        expedite_facts=("not_client_fault", "confirmed_by_staff", "no_workaround"),
        pauses={CLIENT: "", "identification": "question"},
        served=dict.fromkeys(
            ("install_advice", "product_error", "explanation", "tariffs", "feature_request"), ("", ())
        ),
        unserved={
            **dict.fromkeys(("installation", "updating", "training", "account_creation", "account_confirmation"), ()),
            "partner_project": ("product_error",),
        },
        expedite_categories=("product_error",),
        fields=("description", "version", "platform", "email", "organisation"),
        channels=("chat", "email"),
    ),
    "specpromdesign": Company(
        mail="support@specpromdesign.example",
        phone="+74950000011",
        levels=("critical", "high", "medium", "low"),
        default_level="low",
        names_engineer=True,
        lines=("line_1", "line_2", "line_3"),
        pauses={CLIENT: "", "incomplete": "question"},
        completeness="incomplete",
        served=dict.fromkeys(("incident", "consultation", "service_centre"), ("", ())),
        works={
            "line_1": ("template_solution", "instructions", "calls"),
            "line_2": ("consultation", "remote_diagnosis", "configuration"),
            "line_3": ("software_changes",),
        },
        channels=("phone", "email", "messenger"),
    ),
    "intervale": Company(  # 5.8, 5.10, 2.6
        mail="helpdesk@intervale.ru",
        phone="+74950000012",
        forms="helpdesk.intervale.ru",
        levels=("highest", "high", "medium", "low", "consultation"),
        lines=("support",),
        pauses={CLIENT: "question", "incomplete": "question", "service_suspended": ""},
        completeness="incomplete",
        demands={"web": ("steps",)},
        outcomes={"confirmed": (), "out_of_scope": ()},
        served={"service": ("", ())},
        unserved={"other": ()},
        fields=("contact", "email", "description", "steps", "additional"),
        channels=("phone", "email", "helpdesk"),
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
        pause_levels={"update": ("1", "2")},
        outcomes={
            **dict.fromkeys(("solved_info", "not_our_software", "future_update"), ()),
            "confirmed": (),
            "third_party": ("vendor",),
        },
        declines={"third_party": "third_party_product"},
        served={"software": ("", ())},
        unserved={"third_party_product": ()},
        fields=("description", "periodicity", "phone", "email", "contact_name"),
        channels=("phone", "email", "telegram_bot", "online_chat", "web_form"),
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
        served={
            "full_outage": ("high", ("not_client_fault",)),
            "critical_error": ("high", ("confirmed_by_staff",)),
            **dict.fromkeys(("partial_failure", "product_error", "install_advice"), ("normal", ())),
            "general_advice": ("low", ()),
            "feature_request": ("", ()),
        },
        unserved={"other_vendor": ()},
        fields=("description", "phone_model", "os_version", "version"),
        channels=("email", "form", "phone", "chat_bot"),
    ),
}
