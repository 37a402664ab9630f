"""From a name to addresses. Whoever resolves also vouches, which is how tests reach a server on loopback."""

import socket
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Resolved:
    """One address to connect to.

    ip: IPv4 or IPv6, as text.
    port: connect there instead of the URL's port; None keeps the URL's.
    trusted: the resolver vouches for it, so the guard is not asked. The system's resolver never does.
    """

    ip: str
    port: int | None = None
    trusted: bool = False


class Resolver(Protocol):
    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        """All addresses of `host` (a name, or an address in any notation), best first.

        Raises socket.gaierror when there are none or the name service does not answer.
        """


class SystemResolver:
    """What this machine knows: its hosts file, then its name servers.

    It also turns 2130706433, 0x7f.1 and 0177.0.0.1 into the 127.0.0.1 that they are.
    """

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError as broken:  # a label that is empty or over 63 bytes
            raise socket.gaierror(socket.EAI_NONAME, "not a host name") from broken
        return tuple(dict.fromkeys(Resolved(str(address[0])) for *_, address in found))
