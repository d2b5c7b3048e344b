"""What is wrong with the settings is told in one round, whoever's they are."""

import pytest

from helpdesk.bootstrap.plugins import load_plugins, read_settings
from helpdesk.settings import SettingsError

WRONG = {"HELPDESK_EMAIL_PORTT": "1", "HELPDESK_EMAIL_PARSERS": "none", "HELPDESK_SMS_FILE": "/nowhere"}
"""One that nobody declares, and one of each of two plugins."""


def test_all_that_is_wrong_is_told_at_once() -> None:
    """The service's own, what nobody declares, and what plugins refuse: nobody starts three times to learn of three."""
    with pytest.raises(SettingsError) as caught:
        read_settings({"HELPDESK_HTTP_PORT": "http", **WRONG})
    for name in ("HELPDESK_HTTP_PORT", *WRONG):
        assert sum(name in problem.split() or f"{name}:" in problem for problem in caught.value.problems) == 1, name


def test_what_nobody_declares_is_told_with_what_plugins_refuse() -> None:
    """The service's own settings are right."""
    with pytest.raises(SettingsError) as caught:
        load_plugins(read_settings(WRONG))
    assert len(caught.value.problems) == len(WRONG)
