"""How the gateway packs what it sends: as text, or as one compressed stream over all messages of a connection.

docs.discord.com/developers/events/gateway#encoding-and-compression
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping

import zstandard

Pack = Callable[[str], bytes | str]
ZSTD = zstandard.ZstdCompressionParameters.from_level(6, window_log=18, chain_log=16, hash_log=16)
"""As Discord's gateways have it, which also says how much a client holds of what it unpacked.

discord.com/blog/how-discord-reduced-websocket-traffic-by-40-percent
"""


def _plain() -> Pack:
    return lambda frame: frame


def _zlib() -> Pack:
    stream = zlib.compressobj()
    return lambda frame: stream.compress(frame.encode()) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstd() -> Pack:
    stream = zstandard.ZstdCompressor(compression_params=ZSTD).compressobj()

    def pack(frame: str) -> bytes:
        return stream.compress(frame.encode()) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)

    return pack


PACKERS: Mapping[str | None, Callable[[], Pack]] = {None: _plain, "zlib-stream": _zlib, "zstd-stream": _zstd}
