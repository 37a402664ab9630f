"""Where somebody can be told something in private in Discord, and how their interaction stands."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import Literal

LIVES_S = 14 * 60.0
"""Of an interaction's token: 15 minutes, with some to spare."""


@dataclass(slots=True)
class Ear:
    """user: Discord's own id. Without a token there is no interaction behind it, only a person.

    state: new, nothing was answered yet, within 3 s something has to be; thinking, a private answer was promised;
    updating, the press was taken and needs no answer; answered.
    """

    user: str
    id: str = ""
    token: str = ""
    state: Literal["new", "thinking", "updating", "answered"] = "answered"
    begun_at: float = field(default_factory=monotonic)

    @property
    def alive(self) -> bool:
        return bool(self.token) and monotonic() - self.begun_at < LIVES_S
