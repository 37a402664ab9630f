"""What a member does in Discord.  Plain, blocking verbs, to be called from the test's own thread.

Each waits until the app has made its first response (or Discord has given up) and gives an `Answer`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.discord.emulator import declared, files, payloads, permissions, posting, seeing, typed
from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.interaction import AUTOCOMPLETE, COMMAND, COMPONENT, Interaction, View
from tests.discord.emulator.modal import ENTITIES, Modal
from tests.discord.emulator.permissions import ALL, Can
from tests.discord.emulator.room import Room, reachable
from tests.discord.emulator.state import BUTTON, SELECT, Attachment, Channel, Message, User

if TYPE_CHECKING:
    from tests.discord.emulator.emulator import Emulator

NAMED = re.compile(r"(?<![<\w])([@#])([\w.\-]+)")


@dataclass
class Answer:
    """What came of it, as the member sees it.

    ok: responded to in time, with content that Discord takes.  error: "timeout" (This interaction failed), or
    "undelivered".  url: where a link button leads.  body: the first response.  message: what it wrote or changed, its
    "is thinking…" too, which a later edit turns into the answer.  sent: None when nothing was.
    """

    ok: bool
    error: str = ""
    url: str | None = None
    body: Json | None = None
    message: Message | None = None
    sent: Interaction | None = field(default=None, repr=False)


class Person:
    """One member of the server, with hands."""

    def __init__(self, discord: Emulator, user: User) -> None:
        self.discord, self.user = discord, user

    @property
    def id(self) -> str:
        return self.user.id

    @property
    def name(self) -> str:
        return self.user.name

    @property
    def mention(self) -> str:
        return f"<@{self.id}>"

    def __repr__(self) -> str:
        return f"<Person {self.name} {self.id}>"

    @property
    def direct(self) -> Room:
        """The direct messages with the bot."""
        return Room(self.discord, self.discord.do(lambda: self.discord.world.direct(self.id)))

    # Typing

    def commands(self, in_: Room, kind: int = declared.CHAT_INPUT) -> list[Json]:
        """What the client offers there: as registered, and as permissions have it."""
        world = self.discord.world
        if not world.in_guild and not in_.channel.is_direct:
            return []
        registered = {(c["name"], c.get("guild_id")): c for c in world.commands.values() if c["type"] == kind}
        return [each for each in registered.values() if self._offered(each, in_.channel)]

    def _offered(self, command: Json, place: Channel) -> bool:
        world = self.discord.world
        if place.is_direct:
            contexts = command["contexts"]
            return "guild_id" not in command and (
                1 in contexts if contexts else bool(command["dm_permission"])
            )
        if command["contexts"] and 0 not in command["contexts"]:
            return False
        can = permissions.of(world.guild, place, self.id)
        if can == ALL:
            return True
        member, chosen = world.guild.members[self.id], world.overrides.get(command["id"], {})
        by_role = [chosen[role] for role in (*member.roles, world.guild.id) if role in chosen]
        needed = command["default_member_permissions"]
        allowed = needed is None or (int(needed) != 0 and can & int(needed) == int(needed))
        allowed = any(by_role) if by_role else allowed
        return chosen.get(self.id, allowed) and bool(can & Can.USE_APPLICATION_COMMANDS)

    def _line(self, line: str, in_: Room) -> typed.Line:
        reachable(self.discord, in_.channel, self.id)
        offered = self.commands(in_)
        return typed.line(sorted(offered, key=lambda each: "guild_id" in each), line)

    def types(self, line: str, /, in_: Room, **options: Any) -> Answer:
        """A slash command with its options: `types("/post draft", in_=general, persona="ada", about="our release")`.

        Raises NotPossible where the client would not send it: no such command for this member, a required option
        missing, a value that does not fit.  An option whose name is no Python name: `**{"in": …}`.
        """
        world, typed_line = self.discord.world, self._line(line, in_)
        filled, resolved = typed.filled(world, typed_line.options, options)
        data = typed_line.data(filled, resolved)
        return self._answered(self.interact(COMMAND, lambda: data, None, in_.id))

    def completes(self, line: str, option: str, so_far: Any, /, in_: Room, **others: Any) -> list[Json]:
        """Typing into an option: what the app offers, as {name, value}.  Raises NotPossible when it stays empty-handed."""
        typed_line = self._line(line, in_)
        data = typed_line.data(typed.partly(typed_line.options, option, so_far, others), {})
        asked = self.interact(AUTOCOMPLETE, lambda: data, None, in_.id)
        if not asked.answered:
            raise NotPossible(f"loading options failed: {asked.error}")
        return asked.choices

    def says(
        self,
        text: str,
        in_: Room,
        reply_to: Message | None = None,
        thread: Room | Message | None = None,
        files: Sequence[Attachment] = (),
    ) -> Message:
        """A message.  text: with `@name`, `#channel` or `<@ID>`; "<@BOT>" is the app.  reply_to: it is called, too."""
        room = in_.thread(thread) if isinstance(thread, Message) else thread or in_
        return self.discord.do(lambda: self.say(text, room.channel, reply_to, files))

    def say(
        self,
        text: str,
        place: Channel,
        reply_to: Message | None = None,
        attached: Sequence[Attachment] = (),
    ) -> Message:
        """`says`, on the emulator's own thread."""
        world = self.discord.world
        reachable(
            self.discord, place, self.id, "SEND_MESSAGES_IN_THREADS" if place.is_thread else "SEND_MESSAGES"
        )
        if place.locked:
            raise NotPossible("this thread is locked")
        said = NAMED.sub(self._reference, text.replace("<@BOT>", f"<@{world.bot.id}>"))
        message = Message(world.snowflakes.mint(), place.id, self.id, said, attachments=list(attached))
        message.mentions = posting.pinged(world, said, {"parse": ["users", "roles"]})
        if reply_to is not None:
            message.type = 19
            message.reference = {"type": 0, "channel_id": reply_to.channel, "message_id": reply_to.id}
            if reply_to.user in world.users and reply_to.user not in message.mentions:
                message.mentions.append(reply_to.user)
        return posting.add(world, place, message)

    def _reference(self, found: re.Match[str]) -> str:
        guild, (mark, name) = self.discord.world.guild, found.groups()
        if mark == "#":
            place = guild.called(name)
            return f"<#{place.id}>" if place else found[0]
        member = guild.named(name)
        role = next((each for each in guild.roles.values() if each.name == name), None)
        return f"<@{member.user.id}>" if member else f"<@&{role.id}>" if role else found[0]

    def edits(self, message: Message, text: str) -> None:
        if message.user != self.id or message.deleted:
            raise NotPossible("only one's own messages can be edited")
        message.content = NAMED.sub(self._reference, text)
        self.discord.do(lambda: posting.changed(self.discord.world, message))

    def deletes(self, message: Message) -> None:
        """One's own message, with the right to anybody's; an ephemeral one is dismissed."""
        place = self._place(message)
        allowed = message.user == self.id or message.only_for == self.id
        if not allowed:
            reachable(self.discord, place, self.id, "MANAGE_MESSAGES")
        self.discord.do(lambda: posting.remove(self.discord.world, place, message))

    def reacts(self, emoji: str, to: Message) -> None:
        world, place = self.discord.world, self._place(to)
        reachable(self.discord, place, self.id, "ADD_REACTIONS")
        self.discord.do(lambda: posting.react(world, place, to, emoji, self.id))

    def unreacts(self, emoji: str, to: Message) -> None:
        world, place = self.discord.world, self._place(to)
        self.discord.do(lambda: posting.unreact(world, place, to, emoji, self.id))

    def uploads(self, content: bytes, name: str = "picture.png") -> Attachment:
        """A file of one's own, to be put into an option, a modal or a message."""
        world = self.discord.world
        file = Attachment("", name, content, "")
        return self.discord.do(lambda: files.settle(world, world.guild.id, file))

    # Looking

    def sees(self, in_: Room) -> list[Message]:
        """The messages in a channel or thread as they stand, with those only this member sees, the oldest first."""
        reachable(self.discord, in_.channel, self.id, "READ_MESSAGE_HISTORY")
        shown = [*in_.messages, *(m for m in list(in_.channel.ephemerals) if m.only_for == self.id)]
        return sorted(shown, key=lambda message: int(message.id))

    def private(self, in_: Room) -> list[Message]:
        """The ephemeral messages that only this member sees."""
        return [message for message in self.sees(in_) if message.only_for == self.id]

    def told(self, words: str, in_: Room, timeout_s: float = 10.0) -> Message:
        """Waits for a private message with these words in it."""
        found = self.discord.until(
            lambda: next((m for m in reversed(self.private(in_)) if words in m.words), None), timeout_s
        )
        assert isinstance(found, Message)
        return found

    def buttons(self, on: Message) -> list[str]:
        """The labels of a message's buttons."""
        return seeing.labels(on.components)

    # Pressing and choosing

    def clicks(self, label: str, on: Message, nth: int = 0) -> Answer:
        """A button by its label, emoji or custom_id.  A link button asks nobody."""
        self._can_touch(on)
        button = seeing.button(on.components, label, nth)
        if button["style"] == 5:
            return Answer(ok=True, url=button["url"])
        return self._component(on, {"component_type": BUTTON, "custom_id": button["custom_id"]})

    def chooses(self, option: Any, on: Message, menu: str | None = None, nth: int = 0) -> Answer:
        """An option of a menu by its label or value, a list for several; of other menus a person, role or room."""
        self._can_touch(on)
        wanted = list(option) if isinstance(option, list | tuple) else [option]
        found = seeing.menu(on.components, wanted[0] if wanted else None, menu, nth)
        data: Json = {"component_type": found["type"], "custom_id": found["custom_id"]}
        if found["type"] == SELECT:
            return self._component(on, data | {"values": seeing.values(found, wanted)})
        seeing.counted(found, len(wanted))
        resolved: Json = {}
        kind, world = ENTITIES[found["type"]], self.discord.world
        values = [typed.resolve(world, kind, each, resolved) for each in wanted]
        return self._component(on, data | {"values": values, "resolved": resolved})

    def uses(self, name: str, on: Message) -> Answer:
        """A context menu command on a message."""
        self._can_touch(on, shown=False)
        room, world = Room(self.discord, self._place(on)), self.discord.world
        offered = {each["name"]: each for each in self.commands(room, declared.MESSAGE_MENU)}
        if name not in offered:
            raise NotPossible(f"there is no {name!r} on messages; there are {sorted(offered)}")
        command = offered[name]
        data: Json = {"id": command["id"], "name": name, "type": declared.MESSAGE_MENU, "target_id": on.id}
        if "guild_id" in command:
            data["guild_id"] = command["guild_id"]
        data["resolved"] = {"messages": {on.id: payloads.message(world, on)}}
        return self._answered(self.interact(COMMAND, lambda: data, None, room.id))

    def _component(self, on: Message, data: Json) -> Answer:
        return self._answered(self.interact(COMPONENT, lambda: data, on, on.channel))

    def _place(self, message: Message) -> Channel:
        found = self.discord.world.guild.channels.get(message.channel)
        if found is None:
            raise NotPossible("the channel has been deleted")
        return found

    def _can_touch(self, message: Message, shown: bool = True) -> None:
        if message.deleted:
            raise NotPossible("the message has been deleted")
        if message.only_for not in (None, self.id):
            raise NotPossible("only somebody else sees this message")
        if shown and not message.by_app:
            raise NotPossible("only messages of apps have buttons and menus")
        reachable(self.discord, self._place(message), self.id)

    # Modals

    @property
    def modal(self) -> Modal:
        """The modal in front.  Waits for one as long as a first response may take."""
        self.discord.until(lambda: self.has_modal, self.discord.patience.ack_s + 1)
        view = self._view()
        assert view is not None
        return Modal(self, view)

    @property
    def has_modal(self) -> bool:
        return self._view() is not None

    def _view(self) -> View | None:
        """Only the newest counts: a client shows one modal at a time."""
        opened = [i.opened for i in list(self.discord.world.asked) if i.user == self.id and i.opened]
        return opened[-1] if opened and opened[-1].open else None

    def modal_titled(self, title: str, timeout_s: float = 10.0) -> Modal:
        """Waits until the modal in front has this title."""
        self.discord.until(lambda: self.has_modal and self.modal.title == title, timeout_s)
        return self.modal

    # How it is sent

    def interact(
        self,
        kind: int,
        data: Callable[[], Json],
        message: Message | None,
        channel: str,
        origin: Interaction | None = None,
    ) -> Interaction:
        """Sends an interaction, and waits until it is responded to or given up."""
        return self.discord.do(lambda: self.asking(kind, data(), message, channel, origin)).wait()

    def asking(
        self,
        kind: int,
        data: Json,
        message: Message | None,
        channel: str,
        origin: Interaction | None = None,
    ) -> Interaction:
        """`interact` without the waiting, on the emulator's own thread."""
        world = self.discord.world
        place = world.guild.channels.get(channel)
        if place is None:
            raise NotPossible("the channel has been deleted")
        id, token = world.snowflakes.mint(), world.new_token()
        payload = payloads.interaction(world, kind, id, token, self.user, place, data)
        if (
            message is not None
        ):  # the message itself, where somebody acts on what their client still shows of it
            message = place.messages.get(message.id, message)
            payload["message"] = payloads.message(world, message)
        return world.ask(Interaction(id, token, kind, self.id, channel, payload, message, origin))

    def _answered(self, asked: Interaction) -> Answer:
        return Answer(asked.answered, asked.error, body=asked.body, message=asked.response, sent=asked)

    # The account itself

    def takes_direct_messages(self, takes: bool) -> None:
        self.user.takes_direct = takes

    def gets(self, *roles: str) -> None:
        """From now on the member has these roles, and no others."""
        given = [self.discord.role(each).id for each in roles]
        self.discord.do(lambda: self._gets(given))

    def _gets(self, roles: list[str]) -> None:
        world = self.discord.world
        member = world.guild.members[self.id]
        member.roles = roles
        world.tell("GUILD_MEMBER_UPDATE", member.told() | {"guild_id": world.guild.id})

    def leaves(self) -> None:
        """The member leaves the server."""
        world = self.discord.world
        world.guild.members.pop(self.id, None)
        gone: Json = {"guild_id": world.guild.id, "user": self.user.told()}
        self.discord.do(lambda: world.tell("GUILD_MEMBER_REMOVE", gone))
