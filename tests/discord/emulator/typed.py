"""What a member types behind a slash command: typed options, as Discord's client takes and sends them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.discord.emulator import payloads
from tests.discord.emulator.declared import (
    BOOLEAN,
    CHANNEL,
    FILE,
    GROUP,
    INTEGER,
    MENTIONABLE,
    NUMBER,
    ROLE,
    STRING,
    SUBCOMMAND,
    USER,
)
from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.state import Attachment
from tests.discord.emulator.world import World

PYTHON: Mapping[int, tuple[type, ...]] = {
    STRING: (str,),
    INTEGER: (int,),
    BOOLEAN: (bool,),
    NUMBER: (int, float),
}
LONGEST_STRING = 6000


class Somewhat(Protocol):
    """A person, room or role: anything with Discord's id."""

    @property
    def id(self) -> str: ...


@dataclass
class Line:
    """A command as far as it was typed.  path: the subcommands; options: what the last of them takes."""

    command: Json
    path: list[Json] = field(default_factory=list)

    @property
    def options(self) -> list[Json]:
        holder = self.path[-1] if self.path else self.command
        return list(holder.get("options") or ())

    def data(self, filled: list[Json], resolved: Json) -> Json:
        for each in reversed(self.path):
            filled = [{"type": each["type"], "name": each["name"], "options": filled}]
        told: Json = {"id": self.command["id"], "name": self.command["name"], "type": 1, "options": filled}
        if "guild_id" in self.command:
            told["guild_id"] = self.command["guild_id"]
        return told | ({"resolved": resolved} if resolved else {})


def line(commands: Sequence[Json], typed: str) -> Line:
    """ "/post draft" among the commands that the member is offered."""
    first, *rest = typed.removeprefix("/").split()
    known = {each["name"]: each for each in commands if each["type"] == 1}
    if first not in known:
        raise NotPossible(f"there is no command /{first}; there are {sorted(known)}")
    found = Line(known[first])
    for word in rest:
        inner = next(
            (o for o in found.options if o["name"] == word and o["type"] in {SUBCOMMAND, GROUP}), None
        )
        if inner is None:
            raise NotPossible(f"/{first} has no {word!r}; options are named: types('/{first}', name=value)")
        found.path.append(inner)
    if any(each["type"] in {SUBCOMMAND, GROUP} for each in found.options):
        raise NotPossible(f"{typed} wants one of {[each['name'] for each in found.options]}")
    return found


def named(options: Sequence[Json], given: Mapping[str, Any]) -> dict[str, Any]:
    """Python's names to Discord's: `due_date` is due-date where there is no due_date, `from_` is from."""
    known = {each["name"] for each in options}
    found = {}
    for name, value in given.items():
        spelt = next((n for n in (name, name.rstrip("_"), name.replace("_", "-")) if n in known), None)
        if spelt is None:
            raise NotPossible(f"there is no option {name!r}; there are {sorted(known)}")
        found[spelt] = value
    return found


def filled(world: World, options: Sequence[Json], given: Mapping[str, Any]) -> tuple[list[Json], Json]:
    """The options as they are sent, and what `resolved` tells of them.  Raises NotPossible as the client would."""
    values = named(options, given)
    resolved: Json = {}
    sent: list[Json] = []
    for option in options:
        if values.get(option["name"]) is None:
            if option.get("required"):
                raise NotPossible(f"{option['name']!r}: this option is required. Specify a value")
            continue
        value = _value(world, option, values[option["name"]], resolved)
        sent.append({"type": option["type"], "name": option["name"], "value": value})
    return sent, resolved


def _value(world: World, option: Json, value: Any, resolved: Json) -> Any:
    kind, name = option["type"], option["name"]
    if kind in {USER, CHANNEL, ROLE, MENTIONABLE, FILE}:
        return resolve(world, kind, value, resolved)
    if option.get("choices"):
        offered: dict[str, Any] = {choice["name"]: choice["value"] for choice in option["choices"]}
        value = offered.get(value, value)
        if value not in offered.values():
            raise NotPossible(f"{name!r} offers {sorted(offered)}, not {value!r}")
    if not isinstance(value, PYTHON[kind]) or (isinstance(value, bool) and kind != BOOLEAN):
        raise NotPossible(f"{name!r} takes {PYTHON[kind][0].__name__}, not {value!r}")
    _measured(option, value)
    return value


def _measured(option: Json, value: Any) -> None:
    """Raises NotPossible for a text too short or long, or a number too small or large."""
    written = option["type"] == STRING
    least, most = ("min_length", "max_length") if written else ("min_value", "max_value")
    low, high = option.get(least), option.get(most, LONGEST_STRING if written else None)
    size = len(value) if written else value
    if (low is not None and size < low) or (high is not None and size > high):
        raise NotPossible(f"{option['name']!r} must be between {low} and {high}")


def resolve(world: World, kind: int, value: Somewhat | Attachment, resolved: Json) -> str:
    """Notes what is chosen in `resolved`, and gives its id."""
    id, guild = value.id, world.guild
    if isinstance(value, Attachment):
        resolved.setdefault("attachments", {})[id] = value.told()
    elif id in guild.roles:
        resolved.setdefault("roles", {})[id] = guild.roles[id].told()
    elif id in guild.channels:
        told = payloads.channel(world, guild.channels[id])
        resolved.setdefault("channels", {})[id] = told | {"permissions": "0"}
    elif id in world.users:
        resolved.setdefault("users", {})[id] = world.users[id].told()
        if id in guild.members:
            told = guild.members[id].told(with_user=False) | {"permissions": "0"}
            resolved.setdefault("members", {})[id] = told
    else:
        raise NotPossible(f"{value!r} is nothing of this server")
    kinds = {USER: "users", ROLE: "roles", CHANNEL: "channels", FILE: "attachments"}
    if kind in kinds and id not in resolved.get(kinds[kind], {}):
        raise NotPossible(f"{value!r} is none of the {kinds[kind]}")
    return id


def partly(options: Sequence[Json], focus: str, so_far: Any, given: Mapping[str, Any]) -> list[Json]:
    """The options while one of them is being typed: that one as a text, the others as they are."""
    values = named(options, {**given, focus: so_far})
    focused = next(iter(named(options, {focus: so_far})))
    sent = []
    for option in options:
        name = option["name"]
        if name not in values:
            continue
        each = {"type": option["type"], "name": name, "value": values[name]}
        if name == focused:
            if not option.get("autocomplete"):
                raise NotPossible(f"{name!r} completes nothing")
            each |= {"value": str(so_far), "focused": True}
        sent.append(each)
    return sent
