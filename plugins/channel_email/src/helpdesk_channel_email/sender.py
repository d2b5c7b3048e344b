"""The sending side: one connection, one mail, one answer."""

import ssl
import time

import aiosmtplib

from helpdesk.contracts.channels import PermanentFailure, TemporaryFailure
from helpdesk.contracts.messages import Outbound
from helpdesk_channel_email.compose import compose
from helpdesk_channel_email.config import SenderConfig

_WORD_LIMIT = 200


class EmailSender:
    """Hands mails to the configured server. At least once: after a lost answer the same mail is sent again."""

    def __init__(self, config: SenderConfig) -> None:
        self._config = config
        self._tls = ssl.create_default_context() if config.starttls is not False or config.tls else None

    async def send(self, message: Outbound) -> str:
        """Send ``message`` and return the server's answer to it.

        Raises:
            TemporaryFailure: the server cannot be reached, is busy (4xx), refuses us (login, greeting), or fell silent.
            PermanentFailure: the server refuses this mail or its recipient (5xx), or it cannot be written.
        """
        now_us = time.time_ns() // 1_000  # for the Date header only
        try:
            sender, recipient, mail = compose(message, now_us, plus_addresses=self._config.plus_addresses)
        except ValueError as error:
            raise PermanentFailure(str(error)) from error
        config = self._config
        client = aiosmtplib.SMTP(
            hostname=config.host,
            port=config.port,
            use_tls=config.tls,
            start_tls=config.starttls,
            tls_context=self._tls,
            local_hostname=config.hostname,
            username=config.user,
            password=config.password,
            timeout=config.timeout_seconds,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError) as error:
            raise TemporaryFailure(f"{config.host}:{config.port} cannot be used: {_describe(error)}") from error
        try:
            _, answer = await client.sendmail(sender, [recipient], mail)
        except (aiosmtplib.SMTPException, OSError) as error:
            failure = PermanentFailure if _code(error) >= 500 else TemporaryFailure
            raise failure(_describe(error)) from error
        finally:
            client.close()
        return " ".join(str(answer).split())[:_WORD_LIMIT]


def _code(error: Exception) -> int:
    """Return the answer's code, or 0 where there was none."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return max((refused.code for refused in error.recipients), default=0)
    return error.code if isinstance(error, aiosmtplib.SMTPResponseException) else 0


def _describe(error: Exception) -> str:
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused) and error.recipients:
        return _describe(error.recipients[0])
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {' '.join(str(error.message).split())[:_WORD_LIMIT]}"
    return " ".join(f"{type(error).__name__} {error}".split())[:_WORD_LIMIT]
