"""The settings: what is taken, and that no token is ever shown."""

import pytest

from helpdesk_channel_telegram.channel import TelegramChannel
from helpdesk_channel_telegram.config import SETTINGS, read_config

CANARY = "CANARYcanaryCANARYcanaryCANARY"
GOOD = f"100001:{CANARY}"


def given(**values: str) -> dict[str, str]:
    return {f"HELPDESK_TELEGRAM_{name}": value for name, value in values.items()}


def test_without_bots_the_channel_rests() -> None:
    """Neither side is made."""
    assert TelegramChannel().listener({}) is None
    assert TelegramChannel().sender({}) is None


def test_bots_are_names_with_tokens() -> None:
    """Separated by blanks; the name in whatever form; the account's id is the token's first part."""
    config = read_config(given(BOTS=f"@Siroca_Technology_bot={GOOD} https://t.me/other_bot=100002:{CANARY}"))
    assert [(bot.address, bot.id) for bot in config.bots] == [
        ("@siroca_technology_bot", 100001),
        ("@other_bot", 100002),
    ]
    assert config.bot("@other_bot") is config.bots[1]
    assert config.bot("@nobody") is None


@pytest.mark.parametrize(
    "values",
    [
        {"BOTS": GOOD},
        {"BOTS": f"@siroca_bot:{GOOD}"},
        {"BOTS": f"5={GOOD}"},
        {"BOTS": f"@siroca_bot={CANARY}"},
        {"BOTS": f"@siroca_bot={GOOD}/../x"},
        {"BOTS": f"@siroca_bot={GOOD} @siroca_bot={GOOD}"},
        {"BOTS": f"@siroca_bot={GOOD} @other_bot={GOOD}"},
        {"API_URL": "http://api.example"},
        {"API_URL": f"https://user:{CANARY}@api.example"},
        {"API_URL": "https://api.example:port"},
        {"POLL_SECONDS": "0"},
        {"POLL_SECONDS": "x"},
        {"FILE_MEGABYTES": "21"},
        {"WEBHOOK_LISTEN": "8443"},
        {"WEBHOOK_URL": "http://desk.example/telegram"},
    ],
)
def test_a_wrong_setting_is_named_and_shows_no_token(values: dict[str, str]) -> None:
    """A ValueError with the variable's name in it."""
    with pytest.raises(ValueError, match="HELPDESK_TELEGRAM_") as problem:
        read_config(given(**values))
    assert CANARY not in str(problem.value)
    assert next(iter(values)) in str(problem.value)


def test_a_token_is_in_nothing_that_is_shown() -> None:
    """Not in the bot's or the settings' repr, and not in the webhook's secret, which is made from it."""
    config = read_config(given(BOTS=f"@siroca_bot={GOOD}"))
    assert CANARY not in repr(config)
    assert CANARY not in f"{config.bots}{config.bots[0]!s}{config.bots[0].secret}"
    assert len(config.bots[0].secret) == 64


def test_each_setting_has_its_paragraph_with_its_default() -> None:
    """Meaning, unit, default."""
    assert all("Default: " in paragraph for paragraph in SETTINGS.values())
