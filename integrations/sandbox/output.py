"""What a command says: its beginning and its end are kept."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Output:
    """limit: bytes that are kept, half from the beginning, half from the end."""

    limit: int
    total: int = 0
    _head: bytearray = field(default_factory=bytearray)
    _tail: bytearray = field(default_factory=bytearray)

    def add(self, data: bytes) -> None:
        self.total += len(data)
        room = self._half - len(self._head)
        self._head += data[:room]
        self._tail += data[room:]
        if len(self._tail) > 4 * self._half:  # now and then, not each time
            del self._tail[: -self._half]

    @property
    def cut(self) -> int:
        """Bytes that were thrown away."""
        return max(0, self.total - 2 * self._half)

    def text(self) -> str:
        left_out = f"\n… {self.cut} bytes left out …\n".encode() if self.cut else b""
        return (self._head + left_out + self._tail[-self._half :]).decode(errors="replace")

    @property
    def _half(self) -> int:
        return self.limit // 2
