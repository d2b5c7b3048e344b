"""Who takes part in the demonstration and what they say. Clients and their addresses are invented."""

from msgspec import Struct

SERVED = "demo"
"""The company whose regulation is made for this: a target of a few seconds."""
UNOFFICIAL = "telemedhelp"
"""The company whose regulation knows chat and mail only; a call to it is refused."""
ALERTS = "duty@helpdesk.example"
"""Where warnings and breaches are mailed."""
ENGINEER = "Дежурный инженер"


class Letter(Struct, frozen=True):
    """A client's mail. The level is set afterwards by the agent, by the criterion, where the company has levels."""

    sender: str
    subject: str
    text: str
    level: str = ""
    criterion: str = ""
    facts: tuple[str, ...] = ()
    """What the agent records as true, where the regulation demands it for the level."""
    affected: int | None = None
    """How many users are affected, where the regulation wants that with the level."""


class Call(Struct, frozen=True):
    """A call as the phone agent registers it."""

    caller: str
    summary: str
    contact: str
    level: str = ""
    criterion: str = ""
    affected: int | None = None


class Company(Struct, frozen=True):
    """One company: what is sent to it."""

    slug: str
    letter: Letter
    call: Call
    other_phone: str = ""
    """A number at which it is reached though its regulation does not name it."""


COMPANIES: tuple[Company, ...] = (
    Company(
        UNOFFICIAL,
        Letter(
            "clinic@clients.example",
            "Не открывается запись к врачу",
            "Здравствуйте!\nПосле входа страница записи пуста. Версия 5.2, Android 14, клиника «Пример».",
        ),
        Call("+74950000010", "Не приходит код подтверждения", "clinic-caller@clients.example"),
        other_phone="+74950000099",
    ),
    Company(
        "specpromdesign",
        Letter(
            "factory@clients.example",
            "Остановилась выгрузка чертежей",
            "Выгрузка встала для всего отдела, обходного пути нет.",
            "critical",
            "работа остановлена полностью",
        ),
        Call("+74950000020", "Вопрос по отчёту", "factory-caller@clients.example", "low", "прочие обращения"),
    ),
    Company(
        "intervale",
        Letter(
            "bank@clients.example",
            "Платежи проходят со второй попытки",
            "С утра каждый третий платёж проходит только при повторе.",
            "high",
            "затронута часть операций",
        ),
        Call(
            "+74950000030",
            "Платежи не проходят",
            "bank-caller@clients.example",
            "highest",
            "сервис недоступен",
        ),
    ),
    Company(
        "siroca",
        Letter(
            "shop@clients.example",
            "Кассы не видят товары",
            "После обновления новые товары не появляются на кассах.",
            "2",
            "важная функция не работает",
            affected=12,
        ),
        Call("+996550000040", "Вся система не работает", "shop-caller@clients.example", "1", "работа невозможна", 40),
    ),
    Company(
        "pass24",
        Letter(
            "gate@clients.example",
            "Шлагбаум не открывается по пропуску",
            "Пропуск выписан, шлагбаум не открывается.",
            "high",
            "въезд невозможен",
            ("not_client_fault", "confirmed_by_staff"),
        ),
        Call("+74950000050", "Как добавить жильца", "gate-caller@clients.example", "low", "вопрос по настройке"),
    ),
    Company(
        SERVED,
        Letter("client@clients.example", "Пример обращения", "Посмотрим, что будет, если никто не ответит."),
        Call(
            "+74950000060",
            "Пример срочного звонка",
            "client-caller@clients.example",
            "urgent",
            "показать сроки",
        ),
    ),
)
