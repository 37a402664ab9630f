"""Slack on this machine, for one app: start it, put people and channels in, look at what the app did."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from tests.slack.emulator import control
from tests.slack.emulator.delivery import Delivery, Patience, Post, Reply
from tests.slack.emulator.errors import Json, NotPossible
from tests.slack.emulator.hands import Person
from tests.slack.emulator.manifest import Manifest
from tests.slack.emulator.rates import Allowance, Rates
from tests.slack.emulator.room import Room
from tests.slack.emulator.server import Server, Thread
from tests.slack.emulator.signed import Signed, Signing
from tests.slack.emulator.sockets import Sockets
from tests.slack.emulator.state import Channel, File, Group, Message, User, Workspace
from tests.slack.emulator.world import Call, Fault, World

T = TypeVar("T")
SIGNING_SECRET = "signing-secret-of-the-emulator"


class Emulator:
    """A workspace with one app.

    manifest: what the app was granted (mapping, YAML text or path); None grants everything.  rates: "real", "off", or
    a factor on Slack's allowances.  request_url: the app's URL, when it is reached by signed HTTP, not Socket Mode.
    controlled: whether other processes may drive it (`control`).  Its verbs may be called from any thread but the one in which the app runs: they wait for the app's answer.
    """

    def __init__(
        self,
        manifest: Mapping[str, Any] | str | Path | None = None,
        *,
        rates: Allowance = "real",
        port: int = 0,
        bot_name: str = "troupe",
        signing_secret: str = SIGNING_SECRET,
        request_url: str | None = None,
        patience: Patience | None = None,
        controlled: bool = False,
    ) -> None:
        workspace = Workspace()
        bot = User("U0TROUPEBOT", bot_name, bot_name.title(), "", "Etc/UTC", bot=True)
        workspace.users[bot.id] = bot
        self.patience = replace(patience or Patience())  # its own: a test may change it
        self.sockets = Sockets("A0TROUPE")
        self.signed = Signed(request_url, signing_secret) if request_url else None
        post = Post(self.patience, self.signed or self.sockets)
        self.world = World(
            workspace, Manifest.read(manifest), self.patience, Rates(rates), post, self.sockets, bot
        )
        self.server = Server(self.world, port, control.routes(self) if controlled else ())
        self.signing_secret = signing_secret
        self._thread: Thread | None = None

    # Its life

    @property
    def thread(self) -> Thread:
        if self._thread is None:
            self._thread = Thread()
        return self._thread

    @contextmanager
    def running(self) -> Iterator[Emulator]:
        self.start()
        try:
            yield self
        finally:
            self.close()

    def start(self) -> None:
        self.thread.run(self.server.start())

    def stop(self) -> None:
        """Slack is down: connections break, nobody listens.  The workspace keeps its state."""
        self.thread.run(self.server.stop())

    def restart(self, down_s: float = 0.0) -> None:
        """Down and up again on the same port."""
        self.stop()
        time.sleep(down_s)
        self.start()

    def close(self) -> None:
        """For good."""
        thread, self._thread = self._thread, None
        if thread is None:
            return
        thread.run(self.server.stop())
        thread.run(self.world.settle())
        if self.signed is not None:
            thread.run(self.signed.close())
        thread.stop()

    # What the app is told to use

    @property
    def url(self) -> str:
        """base_url of the Web API, with the slash at its end that slack_sdk wants."""
        return f"http://{self.world.host}/api/"

    @property
    def bot_token(self) -> str:
        return self.world.bot_token

    @property
    def app_token(self) -> str:
        return self.world.app_token

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def team(self) -> str:
        return self.world.workspace.team

    # Who and what is in the workspace

    def user(
        self,
        name: str,
        zone: str = "Etc/UTC",
        *,
        email: str | None = None,
        admin: bool = False,
        guest: bool = False,
    ) -> Person:
        """The person of that name, made if there is none yet."""
        known = self.world.workspace.named(name)
        if known is None:
            known = User(
                self.world.workspace.mint("U"),
                name,
                name.title(),
                email or f"{name}@example.com",
                zone,
                admin=admin,
                guest=guest,
            )
            self.world.workspace.users[known.id] = known
        return Person(self, known)

    def channel(
        self,
        name: str,
        members: Sequence[Person] = (),
        *,
        private: bool = False,
        bot: bool = True,
        restricted: bool = False,
    ) -> Room:
        """The channel of that name, made if there is none yet.  bot: whether the app is a member."""
        known = self.world.workspace.called(name)
        if known is None:
            known = Channel(
                self.world.workspace.mint("C"), name, "group" if private else "channel", restricted=restricted
            )
            known.members |= {self.bot.id} if bot else set()
            self.world.workspace.channels[known.id] = known
        known.members |= {person.id for person in members}
        return Room(self, known)

    def direct(self, person: Person) -> Room:
        """The direct messages between a person and the app."""
        return Room(self, self.do(lambda: self.world.direct(person.id)))

    def group(self, handle: str, members: Sequence[Person], name: str = "") -> Group:
        """A user group, made, or with other members: the app hears `subteam_created` or `subteam_members_changed`."""
        workspace, ids = self.world.workspace, [person.id for person in members]
        known = next((each for each in list(workspace.groups.values()) if each.handle == handle), None)
        if known is None:
            known = Group(workspace.mint("S"), handle, name or handle.title(), ids)
            workspace.groups[known.id] = known
            self.event(
                {"type": "subteam_created", "subteam": {"id": known.id, "handle": handle}}, "subteam_created"
            )
            return known
        added, removed = (
            [x for x in ids if x not in known.members],
            [x for x in known.members if x not in ids],
        )
        known.members = ids
        event = {"type": "subteam_members_changed", "subteam_id": known.id, "team_id": self.team}
        self.event({**event, "added_users": added, "removed_users": removed}, "subteam_members_changed")
        return known

    @property
    def files(self) -> list[File]:
        """Every file in the workspace; `by_app` tells the app's own."""
        return list(self.world.workspace.files.values())

    # What the app did

    def calls(self, method: str | None = None) -> list[Call]:
        """Every call of the Web API (and "response_url"), the oldest first; a refused one has an `error`."""
        return [call for call in list(self.world.calls) if method in (None, call.method)]

    def refusals(self) -> list[Call]:
        return [call for call in self.calls() if call.error]

    def deliveries(self, kind: str | None = None) -> list[Delivery]:
        """What was sent to the app.  kind: an envelope type, or the type of an event or interaction."""
        sent = list(self.world.post.sent)
        return [each for each in sent if kind in (None, each.kind, each.payload.get("type"), _event(each))]

    def clear(self) -> None:
        """Forgets the journal; the workspace stays."""
        self.world.calls.clear()
        self.world.post.sent.clear()

    def message(self, channel: str, ts: str) -> Message | None:
        return self.world.workspace.message(channel, ts)

    # What goes wrong

    @property
    def rates(self) -> Allowance:
        return self.world.rates.allowance

    @rates.setter
    def rates(self, allowance: Allowance) -> None:
        self.world.rates.allowance = allowance

    def rate_limits(self, method: str, times: int = 1, retry_after: int = 1) -> None:
        """The next `times` calls of a method are answered 429 with this Retry-After (s)."""
        self.world.rates.force(method, times, retry_after)

    def fails(self, method: str, kind: str, value: Any = None, times: int = 1) -> None:
        """The next `times` calls of a method go wrong; the kinds stand at `Fault`."""
        self.world.faults.setdefault(method, []).extend([Fault(kind, value)] * times)

    def forbids_customize(self, forbids: bool = True) -> None:
        """The workspace refuses messages under another name than the app's."""
        self.world.forbids_customize = forbids

    def grants(self, *scopes: str) -> None:
        """From now on the bot token has exactly these scopes."""
        before = self.world.manifest
        self.world.manifest = Manifest(
            frozenset(scopes), before.commands, before.shortcuts, before.events, before.home
        )

    def revoke(self, error: str = "invalid_auth") -> Delivery | None:
        """An admin removes the app: `tokens_revoked` is sent, then every call is refused with `error`."""
        event = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self.bot.id]}}
        sent = self.do(lambda: self.world.emit(event, "tokens_revoked"))
        self.world.token_error = error
        return sent

    def reinstate(self) -> None:
        """The app is installed again, with the same tokens."""
        self.world.token_error = ""

    def drop(self) -> None:
        """The sockets break without a word."""
        self.thread.run(self.sockets.drop())

    def disconnect(self, reason: str = "refresh_requested") -> None:
        """Slack asks the app to connect anew.  reason: warning, refresh_requested or link_disabled."""
        self.thread.run(self.sockets.disconnect(reason))

    def refuses_connections(self, for_s: float) -> None:
        self.sockets.refusing_until = time.monotonic() + for_s

    @property
    def connections(self) -> int:
        return len(self.sockets.connections)

    # Signed HTTP

    def signs(self, how: Signing = "good") -> None:
        """How requests are signed from now on (only with a request_url)."""
        assert self.signed is not None, "this emulator speaks Socket Mode"
        self.signed.signing = how

    def replay(self, delivery: Delivery) -> Reply:
        """The very same bytes and headers once more."""
        return self.posts(delivery.raw, delivery.headers)

    def posts(self, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Any request to the app's URL, as anybody on the internet might send it."""
        assert self.signed is not None, "this emulator speaks Socket Mode"
        return self.thread.run(self.signed.post(body, dict(headers), self.patience.ack_s))

    def verifies_url(self) -> bool:
        """Slack's check when an admin saves the request URL: the challenge must come back."""
        assert self.signed is not None, "this emulator speaks Socket Mode"
        payload = {"type": "url_verification", "token": "verification", "challenge": "challenge-3eZbrw1a"}
        delivery = Delivery("events_api", payload)
        reply = self.thread.run(self.signed.send(delivery, 0, "", self.patience.ack_s))
        return bool(reply.body and payload["challenge"] in reply.body.values())

    def answers(self) -> bool:
        """Whether anybody listens at the app's URL."""
        assert self.signed is not None, "this emulator speaks Socket Mode"
        return self.posts(b"", {}).status > 0

    # Waiting

    def do(self, what: Callable[[], T]) -> T:
        """Calls a function on the emulator's thread, where all of the workspace's changes happen."""
        return self.thread.do(what)

    def until(self, what: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """Waits until `what()` is true and gives what it gave.  Raises NotPossible with the refusals so far."""
        deadline = time.monotonic() + timeout_s
        while not (found := what()):
            if time.monotonic() > deadline:
                refused = [f"{call.method}: {call.error} {call.response}" for call in self.refusals()[-5:]]
                raise NotPossible(f"not so within {timeout_s} s; refused lately: {refused or 'nothing'}")
            time.sleep(0.005)
        return found

    async def wait(self, what: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """`until` for a test that shares its event loop with the app."""
        return await asyncio.to_thread(self.until, what, timeout_s)

    def event(self, event: Json, subscription: str) -> Delivery | None:
        """Sends any event; None when the app has not subscribed to it."""
        return self.do(lambda: self.world.emit(event, subscription))


def _event(delivery: Delivery) -> str | None:
    event = delivery.payload.get("event")
    return event.get("type") if isinstance(event, dict) else None
