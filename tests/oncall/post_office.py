"""A real mail server on loopback, which a test lets refuse, put off, drop the line, ask for a password or speak TLS."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from integrations.mail_server import Server
from tests.servers.processes import free_port

USER, PASSWORD = "troupe", "p@ss word"


@dataclass
class PostOffice:
    """mails: what was taken, in order, also where the line was dropped then.

    at_rcpt, after_data: answers, each given once, then "250 OK".  hang_up: "at rcpt" or "after data", while it is set.
    """

    mails: list[EmailMessage] = field(default_factory=list)
    at_rcpt: list[str] = field(default_factory=list)
    after_data: list[str] = field(default_factory=list)
    hang_up: str = ""
    callers: int = 0
    secure: list[bool] = field(default_factory=list)
    """Whether each mail came by TLS."""

    async def handle_EHLO(  # noqa: N802  aiosmtpd's own names
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.callers += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.hang_up == "at rcpt":
            cast(Any, server.transport).abort()
        envelope.rcpt_tos.append(address)
        return self.at_rcpt.pop(0) if self.at_rcpt else "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self.after_data.pop(0) if self.after_data else "250 OK"
        if answer.startswith("250"):
            self.mails.append(message_from_bytes(cast(bytes, envelope.content), policy=policy.default))
            self.secure.append(session.ssl is not None)
        if self.hang_up == "after data":
            cast(Any, server.transport).abort()
        return answer


def nobody_answers() -> dict[str, str]:
    """Settings of a mail server that whoever wants mail opens there."""
    return {"smtp_url": f"smtp://127.0.0.1:{free_port()}", "smtp_from": "troupe@example.com"}


def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    right = isinstance(data, LoginPassword) and (data.login, data.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=right, handled=False)  # the server then says 535 itself


@contextmanager
def opened(office: PostOffice, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Server]:
    """Where it answers. port: 0 for any.  tls: then STARTTLS is required, and whoever comes has to sign in."""
    port = port or free_port()
    asks: dict[str, Any] = {"authenticator": check, "auth_required": True} if tls else {}
    controller = Controller(
        office,
        hostname="127.0.0.1",
        port=port,
        tls_context=tls,
        require_starttls=tls is not None,
        **asks,
    )
    controller.start()
    office.callers = 0
    try:
        yield Server("127.0.0.1", port, "none")
    finally:
        controller.stop()
