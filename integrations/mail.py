"""One e-mail by SMTP: composed, handed over, and what the server made of it.

Mails about one thing hang together (References), and one that is sent again has the Message-ID that it had before, by which
mail servers and programs tell that they have it already.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from aiosmtplib import SMTP, errors

from agents.oncall.reach import Sending, Sent, masked
from integrations.mail_server import Server

TOTAL_S = 18.0
"""For one mail, from look-up to goodbye: shorter than the lease of the job that sends it."""
WORDS = 300
"""Characters of what a server says about itself."""


@dataclass(frozen=True, slots=True)
class File:
    """What is sent along.  kind: media type."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """id: the same whenever it is sent again.  about: the same for mails that hang together, "" for none.  html: "" for none."""

    to: str
    subject: str
    text: str
    html: str
    id: str
    about: str = ""
    files: tuple[File, ...] = ()


class Mailer:
    """sender: "Troupe <troupe@example.com>" or the address alone.  tls: whom to trust; otherwise the usual authorities, or
    those in SSL_CERT_FILE."""

    def __init__(
        self, server: Server, sender: str, *, tls: ssl.SSLContext | None = None, total_s: float = TOTAL_S
    ) -> None:
        self.server, self.sender = server, sender
        self._tls, self._total_s = tls, total_s

    def send(self, mail: Mail, now: datetime) -> Sent:
        """Blocks for at most `total_s`. Never raises for what the server or the network does."""
        message = compose(mail, self.sender, now)
        sender = parseaddr(self.sender)[1]

        async def hand_over(client: SMTP, step: Step) -> None:
            await client.mail(sender)
            await client.rcpt(mail.to)
            step.handed_over = True
            await client.data(message.as_bytes(policy=policy.SMTP))

        sent = self._talk(hand_over)
        return Sent(sent.sending, sent.words.replace(mail.to, masked("email", mail.to)))

    def look(self) -> Sent:
        """Whether it would take a mail: connects, proves who both are, and says goodbye."""

        async def nothing(client: SMTP, step: Step) -> None:
            await client.noop()

        return self._talk(nothing)

    def _talk(self, then: Callable[[SMTP, Step], Awaitable[None]]) -> Sent:
        step = Step()
        try:
            asyncio.run(asyncio.wait_for(self._connected(then, step), self._total_s))
        except Exception as error:
            if step.done:  # it was taken; only the goodbye was lost
                return Sent(Sending.SENT)
            return outcome(error, self.server, handed_over=step.handed_over)
        return Sent(Sending.SENT)

    async def _connected(self, then: Callable[[SMTP, Step], Awaitable[None]], step: Step) -> None:
        server = self.server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls == "from the start",
            start_tls=server.tls == "starttls",
            tls_context=None if server.tls == "none" else self._tls or ssl.create_default_context(),
            local_hostname=_domain(self.sender),  # this machine's own name is nobody's business
            timeout=self._total_s,
        )
        line: asyncio.BaseTransport | None = None
        try:  # not `async with`, which would wait for a goodbye after the time is up
            await client.connect()
            line = client.transport
            if server.user:
                await client.login(server.user, server.password)
            await then(client, step)
            step.done = True
            await client.quit()
        finally:
            client.close()
            if isinstance(line, asyncio.WriteTransport):
                line.abort()  # TLS has a goodbye of its own, which would outlive the loop
            await asyncio.sleep(0)  # in which the socket is closed


@dataclass(slots=True)
class Step:
    """How far it came."""

    handed_over: bool = False
    done: bool = False


def compose(mail: Mail, sender: str, now: datetime) -> EmailMessage:
    """As it is sent. What somebody else wrote cannot add a header: white space in the subject is one space."""
    domain = _domain(sender)
    message = EmailMessage(policy=policy.SMTP)
    message["From"] = sender
    message["To"] = mail.to
    message["Subject"] = " ".join("".join(c if c.isprintable() else " " for c in mail.subject).split())
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{mail.id}@{domain}>"
    if mail.about:
        message["In-Reply-To"] = message["References"] = f"<{mail.about}@{domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    message["X-Auto-Response-Suppress"] = "All"  # the same for Exchange
    message.set_content(mail.text)
    if mail.html:
        message.add_alternative(mail.html, subtype="html")
    for file in mail.files:
        main, _, sub = file.kind.partition("/")
        message.add_attachment(file.data, maintype=main, subtype=sub or "octet-stream", filename=file.name)
    return message


def outcome(error: Exception, server: Server, *, handed_over: bool) -> Sent:
    """What a failure means for the mail.  handed_over: whether DATA was begun."""
    if isinstance(error, errors.SMTPResponseException):
        who = _said(error.code, error.message)
        if isinstance(error, errors.SMTPAuthenticationError):
            who = f"The mail server does not let Troupe in: {who}"
        return Sent(Sending.LATER if 400 <= error.code < 500 else Sending.REFUSED, who)
    if isinstance(error, errors.SMTPNotSupported) or _no_starttls(error):
        return Sent(Sending.REFUSED, f"{server.host} offers no such thing: {_short(error)}")
    if broken := _certificate(error):
        return Sent(Sending.REFUSED, f"{server.host} shows a certificate that cannot be trusted: {broken}.")
    if handed_over:
        return Sent(Sending.UNKNOWN, f"{server.host} took the mail in hand and then broke off.")
    if isinstance(error, TimeoutError):
        return Sent(Sending.LATER, f"{server.host} took too long to answer.")
    if isinstance(error, errors.SMTPException | OSError | ssl.SSLError):
        return Sent(Sending.LATER, f"{server.host} cannot be reached: {_short(error)}")
    raise error


def _no_starttls(error: Exception) -> bool:
    return "STARTTLS extension not supported" in str(error)


def _certificate(error: BaseException | None) -> str:
    """What is wrong with the server's certificate, "" when it is something else."""
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return error.verify_message
        error = error.__cause__ or error.__context__
    return ""


def _said(code: int, message: str) -> str:
    return f"{code} {_readable(message)}"


def _short(error: Exception) -> str:
    return _readable(str(error)) or type(error).__name__


def _readable(text: str) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return words if len(words) <= WORDS else words[: WORDS - 1] + "…"


def _domain(sender: str) -> str:
    return parseaddr(sender)[1].rpartition("@")[2]
