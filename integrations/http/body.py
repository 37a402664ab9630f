"""The body of an answer, unpacked by us, so that the cap counts what would end up in memory."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import httpcore
import httpx

from integrations.http.errors import FetchError, NotAllowedType, TookTooLong, TooLarge, Unreachable

PIECE = 65_536  # bytes unpacked at once: a bomb is stopped at max_bytes plus one piece
GZIP = ("gzip", "x-gzip")


class Body(httpx.SyncByteStream):
    """Yields at most `max_bytes` unpacked bytes. Raises TooLarge, TookTooLong, Unreachable."""

    def __init__(self, response: httpcore.Response, host: str, max_bytes: int, encoding: str) -> None:
        self._response = response
        self._host = host
        self._max_bytes = max_bytes
        self._gzipped = encoding in GZIP

    def __iter__(self) -> Iterator[bytes]:
        seen = 0
        try:
            raw = self._response.iter_stream()
            for piece in _unzipped(raw) if self._gzipped else raw:
                seen += len(piece)
                if seen > self._max_bytes:
                    raise too_large(self._host, self._max_bytes)
                yield piece
        except zlib.error as error:
            raise Unreachable(f"{self._host} sent broken compressed data.") from error
        except FOREIGN as error:
            raise in_our_words(self._host, error) from error

    def close(self) -> None:
        self._response.close()


def encoding_of(headers: httpx.Headers, host: str) -> str:
    """ "" or a name for gzip, the one compression the door asks for.  Raises NotAllowedType for any other."""
    encoding: str = headers.get("content-encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return ""
    if encoding not in GZIP:
        raise NotAllowedType(f"{host} sent its answer packed as {encoding}, which nobody asked for.")
    return encoding


def too_large(host: str, max_bytes: int) -> TooLarge:
    return TooLarge(f"{host} sends more than the {max_bytes:,} bytes that are read of such an answer.")


FOREIGN = (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError)


def in_our_words(host: str, error: Exception) -> FetchError:
    """What went wrong with a request that may have arrived, unless it never got a connection."""
    if isinstance(error, httpcore.TimeoutException):
        sent = not isinstance(error, httpcore.PoolTimeout)
        return TookTooLong(f"{host} took too long to answer.", remedy="Try again later.", sent=sent)
    return Unreachable(f"{host} broke off: {error}.", remedy="Try again later.")


def _unzipped(chunks: Iterator[bytes]) -> Iterator[bytes]:
    inflate = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    started = False  # the answer to a HEAD has the header of a packed body and no body
    for chunk in chunks:
        started = True
        while chunk and not inflate.eof:
            yield inflate.decompress(chunk, PIECE)
            chunk = inflate.unconsumed_tail
        if inflate.eof:  # what follows is no part of the answer, and zlib would hoard it
            return
    if started:
        raise zlib.error("it ends in the middle")
