"""Which intent lets an app hear which event.  docs.discord.com/developers/events/gateway#gateway-intents"""

from collections.abc import Mapping

from tests.discord.emulator.errors import Json

GUILDS, MEMBERS, WEBHOOKS, PRESENCES = 1 << 0, 1 << 1, 1 << 5, 1 << 8
MESSAGES, REACTIONS, TYPING = 1 << 9, 1 << 10, 1 << 11
TO_DIRECT = 3  # the same three for direct messages are three bits further up
MESSAGE_CONTENT = 1 << 15
PRIVILEGED = MEMBERS | PRESENCES | MESSAGE_CONTENT
ALL = sum(1 << bit for bit in (*range(17), 20, 21, 24, 25))

NEEDS: Mapping[str, int] = {
    **dict.fromkeys(
        [
            "GUILD_CREATE",
            "GUILD_UPDATE",
            "GUILD_DELETE",
            "GUILD_ROLE_CREATE",
            "GUILD_ROLE_UPDATE",
            "GUILD_ROLE_DELETE",
            "CHANNEL_CREATE",
            "CHANNEL_UPDATE",
            "CHANNEL_DELETE",
            "THREAD_CREATE",
            "THREAD_UPDATE",
            "THREAD_DELETE",
        ],
        GUILDS,
    ),
    **dict.fromkeys(["GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE"], MEMBERS),
    "WEBHOOKS_UPDATE": WEBHOOKS,
    **dict.fromkeys(["MESSAGE_CREATE", "MESSAGE_UPDATE", "MESSAGE_DELETE"], MESSAGES),
    **dict.fromkeys(["MESSAGE_REACTION_ADD", "MESSAGE_REACTION_REMOVE"], REACTIONS),
    "TYPING_START": TYPING,
}  # events that are not named here come to everybody


def wanted(event: str, data: Json, intents: int) -> bool:
    needed = NEEDS.get(event, 0)
    if needed in {MESSAGES, REACTIONS, TYPING} and not data.get("guild_id"):
        needed <<= TO_DIRECT
    return not needed or bool(intents & needed)
