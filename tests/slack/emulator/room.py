"""A channel as people see and change it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tests.slack.emulator.errors import Json, NotPossible
from tests.slack.emulator.state import Channel, Message

if TYPE_CHECKING:
    from tests.slack.emulator.emulator import Emulator


class Somebody(Protocol):
    """A person, or the app's own user."""

    @property
    def id(self) -> str: ...


def reachable(channel: Channel, user: str, writing: bool = True) -> None:
    """Raises NotPossible for a channel the person is not in, or one that is archived."""
    if user not in channel.members:
        raise NotPossible(f"not a member of #{channel.name}")
    if writing and channel.archived:
        raise NotPossible(f"#{channel.name} is archived")


class Room:
    """channel: its state, to look at."""

    def __init__(self, slack: Emulator, channel: Channel) -> None:
        self.slack, self.channel = slack, channel

    @property
    def id(self) -> str:
        return self.channel.id

    @property
    def name(self) -> str:
        return self.channel.name

    @property
    def messages(self) -> list[Message]:
        """Everything that all members see, replies too, the oldest first."""
        return list(self.channel.messages.values())

    @property
    def posts(self) -> list[Message]:
        """The same, of the app alone."""
        return [message for message in self.messages if message.by_app]

    def thread(self, root: Message) -> list[Message]:
        """The replies to a message."""
        return [self.channel.messages[ts] for ts in root.replies]

    def shows(self, words: str, timeout_s: float = 10.0) -> Message:
        """Waits for a message of the app with these words in it, and gives the newest."""
        found = self.slack.until(
            lambda: next((m for m in reversed(self.posts) if words in m.words or words in m.text), None),
            timeout_s,
        )
        assert isinstance(found, Message)
        return found

    def archive(self) -> None:
        self.channel.archived = True
        self._tell("archive")

    def unarchive(self) -> None:
        self.channel.archived = False
        self._tell("unarchive")

    def rename(self, name: str) -> None:
        self.channel.name = name
        self._tell("rename", channel={"id": self.id, "name": name, "created": 1_700_000_000})

    def delete(self) -> None:
        """The channel is gone for good."""
        self._tell("deleted")
        self.slack.do(lambda: self.slack.world.workspace.channels.pop(self.id, None))

    def restrict(self, restricted: bool = True) -> None:
        """Only admins may post: the app is refused with `restricted_action`."""
        self.channel.restricted = restricted

    def invite(self, somebody: Somebody) -> None:
        if somebody.id not in self.channel.members:
            self.channel.members.add(somebody.id)
            self._membership("member_joined_channel", somebody.id)

    def kick(self, somebody: Somebody) -> None:
        """The app, put out, hears `channel_left` (`group_left`); of others it hears that they left."""
        if somebody.id not in self.channel.members:
            return
        if somebody.id == self.slack.bot.id:
            self._tell("left")
        else:
            self._membership("member_left_channel", somebody.id)
        self.channel.members.discard(somebody.id)

    def _membership(self, kind: str, user: str) -> None:
        letter = "C" if self.channel.kind == "channel" else "G"
        event = {
            "type": kind,
            "user": user,
            "channel": self.id,
            "channel_type": letter,
            "team": self.slack.team,
        }
        self._event(event, kind)

    def _tell(self, what: str, **more: object) -> None:
        kind = f"{'channel' if self.channel.kind == 'channel' else 'group'}_{what}"
        self._event({"type": kind, "channel": self.id, **more}, kind)

    def _event(self, event: Json, kind: str) -> None:
        if self.slack.bot.id in self.channel.members:
            stamp = self.slack.world.workspace.stamp()
            self.slack.event({**event, "event_ts": stamp}, kind)
