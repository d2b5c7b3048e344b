"""The settings and the file: what is wrong is named, and no secret shown."""

from pathlib import Path

import pytest

from helpdesk_notifier_sms.carrier import SmsCarrier
from helpdesk_notifier_sms.config import read_config

GOOD = """
[gateways.main]
profile = "smsru"
fields = { test = "1" }

[[lines]]
numbers = ["+74950000012", "+996312000012"]
gateway = "main"
sender = "PASS24"
"""


def settings(tmp_path: Path, text: str = GOOD, **others: str) -> dict[str, str]:
    path = tmp_path / "sms.toml"
    path.write_text(text, encoding="utf-8")
    return {"HELPDESK_SMS_FILE": str(path), **{f"HELPDESK_SMS_{name}": value for name, value in others.items()}}


def test_a_profile_is_taken_and_what_is_said_besides_counts(tmp_path: Path) -> None:
    """Fields are added to the profile's; each number of ours has its route, which reaches its own country."""
    config = read_config(settings(tmp_path, SECRETS="main=CANARY"))
    assert config is not None
    route = config.routes["+74950000012"]
    assert (route.sender, route.prefixes, route.secret) == ("PASS24", ("+7",), "CANARY")
    assert (route.gateway.fields["test"], route.gateway.fields["to"]) == ("1", "{digits}")
    assert config.routes["+996312000012"].prefixes == ("+996",)
    assert "CANARY" not in repr(config)


def test_a_company_that_no_line_names_gets_none(tmp_path: Path) -> None:
    """Whom to write to is asked by the number that was dialled."""
    carriage = SmsCarrier().carriage(settings(tmp_path))
    assert carriage is not None
    assert carriage.reaches("+79160000001", "+74950000012")
    assert not carriage.reaches("+79160000001", "+74950000013")
    assert not carriage.reaches("+79160000001", "")


@pytest.mark.parametrize(
    ("text", "others", "said"),
    [
        ("gateways = ", {}, "HELPDESK_SMS_FILE is not valid"),
        ("[gateways.x]\nprofile = 'smsc'\n", {}, "lines"),
        (GOOD.replace("smsru", "nobody"), {}, "no profile: there are smsc, smsru"),
        (GOOD.replace('"main"', '"other"'), {}, "'other'"),
        (GOOD.replace("+74950000012", "84950000012"), {}, "no number in E.164"),
        (GOOD.replace("+996312000012", "+74950000012"), {}, "twice"),
        (GOOD.replace("PASS24", "<b>"), {}, "sender"),
        (GOOD + 'reaches = ["7"]', {}, "reaches"),
        (GOOD + "color = 1", {}, "color"),
        (GOOD.replace("fields =", "url = 'http://gateway.example/'\nfields ="), {}, "https"),
        (GOOD.replace("fields =", "url = 'https://10.0.0.1/'\nfields ="), {}, "public"),
        (GOOD.replace("fields =", "url = 'http://127.0.0.1/'\nfields ="), {}, "https"),
        (GOOD.replace("fields =", "success = [1]\nfields ="), {}, "success"),
        (GOOD, {"SECRETS": "main"}, "entry 1"),
        (GOOD, {"SECRETS": "main=CANARY main=CANARY"}, "entry 2"),
        (GOOD, {"SECRETS": "other=CANARY"}, "HELPDESK_SMS_SECRETS"),
        (GOOD, {"MOST_SEGMENTS": "11"}, "HELPDESK_SMS_MOST_SEGMENTS"),
        (GOOD, {"TIMEOUT_SECONDS": "0"}, "HELPDESK_SMS_TIMEOUT_SECONDS"),
    ],
)
def test_what_is_not_valid_is_named(tmp_path: Path, text: str, others: dict[str, str], said: str) -> None:
    """ValueError at start, in one line, without a secret."""
    with pytest.raises(ValueError, match=said) as problem:
        SmsCarrier().carriage(settings(tmp_path, text, **others))
    assert "CANARY" not in f"{problem.value!r} {problem.value.__cause__!r}"
    assert "\n" not in str(problem.value)


def test_a_file_that_is_not_there_is_named() -> None:
    """The setting, not the file's path."""
    with pytest.raises(ValueError, match="HELPDESK_SMS_FILE cannot be read: FileNotFoundError"):
        SmsCarrier().carriage({"HELPDESK_SMS_FILE": "/nowhere/sms.toml"})
