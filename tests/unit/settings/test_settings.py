"""Settings are read whole or not at all, and no secret among them is ever shown."""

import msgspec
import pytest

from helpdesk.contracts.settings import MASK
from helpdesk.settings import ROLES, SettingsError, check_channels, read
from helpdesk.settings.shape import Secret, SecretUrl, Settings
from helpdesk.settings.table import TABLE


class TestRead:
    """Reading the environment."""

    def test_nothing_need_be_set(self) -> None:
        """With an empty environment there is a complete, usable set of settings."""
        settings = read({})
        assert settings.http_host == "127.0.0.1"
        assert settings.http_port == 8080
        assert settings.roles == frozenset(ROLES)
        assert settings.data_dir.is_absolute()
        assert settings.database_url.reveal() == f"sqlite:///{settings.data_dir}/helpdesk.sqlite3"
        assert not settings.nats_url

    def test_every_field_is_in_the_table(self) -> None:
        """The table and the struct name the same settings; only the plugins' own stand beside it."""
        fields = {field.name for field in msgspec.structs.fields(Settings)}
        assert {setting.field for setting in TABLE} == fields - {"channels"}

    def test_every_setting_is_explained(self) -> None:
        """A setting is a paragraph: at least one full sentence."""
        for setting in TABLE:
            assert len(setting.paragraph) > 60, setting.variable
            assert setting.paragraph.endswith("."), setting.variable

    def test_an_empty_variable_counts_as_absent(self) -> None:
        """Containers and unit files cannot always unset a variable."""
        assert read({"HELPDESK_HTTP_PORT": " "}).http_port == 8080

    @pytest.mark.parametrize(
        ("variable", "value"),
        [
            ("HELPDESK_HTTP_PORT", "http"),
            ("HELPDESK_HTTP_PORT", "65536"),
            ("HELPDESK_HTTP_PORT", "-1"),
            ("HELPDESK_HTTP_PORT", "٣"),
            ("HELPDESK_HTTP_HOST", "a b"),
            ("HELPDESK_DATABASE_URL", "mysql://x"),
            ("HELPDESK_NATS_URL", "127.0.0.1:4222"),
            ("HELPDESK_ROLES", "api,cook"),
            ("HELPDESK_ROLES", ","),
            ("HELPDESK_LOG_LEVEL", "loud"),
            ("HELPDESK_LOG_FORMAT", "xml"),
            ("HELPDESK_DRAIN_SECONDS", "soon"),
            ("HELPDESK_DRAIN_SECONDS", "nan"),
            ("HELPDESK_DRAIN_SECONDS", "601"),
        ],
    )
    def test_a_wrong_value_is_named(self, variable: str, value: str) -> None:
        """The message names the variable and what it takes."""
        with pytest.raises(SettingsError) as caught:
            read({variable: value})
        assert caught.value.problems[0].startswith(f"{variable} ")

    def test_all_problems_come_at_once(self) -> None:
        """Nobody should have to start three times to learn of three mistakes."""
        with pytest.raises(SettingsError) as caught:
            read({"HELPDESK_HTTP_PORT": "x", "HELPDESK_ROLES": "x", "HELPDESK_LOG_LEVEL": "x"})
        assert len(caught.value.problems) == 3

    def test_a_misspelt_variable_is_refused_with_the_nearest(self) -> None:
        """A setting that is silently ignored is worse than none."""
        settings = read({"HELPDESK_HTTP_PROT": "1", "HELPDESK_EMAIL_PORT": "2525"})
        with pytest.raises(SettingsError, match=r"HELPDESK_HTTP_PROT .* did you mean HELPDESK_HTTP_PORT\?"):
            check_channels(settings, ["HELPDESK_EMAIL_PORT"])

    def test_declared_plugin_settings_pass(self) -> None:
        """What an installed plugin declares is its own."""
        settings = read({"HELPDESK_EMAIL_PORT": "2525", "HOME": "/root"})
        check_channels(settings, ["HELPDESK_EMAIL_PORT"])
        assert dict(settings.channels) == {"HELPDESK_EMAIL_PORT": Secret("2525")}

    def test_a_broken_plugin_s_setting_stops_nobody(self) -> None:
        """A plugin that is left out cannot declare its variables; every other unknown one is refused all the same."""
        settings = read({"HELPDESK_FOLDER_ROOT": "/tmp/x"})
        assert check_channels(settings, [], ["channel_folder"]) == ("HELPDESK_FOLDER_ROOT",)
        for others in ((), ("channel_phone",)):
            with pytest.raises(SettingsError, match="HELPDESK_FOLDER_ROOT"):
                check_channels(settings, [], others)


class TestSecrets:
    """Masked values."""

    def test_a_secret_is_never_shown(self) -> None:
        """Neither its text nor its representation, alone or inside the settings, shows it."""
        canary = "canary-" + "x" * 40
        settings = read({"HELPDESK_EMAIL_PASSWORD": canary})
        secret = settings.channels["HELPDESK_EMAIL_PASSWORD"]
        for shown in (str(secret), repr(secret), f"{secret}", repr(settings), str(settings)):
            assert canary not in shown
        assert secret.reveal() == canary

    def test_an_address_is_shown_without_its_password(self) -> None:
        """Host and database stay readable, user and password do not."""
        url = SecretUrl("postgresql+psycopg://helpdesk:canary@db.internal:5432/support?password=canary")
        assert "canary" not in repr(url)
        assert "db.internal:5432/support" in repr(url)
        assert str(SecretUrl("sqlite:////var/lib/helpdesk.sqlite3")) == "sqlite:////var/lib/helpdesk.sqlite3"

    def test_a_bad_value_is_not_repeated_in_the_error(self) -> None:
        """The error says what is wrong, not what was given."""
        with pytest.raises(SettingsError) as caught:
            read({"HELPDESK_NATS_URL": "canary", "HELPDESK_DATABASE_URL": "oracle://u:canary@h"})
        assert "canary" not in str(caught.value)

    def test_equal_secrets_are_equal(self) -> None:
        """Secrets compare by value, so that settings do."""
        assert Secret("a" * 32) == Secret("a" * 32)
        assert Secret("a" * 32) != Secret("b" * 32)
        assert repr(Secret("")) != MASK
