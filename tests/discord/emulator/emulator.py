"""Discord on this machine, for one app in one server: start it, put people and channels in, look at what the app did."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from tests.discord.emulator import control, intents, payloads, spec
from tests.discord.emulator.errors import Json, NotPossible, Problem
from tests.discord.emulator.gateway import Gateway
from tests.discord.emulator.hands import Person
from tests.discord.emulator.interaction import Interaction
from tests.discord.emulator.patience import Patience
from tests.discord.emulator.permissions import BOT, EVERYONE, Can
from tests.discord.emulator.rates import Allowance, Rates
from tests.discord.emulator.room import Room
from tests.discord.emulator.server import Server
from tests.discord.emulator.state import Channel, Guild, Member, Message, Role, Snowflakes, User, Webhook
from tests.discord.emulator.typed import Somewhat
from tests.discord.emulator.world import Call, Fault, World
from tests.slack.emulator.server import Thread

T = TypeVar("T")
TOKEN = "emulator.bot.token"
INTENTS = {
    "members": intents.MEMBERS,
    "presences": intents.PRESENCES,
    "message_content": intents.MESSAGE_CONTENT,
}


class Emulator:
    """A server with one app.

    permissions: of the bot's own role, by Discord's names; None gives it all that a bot like ours asks for.  rates:
    "real" or "off".  privileged: the intents enabled for the app: members, presences, message_content.  controlled:
    whether other processes may drive it (`control`).  Its verbs may be called from any thread but the one in which the
    app runs: they wait for the app's answer.
    """

    def __init__(
        self,
        *,
        rates: Allowance = "real",
        port: int = 0,
        bot_name: str = "troupe",
        token: str = TOKEN,
        permissions: Sequence[str] | None = None,
        privileged: Sequence[str] = ("members", "message_content"),
        patience: Patience | None = None,
        controlled: bool = False,
    ) -> None:
        ids = Snowflakes()
        owner, bot = User(ids.mint(), "owner"), User(ids.mint(), bot_name, bot=True)
        guild = Guild(ids.mint(), "The Server", owner.id)
        can = BOT if permissions is None else Can.named(permissions)
        own = Role(ids.mint(), bot_name, can, managed=True)
        guild.roles[own.id] = own
        guild.members |= {owner.id: Member(owner), bot.id: Member(bot, [own.id])}
        self.patience = replace(patience or Patience())  # its own: a test may change it
        enabled = sum(INTENTS[each] for each in privileged)
        self.world = World(guild, bot, bot.id, token, self.patience, Rates(rates), ids, enabled)
        self.world.users[owner.id] = owner
        self.world.gateway.paced = rates == "real"
        self.bot_role = own
        self.server = Server(self.world, port, control.routes(self) if controlled else ())
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
        """Discord is down: connections break, nobody listens.  The server and the sessions keep their state."""
        self.thread.run(self.server.stop())

    def restart(self, down_s: float = 0.0) -> None:
        """Down and up again on the same port."""
        self.stop()
        time.sleep(down_s)
        self.start()

    def close(self) -> None:
        """For good."""
        thread, self._thread = self._thread, None
        if thread is not None:
            thread.run(self.server.stop())
            thread.stop()

    # What the app is told to use

    @property
    def api_url(self) -> str:
        """For `discord.http.Route.BASE`."""
        return f"http://{self.world.host}/api/v10"

    @property
    def gateway_url(self) -> str:
        """For `discord.gateway.DiscordWebSocket.DEFAULT_GATEWAY`, as a yarl.URL."""
        return f"ws://{self.world.host}/"

    @property
    def token(self) -> str:
        return self.world.token

    @property
    def bot(self) -> User:
        return self.world.bot

    @property
    def application_id(self) -> str:
        return self.world.app_id

    @property
    def guild(self) -> Guild:
        return self.world.guild

    # Who and what is in the server

    def user(self, name: str, *roles: str, locale: str = "en-US") -> Person:
        """The member of that name, made if there is none yet.  roles: given to them, made if there are none yet."""
        known = self.guild.named(name)
        if known is None:
            user = User(self.world.snowflakes.mint(), name, locale=locale)
            known = Member(user, [self.role(each).id for each in roles])
            self.world.users[user.id] = user
            self.do(lambda: self._joins(known))
        return Person(self, known.user)

    def _joins(self, member: Member) -> None:
        self.guild.members[member.user.id] = member
        self.world.tell("GUILD_MEMBER_ADD", member.told() | {"guild_id": self.guild.id})

    @property
    def owner(self) -> Person:
        return Person(self, self.world.users[self.guild.owner])

    @property
    def everyone(self) -> Role:
        return self.guild.roles[self.guild.id]

    def role(self, name: str, *permissions: str) -> Role:
        """The role of that name, made if there is none yet.  permissions: on top of everyone's."""
        known = next((each for each in list(self.guild.roles.values()) if each.name == name), None)
        if known is None:
            made = Role(self.world.snowflakes.mint(), name, EVERYONE | Can.named(permissions))
            self.guild.roles[made.id] = known = made
            event = {"guild_id": self.guild.id, "role": made.told()}
            self.do(lambda: self.world.gateway.tell("GUILD_ROLE_CREATE", event))
        return known

    def channel(self, name: str, members: Sequence[Person] | None = None, *, bot: bool = True) -> Room:
        """The text channel of that name, made if there is none yet.

        members: who alone sees it, None for everybody.  bot: whether the bot is among them.
        """
        known = self.guild.called(name)
        if known is None:
            known = Channel(self.world.snowflakes.mint(), name)
            if members is not None:
                known.overwrites[self.guild.id] = (Can(0), Can.VIEW_CHANNEL)
                known.overwrites |= {each.id: (Can.VIEW_CHANNEL, Can(0)) for each in members}
            if members is not None or not bot:
                sees, nothing = Can.VIEW_CHANNEL, Can(0)
                known.overwrites[self.bot.id] = (sees, nothing) if bot else (nothing, sees)
            self.do(lambda: self._opens(known))
        return Room(self, known)

    def _opens(self, channel: Channel) -> None:
        self.guild.channels[channel.id] = channel
        self.world.tell("CHANNEL_CREATE", payloads.channel(self.world, channel), channel)

    @property
    def commands(self) -> list[Json]:
        """The application commands, as registered now."""
        return list(self.world.commands.values())

    @property
    def webhooks(self) -> list[Webhook]:
        return list(self.world.webhooks.values())

    def message(self, id: str) -> Message | None:
        every = (channel.messages.get(id) for channel in list(self.guild.channels.values()))
        return next((each for each in every if each), None)

    # What the app did

    def calls(self, route: str | None = None) -> list[Call]:
        """Every REST call, the oldest first; a refused one has an `error`.

        route: its name here ("create_message") or as the docs write it ("POST /channels/{channel_id}/messages").
        """
        return [call for call in list(self.world.calls) if route in (None, call.route, call.template)]

    @property
    def refusals(self) -> list[Call]:
        return [call for call in self.calls() if call.error]

    def untruths(self, latest: int = 500) -> list[str]:
        """Where what the emulator itself answered of late is not as Discord's description has it."""
        told = [call for call in self.calls()[-latest:] if call.error is None]
        return [f"{call.template}: {problem}" for call in told for problem in _untrue(call)]

    @property
    def interactions(self) -> list[Interaction]:
        """Everything that members asked of the app, the oldest first."""
        return list(self.world.asked)

    def clear(self) -> None:
        """Forgets the journal; the server stays."""
        self.world.calls.clear()
        self.world.asked.clear()

    # What goes wrong

    @property
    def rates(self) -> Allowance:
        return self.world.rates.allowance

    @rates.setter
    def rates(self, allowance: Allowance) -> None:
        self.world.rates.allowance = allowance
        self.world.gateway.paced = allowance == "real"

    def rate_limits(
        self, route: str, times: int = 1, retry_after_s: float = 1.0, scope: str = "user"
    ) -> None:
        """The next `times` calls of a route are answered 429.  scope: user, shared or global."""
        self.world.rates.force(route, times, retry_after_s, scope)

    def bans(self, for_s: float) -> None:
        """The address is shut out, as after too many refused calls: 429 with a page that is no JSON."""
        self.world.rates.banned_until = time.monotonic() + for_s

    def fails(self, route: str, kind: str, value: Any = None, times: int = 1) -> None:
        """The next `times` calls of a route go wrong; the kinds stand at `Fault`."""
        self.world.faults.setdefault(route, []).extend([Fault(kind, value)] * times)

    def drop(self) -> None:
        """The gateway's sockets break without a word; the sessions can be resumed."""
        self.thread.run(self.world.gateway.drop())

    def disconnect(self, code: int = 4000, reason: str = "Unknown error.") -> None:
        """The gateway closes with a code."""
        self.thread.run(self.world.gateway.close(code, reason))

    def revokes_token(self) -> None:
        """Somebody resets the token: the gateway hangs up, and nothing is accepted with the old one."""
        self.world.gateway.revoked = True
        self.disconnect(4004, "Authentication failed.")

    def reinstates_token(self) -> None:
        """As if the app had been given the new one."""
        self.world.gateway.revoked = False

    def asks_reconnect(self) -> None:
        """Discord asks the app to connect anew (op 7)."""
        self.thread.run(self.world.gateway.ask_reconnect())

    def invalidates(self, resumable: bool = False) -> None:
        """The session is invalid (op 9)."""
        self.thread.run(self.world.gateway.invalidate(resumable))

    def refuses_connections(self, for_s: float) -> None:
        self.world.gateway.refusing_until = time.monotonic() + for_s

    def ignores_heartbeats(self, ignores: bool = True) -> None:
        """They are no longer acknowledged: to the app the connection is a zombie."""
        self.world.gateway.deaf = ignores

    @property
    def gateway(self) -> Gateway:
        """How often was identified, resumed, beaten, and with which codes it was closed."""
        return self.world.gateway

    @property
    def connections(self) -> int:
        """How many identified or resumed connections there are."""
        return sum(each.session is not None for each in self.world.gateway.connections)

    # What admins do

    def grants(self, *names: str) -> None:
        """From now on the bot's own role has exactly these permissions."""
        self.bot_role.permissions = Can.named(names)
        self._role_changed(self.bot_role)

    def permits(self, role: Role, *names: str) -> None:
        """From now on a role has exactly these permissions."""
        role.permissions = Can.named(names)
        self._role_changed(role)

    def _role_changed(self, role: Role) -> None:
        event = {"guild_id": self.guild.id, "role": role.told()}
        self.do(lambda: self.world.gateway.tell("GUILD_ROLE_UPDATE", event))

    def restricts(self, command: str, to: Somewhat, allowed: bool = True) -> None:
        """Server settings, Integrations: who may use a command, over what it asks for itself.  to: role or member."""
        known = next((each for each in self.commands if each["name"] == command), None)
        if known is None:
            raise NotPossible(f"there is no command {command!r}")
        self.world.overrides.setdefault(known["id"], {})[to.id] = allowed

    def removes_bot(self) -> None:
        """The bot is put out of the server: it hears of that, then all is refused."""
        self.world.in_guild = False
        self.guild.members.pop(self.bot.id, None)
        self.do(lambda: self.world.gateway.tell("GUILD_DELETE", {"id": self.guild.id}))

    def invites_bot(self) -> None:
        """And back again."""
        self.world.in_guild = True
        self.guild.members[self.bot.id] = Member(self.bot, [self.bot_role.id])
        self.do(lambda: self.world.gateway.tell("GUILD_CREATE", payloads.guild_create(self.world, True)))

    # Waiting

    def now(self) -> float:
        return time.monotonic()

    def do(self, what: Callable[[], T]) -> T:
        """Calls a function on the emulator's thread, where all of the server's changes happen."""
        return self.thread.do(what)

    def until(self, what: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """Waits until `what()` is true and gives what it gave.  Raises NotPossible with the refusals so far."""
        deadline = time.monotonic() + timeout_s
        while not (found := what()):
            if time.monotonic() > deadline:
                refused = [f"{call.template}: {call.error} {call.response}" for call in self.refusals[-5:]]
                raise NotPossible(f"not so within {timeout_s} s; refused lately: {refused or 'nothing'}")
            time.sleep(0.005)
        return found

    async def wait(self, what: Callable[[], Any], timeout_s: float = 10.0) -> Any:
        """`until` for a test that shares its event loop with the app."""
        return await asyncio.to_thread(self.until, what, timeout_s)


def _untrue(call: Call) -> list[Problem]:
    method, _, template = call.template.partition(" ")
    return spec.answer_problems(method, template, call.status, call.response)
