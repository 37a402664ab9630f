"""A channel, thread or conversation as people see and change it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.discord.emulator import payloads, permissions, posting
from tests.discord.emulator.errors import NotPossible
from tests.discord.emulator.permissions import Can
from tests.discord.emulator.routes import threads
from tests.discord.emulator.state import PUBLIC_THREAD, Channel, Message, Webhook
from tests.discord.emulator.typed import Somewhat

if TYPE_CHECKING:
    from tests.discord.emulator.emulator import Emulator


def reachable(discord: Emulator, channel: Channel, user: str, *names: str) -> None:
    """Raises NotPossible for a channel that the member cannot see, or where they may not do this."""
    if channel.id not in discord.world.guild.channels:
        raise NotPossible(f"#{channel.name} has been deleted")
    can = permissions.of(discord.world.guild, channel, user)
    missing = Can.named(["VIEW_CHANNEL", *names]) & ~can
    if missing:
        raise NotPossible(f"no {missing.name} in #{channel.name}")


class Room:
    """channel: its state, to look at."""

    def __init__(self, discord: Emulator, channel: Channel) -> None:
        self.discord, self.channel = discord, channel

    @property
    def id(self) -> str:
        return self.channel.id

    @property
    def name(self) -> str:
        return self.channel.name

    @property
    def mention(self) -> str:
        return f"<#{self.id}>"

    def __repr__(self) -> str:
        return f"<Room {self.name} {self.id}>"

    @property
    def messages(self) -> list[Message]:
        """Everything that all members see, the oldest first."""
        return list(self.channel.messages.values())

    @property
    def posts(self) -> list[Message]:
        """The same, of the app alone: by the bot, or by its webhooks."""
        return [message for message in self.messages if message.by_app]

    @property
    def threads(self) -> list[Room]:
        every = list(self.discord.world.guild.channels.values())
        return [Room(self.discord, each) for each in every if each.parent_id == self.id]

    def thread(self, of: Message | str) -> Room:
        """The thread at a message, or the one of that name.  Raises NotPossible when there is none."""
        for each in self.threads:
            if each.name == of or (isinstance(of, Message) and each.id == of.thread):
                return each
        raise NotPossible(
            f"#{self.name} has no such thread; there are {[each.name for each in self.threads]}"
        )

    def shows(self, words: str, timeout_s: float = 10.0) -> Message:
        """Waits for a message of the app with these words in it, and gives the newest."""
        found = self.discord.until(
            lambda: next((m for m in reversed(self.posts) if words in m.words), None), timeout_s
        )
        assert isinstance(found, Message)
        return found

    def typing(self, within_s: float = 10.0) -> bool:
        """Whether the app shows that it is writing: for ten seconds after it said so."""
        now = self.discord.now()
        return any(now - at < within_s for at, who in self.channel.typing if who == self.discord.bot.id)

    # What admins do

    def begins_thread(self, name: str, on: Message | None = None) -> Room:
        """A thread that somebody else than the app begins."""
        world = self.discord.world

        def begin() -> Channel:
            id = on.id if on else world.snowflakes.mint()
            body = {"name": name}
            thread = threads.begin(world, self.channel, id, body, PUBLIC_THREAD, world.guild.owner)
            if on:
                on.thread = id
            return thread

        return Room(self.discord, self.discord.do(begin))

    def webhook(self, name: str) -> Webhook:
        """One that an admin made, not the app: it can be used, but has no buttons."""
        world = self.discord.world
        made = Webhook(world.snowflakes.mint(), f"by-hand-{name}", self.id, name, world.guild.owner)
        made.by_app = False
        world.webhooks[made.id] = made
        return made

    def removes_webhooks(self) -> None:
        """An admin removes all webhooks of this channel."""
        self.discord.do(self._remove_webhooks)

    def _remove_webhooks(self) -> None:
        world = self.discord.world
        for webhook in [w for w in world.webhooks.values() if w.channel == self.id]:
            del world.webhooks[webhook.id]
        told = {"guild_id": world.guild.id, "channel_id": self.id}
        world.tell("WEBHOOKS_UPDATE", told, self.channel)

    def archive(self, locked: bool = False) -> None:
        """Of a thread: it is closed; locked, only moderators can open it again."""
        if not self.channel.is_thread:
            raise NotPossible("only threads are archived")
        self.channel.archived, self.channel.locked = True, locked
        self._updated()

    def unarchive(self) -> None:
        self.channel.archived = self.channel.locked = False
        self._updated()

    def rename(self, name: str) -> None:
        self.channel.name = name
        self._updated()

    def _updated(self) -> None:
        world, event = self.discord.world, "THREAD_UPDATE" if self.channel.is_thread else "CHANNEL_UPDATE"
        self.discord.do(lambda: world.tell(event, payloads.channel(world, self.channel), self.channel))

    def delete(self) -> None:
        """The channel is gone for good, its threads and webhooks with it."""
        self.discord.do(self._delete)

    def _delete(self) -> None:
        world = self.discord.world
        for each in [c for c in world.guild.channels.values() if c.parent_id == self.id]:
            del world.guild.channels[each.id]
        event = "THREAD_DELETE" if self.channel.is_thread else "CHANNEL_DELETE"
        world.tell(event, payloads.channel(world, self.channel), self.channel)
        del world.guild.channels[self.id]
        for webhook in [w for w in world.webhooks.values() if w.channel == self.id]:
            del world.webhooks[webhook.id]

    def deletes(self, message: Message) -> None:
        """A moderator deletes a message."""
        self.discord.do(lambda: posting.remove(self.discord.world, self.channel, message))

    def denies(self, somebody: Somewhat, *names: str) -> None:
        """Here a role, member or the bot may not do these things: VIEW_CHANNEL, SEND_MESSAGES …"""
        self._overwrite(somebody, Can.named(names), allow=False)

    def allows(self, somebody: Somewhat, *names: str) -> None:
        """The opposite; it also lifts what was denied."""
        self._overwrite(somebody, Can.named(names), allow=True)

    def _overwrite(self, somebody: Somewhat, bits: Can, allow: bool) -> None:
        if self.channel.is_thread:
            raise NotPossible("a thread has its channel's permissions")
        allowed, denied = self.channel.overwrites.get(somebody.id, (Can(0), Can(0)))
        new = (allowed | bits, denied & ~bits) if allow else (allowed & ~bits, denied | bits)
        self.discord.do(lambda: self._set(somebody.id, new))

    def _set(self, id: str, overwrite: tuple[Can, Can]) -> None:
        """Who loses sight of a channel hears that it is gone, who gains it that it is there."""
        world = self.discord.world
        saw = world.may(self.channel, "VIEW_CHANNEL")
        self.channel.overwrites[id] = overwrite
        sees = world.may(self.channel, "VIEW_CHANNEL")
        if sees or saw:
            event = "CHANNEL_UPDATE" if sees and saw else "CHANNEL_CREATE" if sees else "CHANNEL_DELETE"
            world.tell(event, payloads.channel(world, self.channel))
