"""What the bot may do in a server and in each of its channels, reckoned as Discord does.

docs.discord.com/developers/topics/permissions
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ADMINISTRATOR = 1 << 3
NEEDED: Mapping[str, tuple[int, str]] = {
    "View Channels": (1 << 10, "without it nothing works there"),
    "Send Messages": (1 << 11, "cards and answers"),
    "Embed Links": (1 << 14, "links and pictures shown in messages"),
    "Attach Files": (1 << 15, "pictures, and texts too long for a message"),
    "Read Message History": (1 << 16, "what was said while Troupe was away, and what a crash left"),
    "Manage Webhooks": (1 << 29, "personas under their own names"),
    "Create Public Threads": (1 << 35, "answers in threads"),
    "Send Messages in Threads": (1 << 38, "answers in threads"),
}
"""By the names that Discord shows: the bit, and what it is for."""
PERMISSIONS = sum(bit for bit, _ in NEEDED.values())
"""As an invitation asks for them."""


def missing(can: int) -> list[str]:
    """Names of those that are not in it."""
    if can & ADMINISTRATOR:
        return []
    return [name for name, (bit, _) in NEEDED.items() if not can & bit]


def in_words(names: Iterable[str]) -> str:
    return ", ".join(f"{name} ({NEEDED[name][1]})" for name in names)


@dataclass(frozen=True, slots=True)
class Membership:
    """The bot in a server.  roles: all it has, by id; @everyone's has the server's own."""

    server: str
    user: str
    roles: Mapping[str, int]

    @classmethod
    def told(
        cls, server: str, user: str, member: Mapping[str, Any], roles: Sequence[Mapping[str, Any]]
    ) -> Membership:
        """As Discord answers for the member and for the server's roles."""
        has = {server, *map(str, member["roles"])}
        return cls(
            server, user, {str(role["id"]): int(role["permissions"]) for role in roles if role["id"] in has}
        )

    def can(self, overwrites: Iterable[Mapping[str, Any]]) -> int:
        """What it may do in a channel with these overwrites: everyone's, then those of all its roles together, then its own."""
        can = 0
        for granted in self.roles.values():
            can |= granted
        if can & ADMINISTRATOR:
            return can
        there = {str(one["id"]): (int(one["deny"]), int(one["allow"])) for one in overwrites}
        for ids in ([self.server], [id for id in self.roles if id != self.server], [self.user]):
            found = [there[id] for id in ids if id in there]
            for deny, _ in found:
                can &= ~deny
            for _, allow in found:
                can |= allow
        return can
