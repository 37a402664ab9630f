"""Whether the console can listen, and whether it answers."""

import asyncio
import errno
import socket
from urllib.parse import urlsplit

from bot.supervise import CannotStart

ANSWER_S = 5.0


class CannotListen(CannotStart):
    """The console's address cannot be had. The text says why and which variable changes it."""


def check_port(host: str, port: int) -> None:
    """Raises CannotListen if nobody could listen there."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise CannotListen(
                f"Port {port} is in use by another program. Start on another one: PORT={port + 1} ./troupe up"
            ) from None
        if error.errno == errno.EACCES:
            raise CannotListen(
                f"Port {port} is for the administrator only. Start on another one: PORT=8420 ./troupe up"
            ) from None
        raise CannotListen(
            f"HOST={host} is no address of this machine ({error.strerror}). Leave it out for 127.0.0.1"
        ) from None


async def status(address: str) -> int | None:
    """What `/readyz` answers there: 200 when ready, another status when not yet, None when nobody answers."""
    try:
        async with asyncio.timeout(ANSWER_S):
            place = urlsplit(address)
            reader, writer = await asyncio.open_connection(place.hostname, place.port)
            writer.write(
                f"GET /readyz HTTP/1.1\r\nHost: {place.netloc}\r\nConnection: close\r\n\r\n".encode()
            )
            first = await reader.readline()
            writer.close()
    except (OSError, TimeoutError):
        return None
    words = first.split()
    return int(words[1]) if len(words) > 1 and words[1].isdigit() else None
