"""Where mail is handed over, as one address says it: read by the settings, so without anything that is heavy."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Literal
from urllib.parse import unquote, urlsplit

PORTS = {"smtps": 465, "smtp": 587}
"""RFC 8314: what clients hand mail over at, with TLS from the start and with STARTTLS."""

Tls = Literal["from the start", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """tls: "none" only where the mail does not leave this machine."""

    host: str
    port: int
    tls: Tls
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> Server:
        """url: smtps://user:password@host:465, or smtp://…, where STARTTLS is required but on loopback.  Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError(
                "it should look like smtps://user:password@host:465 or smtp://user:password@host:587"
            )
        plain: Tls = "none" if _is_loopback(parts.hostname) else "starttls"
        return cls(
            parts.hostname,
            parts.port or PORTS[parts.scheme],
            "from the start" if parts.scheme == "smtps" else plain,
            unquote(parts.username or ""),
            unquote(parts.password or ""),
        )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
