"""Mail: whether the server would take one. It is asked as for a mail, and none is sent."""

from __future__ import annotations

import time
from collections.abc import Iterator

from agents.oncall.reach import Sending
from bot.doctor.finding import Finding, fail, ok
from bot.doctor.patient import Patient

SET = "Set SMTP_URL (smtps://user:password@host:465) and SMTP_FROM in .env, then restart."


def server(patient: Patient) -> Iterator[Finding]:
    settings, mailer = patient.settings, patient.troupe.mailer
    if settings.smtp_url is None and settings.smtp_from is None:
        yield ok("mail", "No mail server is set; people are reached in chat and by webhook", SET)
        return
    if mailer is None:
        yield fail("mail", f"{settings.mail_misses} is not set, so no mail is sent.", SET)
        return
    begun = time.monotonic()
    found = mailer.look()
    at = f"{mailer.server.host}:{mailer.server.port}"
    if found.sending is Sending.SENT:
        took = time.monotonic() - begun
        secure = {"none": "without TLS, on this machine", "starttls": "STARTTLS"}.get(
            mailer.server.tls, "TLS"
        )
        known = f", signs in as {mailer.server.user}" if mailer.server.user else ", without a password"
        yield ok("mail", f"{at} takes mail: {secure}{known}, in {took:.1f} s")
    else:
        yield fail("mail", f"{at} takes no mail. {found.words}", _remedy(found.words))


def _remedy(words: str) -> str:
    if "does not let Troupe in" in words:
        return "Look at the user and the password in SMTP_URL; many providers want an app password, and write @ as %40."
    if "certificate" in words:
        return (
            "Use the name that stands in its certificate, or name your own authority's file in SSL_CERT_FILE."
        )
    if "STARTTLS" in words:
        return "Use smtps:// with the server's TLS port (mostly 465) in SMTP_URL."
    return "Look at host and port in SMTP_URL, and whether this machine's network lets it out: many block port 25."


CHECKS = (server,)
