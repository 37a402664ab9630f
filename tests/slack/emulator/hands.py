"""What a person does in Slack.  Plain, blocking verbs, to be called from the test's own thread.

Each waits until the app has acknowledged (or Slack has given up) and gives an `Answer`.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.slack.emulator import payloads, posting, responses, seeing
from tests.slack.emulator.args import Args
from tests.slack.emulator.delivery import Delivery
from tests.slack.emulator.errors import Json, NotPossible, Refused
from tests.slack.emulator.inputs import entered
from tests.slack.emulator.modal import Home, Modal
from tests.slack.emulator.room import Room, reachable
from tests.slack.emulator.state import Channel, File, Message, User, View
from tests.slack.emulator.words import escaped, rich, typed
from tests.slack.emulator.world import ResponseUrl

if TYPE_CHECKING:
    from tests.slack.emulator.emulator import Emulator

FAILED = {"timeout": "operation_timeout", "http_timeout": "operation_timeout"}  # else dispatch_failed


@dataclass
class Answer:
    """What came of it, as the person sees it.

    ok: acknowledged in time, with content that Slack takes.  error: Slack's word when not.  confirm: what the dialog
    asked.  url: where a link button leads.  body: the payload of the acknowledgement.  sent: None when nothing was.
    """

    ok: bool
    error: str = ""
    confirm: Json | None = None
    url: str | None = None
    body: Json | None = None
    sent: Delivery | None = field(default=None, repr=False)


class Person:
    """One user of the workspace, with hands."""

    def __init__(self, slack: Emulator, user: User) -> None:
        self.slack, self.user = slack, user

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

    # Typing

    def types(self, line: str, in_: Room, thread: Message | None = None) -> Answer:
        """A slash command, "/post draft @ada …".  Works in any channel the person is in, the app need not be."""
        name, _, text = line.partition(" ")
        world, channel = self.slack.world, in_.channel
        if thread is not None:
            raise NotPossible(f"{name} is not supported in threads. Sorry!")
        known = world.manifest.commands
        if known is not None and (name not in known or not world.granted("commands")):
            raise NotPossible(f"{name} is not a valid command; the manifest names {sorted(known)}")
        reachable(channel, self.id)
        entry = (known or {}).get(name, {})
        said = escaped(world.workspace, text) if entry.get("should_escape", known is None) else text
        delivery = self._send(
            lambda: payloads.command(world, self.user, channel, name, said.strip()), "slash_commands"
        )
        return self._answered(delivery, channel)

    def says(
        self, text: str, in_: Room, thread: Message | None = None, files: Sequence[File] = ()
    ) -> Message:
        """A message; the app hears of it as `message` and, when it is mentioned, as `app_mention` too.

        text: with `@name`, `#channel` or `<@ID>`; "<@BOT>" is the app.
        """
        return self.slack.do(lambda: self.say(text, in_.channel, thread, files))

    def say(
        self, text: str, channel: Channel, thread: Message | None = None, files: Sequence[File] = ()
    ) -> Message:
        """`says`, on the emulator's own thread."""
        world = self.slack.world
        reachable(channel, self.id)
        said = typed(world.workspace, text.replace("<@BOT>", f"<@{world.bot.id}>"))
        message = Message(
            world.workspace.stamp(),
            channel.id,
            self.id,
            said,
            blocks=rich(said),
            files=[world.file_told(file) for file in files],
            subtype="file_share" if files else None,
            thread_ts=(thread.thread_ts or thread.ts) if thread else None,
            client_msg_id=str(uuid.uuid4()),
        )
        posting.add(world, channel, message)
        if f"<@{world.bot.id}>" in said and channel.kind != "im" and world.bot.id in channel.members:
            told = {k: v for k, v in posting.told(world, message).items() if k != "subtype"}
            event = {**told, "type": "app_mention", "channel": channel.id, "event_ts": message.ts}
            world.emit(event, "app_mention")
        return message

    def edits(self, message: Message, text: str) -> None:
        if message.user != self.id or message.deleted:
            raise NotPossible("only one's own messages can be edited")
        self.slack.do(lambda: self._edit(message, text))

    def _edit(self, message: Message, text: str) -> None:
        world = self.slack.world
        before = posting.told(world, message)
        message.text = typed(world.workspace, text)
        message.blocks, message.edited = rich(message.text), True
        posting.changed(world, world.workspace.channels[message.channel], message, before)

    def deletes(self, message: Message) -> None:
        """One's own message, an admin anybody's; an ephemeral one is dismissed."""
        if message.only_for == self.id:
            self.slack.world.workspace.channels[message.channel].ephemerals.remove(message)
            return
        if message.user != self.id and not self.user.admin:
            raise NotPossible("only one's own messages can be deleted")
        world = self.slack.world
        self.slack.do(lambda: posting.remove(world, world.workspace.channels[message.channel], message))

    def reacts(self, name: str, to: Message) -> None:
        world = self.slack.world
        to.reactions.setdefault(name, []).append(self.id)
        item = {"type": "message", "channel": to.channel, "ts": to.ts}
        event: Json = {"type": "reaction_added", "user": self.id, "reaction": name, "item": item}
        event |= {"item_user": to.user, "event_ts": world.workspace.stamp()}
        if world.bot.id in world.workspace.channels[to.channel].members:
            self.slack.event(event, "reaction_added")

    # Looking

    def sees(self, in_: Room, thread: Message | None = None) -> list[Message]:
        """The messages in a channel (or in one thread of it) as they stand, with those only this person sees."""
        reachable(in_.channel, self.id, writing=False)
        root = (thread.thread_ts or thread.ts) if thread else None
        shown = [
            *in_.channel.messages.values(),
            *(m for m in in_.channel.ephemerals if m.only_for == self.id),
        ]
        here = [m for m in shown if root is None or root in (m.thread_ts, m.ts)]
        return sorted(here, key=lambda message: message.ts)

    def private(self, in_: Room) -> list[Message]:
        """The ephemeral messages that only this person sees, the oldest first."""
        return [message for message in self.sees(in_) if message.only_for == self.id]

    def told(self, words: str, in_: Room, timeout_s: float = 10.0) -> Message:
        """Waits for a private message with these words in it."""
        found = self.slack.until(
            lambda: next((m for m in self.private(in_) if words in m.words or words in m.text), None),
            timeout_s,
        )
        assert isinstance(found, Message)
        return found

    # Clicking

    def clicks(self, label: str, on: Message | Modal | Home, *, confirm: bool = True, nth: int = 0) -> Answer:
        """A button, by its label or action_id.  confirm: what is pressed in its dialog, if it has one.

        on: a message as it stands, or `as_seen` some time ago: a click on a card that has changed since.
        """
        block, element = seeing.button(_blocks(on), label, nth)
        return self._acts(on, block, element, None, confirm)

    def chooses(
        self,
        option: Any,
        on: Message | Modal | Home,
        *,
        menu: str | None = None,
        confirm: bool = True,
        nth: int = 0,
    ) -> Answer:
        """An option of an overflow menu or select, by its label or value; a date, user and so on with `menu` named."""
        block, element = seeing.menu(_blocks(on), str(option), menu, nth)
        if element["type"] == "overflow":
            offered = next(o for o in element["options"] if option in (o["text"]["text"], o["value"]))
            return self._acts(on, block, element, {"selected_option": offered}, confirm, offered.get("url"))
        state = entered(element, option, {"type": element["type"]})
        if isinstance(on, Modal | Home):
            on.view.values.setdefault(block["block_id"], {})[element["action_id"]] = state
        return self._acts(on, block, element, payloads.chosen(element, state), confirm)

    def _acts(
        self,
        on: Message | Modal | Home,
        block: Json,
        element: Json,
        chosen: Json | None,
        confirm: bool,
        url: str | None = None,
    ) -> Answer:
        asked = seeing.confirmation(element)
        if asked and not confirm:
            return Answer(ok=True, confirm=asked)
        world = self.slack.world
        if not world.manifest.interactive:
            raise NotPossible("interactivity is not enabled in the manifest: Slack shows an error instead")
        done = payloads.action(block, element, chosen)
        if isinstance(on, Message):
            self._can_touch(on)
            delivery = self._send(lambda: payloads.on_message(world, self.user, on, done))
        else:
            view = on.view
            delivery = self._send(lambda: payloads.on_view(world, self.user, view, done))
        answer = self._answered(delivery)
        answer.confirm, answer.url = asked, url or element.get("url")
        return answer

    def _can_touch(self, message: Message) -> None:
        channel = self.slack.world.workspace.channels[message.channel]
        if message.deleted:
            raise NotPossible("the message has been deleted")
        if message.only_for not in (None, self.id):
            raise NotPossible("only somebody else sees this message")
        reachable(channel, self.id)

    def shortcut(self, name: str, on: Message | None = None) -> Answer:
        """A shortcut by its name or callback_id: on a message, or a global one."""
        world = self.slack.world
        kind = "message" if on is not None else "global"
        callback = name
        if world.manifest.shortcuts is not None:
            offered = [s for s in world.manifest.shortcuts if s.get("type") == kind]
            match = next((s for s in offered if name in (s["name"], s["callback_id"])), None)
            if match is None:
                raise NotPossible(f"no {kind} shortcut {name!r}; there are {[s['name'] for s in offered]}")
            callback = match["callback_id"]
        if on is None:
            return self._answered(self._send(lambda: payloads.shortcut(world, self.user, callback)))
        self._can_touch(on)
        return self._answered(self._send(lambda: payloads.message_shortcut(world, self.user, on, callback)))

    def searches(self, query: str, on: Message | Modal | Home, menu: str) -> list[Json]:
        """Typing into an external select: the options that the app offers."""
        world = self.slack.world
        block, element = seeing.menu(_blocks(on), query, menu)
        where: Json = {"container": {"type": "view" if not isinstance(on, Message) else "message"}}
        delivery = self._send(lambda: payloads.suggestion(world, self.user, block, element, query, where))
        reply = self._answered(delivery)
        if not reply.ok or not reply.body or len(reply.body.get("options", ())) > 100:
            raise NotPossible(f"the menu stays empty: {reply.error or reply.body}")
        return list(reply.body["options"])

    # Modals, home, files, coming and going

    @property
    def modal(self) -> Modal:
        """The modal on top.  Waits for one as long as a trigger lives; raises NotPossible when none opens."""
        self.slack.until(lambda: self.has_modal, self.slack.patience.trigger_s + 1)
        return Modal(self, self._stack()[-1])

    @property
    def has_modal(self) -> bool:
        return bool(self._stack())

    def _stack(self) -> list[View]:
        return self.slack.world.workspace.stacks.get(self.id, [])

    def modal_titled(self, title: str, timeout_s: float = 10.0) -> Modal:
        """Waits until the modal on top has this title."""
        self.slack.until(lambda: self.has_modal and Modal(self, self._stack()[-1]).title == title, timeout_s)
        return Modal(self, self._stack()[-1])

    def opens_home(self) -> Delivery | None:
        """Looks at the App Home.  The app hears of it; what it then publishes stands in `home`."""
        world = self.slack.world
        if not world.manifest.home:
            raise NotPossible("the manifest has no home tab")
        return self.slack.do(lambda: world.emit(self._home_opened(), "app_home_opened"))

    def _home_opened(self) -> Json:
        world = self.slack.world
        event: Json = {
            "type": "app_home_opened",
            "user": self.id,
            "channel": world.direct(self.id).id,
            "tab": "home",
            "event_ts": f"{time.time():.6f}",
        }
        shown = world.workspace.homes.get(self.id)
        return event | ({"view": {**shown.body, "id": shown.id, "hash": shown.hash}} if shown else {})

    @property
    def home(self) -> Home:
        """The home tab as last published.  Raises NotPossible when nothing was."""
        view = self.slack.world.workspace.homes.get(self.id)
        if view is None:
            raise NotPossible("the home tab is empty")
        return Home(view)

    def uploads(self, content: bytes, name: str = "picture.png") -> File:
        """A file of one's own, to be put into a file input or a message."""
        world = self.slack.world
        file = File(world.workspace.mint("F"), name, self.id, len(content), False, name, content, done=True)
        world.workspace.files[file.id] = file
        return file

    def changes(self, **fields: Any) -> None:
        """Edits the profile: zone, email, real_name, deleted (deactivated), guest …; the app hears `user_change`."""
        for field_name, value in fields.items():
            if not hasattr(self.user, field_name):
                raise NotPossible(f"nobody has a {field_name}")
            setattr(self.user, field_name, value)
        told = self.user.told(self.slack.world.granted("users:read.email"))
        self.slack.event({"type": "user_change", "user": {**told, "team_id": self.slack.team}}, "user_change")

    def joins(self, room: Room) -> None:
        room.invite(self)

    def leaves(self, room: Room) -> None:
        room.kick(self)

    # How it is sent

    def _send(self, payload: Callable[[], Json], kind: Any = "interactive") -> Delivery:
        post = self.slack.world.post
        return self.slack.do(lambda: post.send(kind, payload())).wait()

    def _answered(self, delivery: Delivery, channel: Channel | None = None) -> Answer:
        if not delivery.acknowledged:
            return Answer(False, FAILED.get(delivery.error, "dispatch_failed"), sent=delivery)
        body = delivery.reply.body if delivery.reply else None
        if channel is not None and body:
            try:
                place = ResponseUrl(channel.id, self.id, None, float("inf"))
                self.slack.do(lambda: responses.show(self.slack.world, place, Args(body)))
            except Refused as refused:
                return Answer(False, refused.error, body=body, sent=delivery)
        return Answer(ok=True, body=body, sent=delivery)


def _blocks(on: Message | Modal | Home) -> list[Json]:
    return on.blocks if isinstance(on, Message) else list(on.view.body["blocks"])
