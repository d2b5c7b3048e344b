"""Gateways as data: what they are asked, and what their answers mean."""

from typing import Any

import msgspec
import pytest

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.webcalls.call import Answer
from helpdesk_notifier_sms.config import profiles
from helpdesk_notifier_sms.gateway import Gateway

GIVEN = {
    "to": "+79160000001",
    "digits": "79160000001",
    "text": "Номер {secret} & 17",
    "id": "018f-1",
    "sender": "",
    "secret": "CANARY",
}


def profile(name: str) -> Gateway:
    found = msgspec.convert(profiles()[name], Gateway)
    found.check()
    return found


def answer(said: Any, status: int = 200) -> Answer:
    return Answer(status, 0.0, said if isinstance(said, bytes) else msgspec.json.encode(said))


def test_fields_are_sent_as_a_form() -> None:
    """Filled once: what a person wrote is not looked at for places; an empty field is left out."""
    url, headers, body = profile("smsc").request(GIVEN)
    assert url == "https://smsc.ru/sys/send.php"
    assert headers == {"content-type": "application/x-www-form-urlencoded"}
    assert body == (
        b"apikey=CANARY&phones=%2B79160000001&mes=%D0%9D%D0%BE%D0%BC%D0%B5%D1%80+%7Bsecret%7D+%26+17&charset=utf-8&fmt=3"
    )


def test_fields_may_nest_as_json_and_stand_in_an_address() -> None:
    """What is no text is sent as it is."""
    fields = {"messages": [{"to": "{digits}", "text": "{text}", "flash": False}], "test": 1, "from": "{sender}"}
    headers = {"Authorization": "Basic {secret_base64}"}
    _, sent, body = Gateway("https://g.example/", fields, encode="json", headers=headers).request(GIVEN)
    assert sent["Authorization"] == "Basic Q0FOQVJZ"
    assert msgspec.json.decode(body) == {
        "messages": [{"to": "79160000001", "text": "Номер {secret} & 17", "flash": False}],
        "test": 1,
    }
    url, _, body = Gateway("https://g.example/?a=1", {"to": "{digits}"}, method="GET").request(GIVEN)
    assert (url, body) == ("https://g.example/?a=1&to=79160000001", b"")


@pytest.mark.parametrize(
    ("name", "said", "word"),
    [
        ("smsc", {"id": 42, "cnt": 1}, "42"),
        (
            "smsru",
            {"status_code": 100, "sms": {"79160000001": {"status_code": 100, "sms_id": "000000-10000000"}}},
            "000000-10000000",
        ),
    ],
)
def test_a_yes_gives_the_gateways_id(name: str, said: Any, word: str) -> None:
    """Where its profile says that it stands."""
    assert profile(name).judge(answer(said), GIVEN) == word


@pytest.mark.parametrize(
    ("name", "said", "failure"),
    [
        ("smsc", {"error": "duplicate request", "error_code": 9}, TemporaryFailure),
        ("smsc", {"error": "no money", "error_code": 3, "id": 42}, TemporaryFailure),
        ("smsc", {"error": "invalid number", "error_code": 7}, PermanentFailure),
        ("smsc", b"ERROR = 2", TemporaryFailure),
        ("smsc", b"[" * 100_000, TemporaryFailure),
        ("smsru", {"status_code": 200}, TemporaryFailure),
        ("smsru", {"status_code": 100, "sms": {"79160000001": {"status_code": 207}}}, PermanentFailure),
        ("smsru", {"status_code": 100, "sms": {}}, TemporaryFailure),
        ("smsru", {"status_code": 100, "sms": [1]}, TemporaryFailure),
        ("smsru", [], TemporaryFailure),
    ],
)
def test_a_no_says_whether_another_try_is_worth_it(name: str, said: Any, failure: type[Exception]) -> None:
    """By its code; what cannot be read is worth one."""
    with pytest.raises(failure):
        profile(name).judge(answer(said), GIVEN)


@pytest.mark.parametrize(
    ("status", "failure"), [(400, PermanentFailure), (429, TemporaryFailure), (503, TemporaryFailure)]
)
def test_a_status_says_it_before_the_body(status: int, failure: type[Exception]) -> None:
    """Whatever stands in it."""
    with pytest.raises(failure, match=str(status)):
        profile("smsc").judge(answer({"id": 42}, status), GIVEN)


def test_without_a_description_of_the_answer_any_yes_will_do() -> None:
    """Its word is the status then."""
    assert Gateway("https://g.example/", {"to": "{to}"}).judge(answer(b"", 202), GIVEN) == "202"


def test_what_a_gateway_says_is_shown_as_a_code() -> None:
    """Short, without markup or line breaks; an error may quote the text, which is nobody's business."""
    gateway = Gateway("https://g.example/", {"to": "{to}"}, success={"ok": True}, error=("why",))
    with pytest.raises(TemporaryFailure) as problem:
        gateway.judge(answer({"ok": False, "why": "<b>x\r\n" + "y" * 500}), GIVEN)
    assert str(problem.value) == "the gateway refused it: bx" + "y" * 58


@pytest.mark.parametrize(
    ("fields", "others", "said"),
    [
        ({}, {}, "no fields"),
        ({"to": "{number}"}, {}, "{number}"),
        ({"to": ["{to}", {"x": "{secrets}"}]}, {}, "{secrets}"),
        ({"to": "{to}"}, {"headers": {"X-Text": "{text}"}}, "headers.X-Text"),
        ({"to": "{to}"}, {"headers": {"X\r\nY": "1"}}, "no header"),
        ({"to": "{to}"}, {"headers": {"X-Y": "a\r\nb"}}, "no header"),
        ({"to": "{to}"}, {"url": "https://g.example/{secret}"}, "url"),
        ({"to": "{to}"}, {"message_id": "{text}.id"}, "{text}"),
    ],
)
def test_a_description_is_checked_where_it_is_read(fields: Any, others: dict[str, Any], said: str) -> None:
    """What is not known there is named, with what is."""
    with pytest.raises(ValueError, match=said.replace("{", r"\{")):
        Gateway(**{"url": "https://g.example/", "fields": fields, **others}).check()
