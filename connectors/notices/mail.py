"""E-mail by SMTP, in a thread of its own: the standard library's client blocks."""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Literal

from connectors.errors import Misconfigured, Unauthorized, Unavailable
from connectors.network import Network, context_of

SYSTEM = "smtp"
_TIMEOUT_SECONDS = 20.0
_LONGEST_SUBJECT = 200

Security = Literal["starttls", "tls", "none"]


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed in. `security` none is for a relay on this machine; `ca_file` holds
    the certificates of a private authority, trusted beside the public ones."""

    host: str
    port: int
    security: Security = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None


class MailChannel:
    """Sends one plain message to all recipients."""

    name = "email"

    def __init__(self, server: MailServer, sender: str, recipients: tuple[str, ...]) -> None:
        self._server = server
        self._sender = sender
        self._recipients = recipients

    async def send(self, subject: str, text: str) -> None:
        """Raises Unauthorized, Misconfigured (an address that is refused) or Unavailable."""
        letter = letter_of(subject, text, self._sender, self._recipients)
        await asyncio.to_thread(self._hand_in, letter)

    def _hand_in(self, letter: EmailMessage) -> None:
        try:
            with self._connected() as server:
                self._sign_in(server)
                server.send_message(letter)
        except smtplib.SMTPAuthenticationError as error:
            raise _error(Unauthorized, "sign in", error) from None
        except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused) as error:
            # Not chained: its text shows the addresses.
            raise Misconfigured(SYSTEM, "send", type(error).__name__) from None
        except smtplib.SMTPNotSupportedError as error:
            raise Misconfigured(SYSTEM, "send", type(error).__name__) from None
        except (smtplib.SMTPException, OSError) as error:
            raise Unavailable(SYSTEM, "send", type(error).__name__) from None

    def _connected(self) -> smtplib.SMTP:
        at = self._server
        if at.security == "tls":
            return smtplib.SMTP_SSL(
                at.host, at.port, timeout=_TIMEOUT_SECONDS, context=self._context()
            )
        return smtplib.SMTP(at.host, at.port, timeout=_TIMEOUT_SECONDS)

    def _context(self) -> ssl.SSLContext:
        return context_of(Network(ca_file=self._server.ca_file))

    def _sign_in(self, server: smtplib.SMTP) -> None:
        if self._server.security == "starttls":
            server.starttls(context=self._context())
        if self._server.username:
            server.login(self._server.username, self._server.password)


def letter_of(subject: str, text: str, sender: str, recipients: tuple[str, ...]) -> EmailMessage:
    """The message. Whatever stands in the subject, it stays one header of one line."""
    letter = EmailMessage(policy=SMTP)
    letter["From"] = sender
    letter["To"] = ", ".join(recipients)
    letter["Subject"] = one_line(subject)
    letter["Date"] = formatdate()
    letter["Message-ID"] = make_msgid(domain="tieout.invalid")
    # Nobody's absence note is to answer a machine (RFC 3834).
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(text)
    return letter


def one_line(text: str) -> str:
    """Text without anything that could end a header."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:_LONGEST_SUBJECT]


def _error(
    kind: type[Unauthorized], operation: str, error: smtplib.SMTPResponseException
) -> Unauthorized:
    return kind(SYSTEM, operation, "the sign-in was refused", code=str(error.smtp_code))
