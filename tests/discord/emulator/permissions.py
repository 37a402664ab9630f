"""Permission bits, and what somebody may do in a channel.  docs.discord.com/developers/topics/permissions"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntFlag
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.discord.emulator.state import Channel, Guild


class Can(IntFlag):
    KICK_MEMBERS = 1 << 1
    ADMINISTRATOR = 1 << 3
    MANAGE_CHANNELS = 1 << 4
    MANAGE_GUILD = 1 << 5
    ADD_REACTIONS = 1 << 6
    VIEW_CHANNEL = 1 << 10
    SEND_MESSAGES = 1 << 11
    MANAGE_MESSAGES = 1 << 13
    EMBED_LINKS = 1 << 14
    ATTACH_FILES = 1 << 15
    READ_MESSAGE_HISTORY = 1 << 16
    MENTION_EVERYONE = 1 << 17
    MANAGE_ROLES = 1 << 28
    MANAGE_WEBHOOKS = 1 << 29
    USE_APPLICATION_COMMANDS = 1 << 31
    MANAGE_THREADS = 1 << 34
    CREATE_PUBLIC_THREADS = 1 << 35
    CREATE_PRIVATE_THREADS = 1 << 36
    SEND_MESSAGES_IN_THREADS = 1 << 38

    @classmethod
    def named(cls, names: Iterable[str]) -> Can:
        """Raises KeyError for a name that Discord does not have."""
        total = cls(0)
        for name in names:
            total |= cls[name]
        return total


ALL = Can.named(Can.__members__)
EVERYONE = Can.named(
    [
        "ADD_REACTIONS",
        "VIEW_CHANNEL",
        "SEND_MESSAGES",
        "EMBED_LINKS",
        "ATTACH_FILES",
        "READ_MESSAGE_HISTORY",
        "USE_APPLICATION_COMMANDS",
        "CREATE_PUBLIC_THREADS",
        "SEND_MESSAGES_IN_THREADS",
    ]
)
BOT = EVERYONE | Can.MANAGE_WEBHOOKS | Can.MANAGE_MESSAGES | Can.MANAGE_THREADS | Can.CREATE_PRIVATE_THREADS


def of(guild: Guild, channel: Channel, user: str) -> Can:
    """What a member may do in a channel or thread; nothing for somebody who is no member."""
    if channel.is_direct:
        return EVERYONE if user in channel.members else Can(0)
    member = guild.members.get(user)
    if member is None:
        return Can(0)
    base = guild.granted(member.roles)
    if user == guild.owner or base & Can.ADMINISTRATOR:
        return ALL
    place = guild.channels.get(channel.parent_id or "", channel) if channel.is_thread else channel
    for ids in ((guild.id,), tuple(member.roles), (user,)):
        overwrites = [place.overwrites[each] for each in ids if each in place.overwrites]
        for _, deny in overwrites:
            base &= ~deny
        for allow, _ in overwrites:
            base |= allow
    return base if base & Can.VIEW_CHANNEL else Can(0)
