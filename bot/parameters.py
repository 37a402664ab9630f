"""The kinds of parameters that commands take: how each is read from what somebody typed, and what completes it.

A handler says `about: Annotated[str, TEXT]`; what it gets has been checked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from agents.clock import zones
from agents.errors import Invalid, NotFound
from agents.people import Person, Role
from agents.personas.persona import Handle, Persona, PersonaState
from agents.personas.templates import TEMPLATES
from agents.publishing.platform import Account
from agents.talk.message import Channel
from agents.writing.post import State, Variant
from agents.writing.writer import ContentType
from bot import when
from bot.forms import Option
from bot.registry import Kind

if TYPE_CHECKING:
    from bot.ports import Ports

MOST = 25
"""Choices offered at once: Discord's limit for autocompletion."""
URL_LIMIT = 2000
"""Characters of a link: longer ones are cut by some browsers and mail programs."""
SURFACES = ("console", "slack", "discord")
"""Where channels are."""

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Offer = Callable[["Ports", str], Iterable[Option]]


@dataclass(frozen=True, slots=True)
class Reads(Generic[T]):
    """A kind made of two functions. `offer` may answer anything; what does not fit the prefix is left out here."""

    word: str
    read: Callable[[str, Ports], T]
    offer: Offer = lambda ports, prefix: ()
    rest: bool = False

    def parse(self, text: str, ports: Ports) -> T:
        return self.read(text, ports)

    def complete(self, prefix: str, ports: Ports) -> list[Option]:
        wanted = prefix.strip().lstrip('"@#').lower()
        return [o for o in self.offer(ports, prefix) if _fits(o, wanted)][:MOST]


def _fits(option: Option, wanted: str) -> bool:
    """The value begins so, or a word of the label does."""
    value = option.value.lstrip('"@#').lower()
    return value.startswith(wanted) or any(word.startswith(wanted) for word in option.label.lower().split())


def _quoted(value: str) -> str:
    """As it has to be typed to stay one word."""
    return f'"{value}"' if " " in value else value


def CHOICE(*words: str, word: str = "") -> Reads[str]:  # noqa: N802  reads as the kinds beside it do
    """One of these words. word: its name in usage text, the choices themselves unless given."""
    return Reads(
        word or "|".join(words),
        lambda text, _: _nearest(word or "choice", text, words),
        lambda _, __: [Option(w, w) for w in words],
    )


def ONE_OF(enum: type[E], word: str) -> Reads[E]:  # noqa: N802
    return Reads(
        word,
        lambda text, _: enum(_nearest(word, text, [e.value for e in enum])),
        lambda _, __: [Option(e.value, e.value) for e in enum],
    )


def INT(low: int, high: int, noun: str = "number") -> Reads[int]:  # noqa: N802
    """A whole number from `low` to `high`, both included.  noun: what it is, for the sentence."""

    def read(text: str, _: Ports) -> int:
        if not re.fullmatch(r"-?[0-9]{1,12}", text) or not low <= int(text) <= high:
            raise Invalid(f"{text} is no {noun} from {low} to {high}.", remedy=f"Write one, such as {low}.")
        return int(text)

    return Reads("number", read)


def _nearest(noun: str, text: str, known: Sequence[str]) -> str:
    if text.lower() not in known:
        raise NotFound.named(noun, text, known)
    return text.lower()


def _persona(text: str, ports: Ports) -> Persona:
    return ports.work.personas.by_handle(text)


def _personas(ports: Ports, _: str) -> list[Option]:
    return [
        Option(f"@{p.handle}", f"{p.name}, {p.profile.role}")
        for p in ports.work.personas.all()
        if p.state is not PersonaState.ARCHIVED
    ]


def _person(text: str, ports: Ports) -> Person:
    return ports.work.people.by_name(text)


def _people(ports: Ports, _: str) -> list[Option]:
    return [Option(_quoted(p.name), f"{p.name}, {p.role.value}") for p in ports.work.people.everyone()]


def _post(text: str, ports: Ports) -> Variant:
    return ports.work.posts.find(text)


def _posts(ports: Ports, _: str) -> list[Option]:
    work = ports.work
    recent = work.posts.in_states(State, limit=2 * MOST, oldest_first=False)
    return [Option(v.id, f"{_first_words(v, ports)} ({v.platform}, {v.state.value})") for v in recent]


def _first_words(variant: Variant, ports: Ports) -> str:
    posts = ports.work.posts
    if variant.version:
        text = posts.version(variant.id, variant.version).content.text
    else:
        text = posts.post(variant.post_id).brief
    words = text.split()
    return " ".join(words[:6]) + ("…" if len(words) > 6 else "")


def _accounts(text: str, ports: Ports) -> tuple[str, ...]:
    """Platforms, in the order they were typed, each once."""
    words = [word for word in re.split(r"[,\s]+", text) if word and word.lower() != "and"]
    found = tuple(dict.fromkeys(_platform(word, ports) for word in words))
    if not found:
        raise Invalid("No platform is named.", remedy=f"There is {', '.join(sorted(ports.rules))}.")
    return found


def _platform(text: str, ports: Ports) -> str:
    """A platform's word, its name, or the handle of an account that a persona has there."""
    wanted = text.strip().removeprefix("@").lower()
    for platform, rules in ports.rules.items():
        if wanted in (platform, rules.name.lower()):
            return platform
    known = {account.handle.lower(): account.platform for account in _all_accounts(ports)}
    if wanted in known:
        return known[wanted]
    raise NotFound.named("platform or account", text, [*ports.rules, *known])


def _all_accounts(ports: Ports) -> list[Account]:
    work = ports.work
    return [account for persona in work.personas.all() for account in work.accounts.of(persona.id)]


def _many(noun: str, text: str, known: Mapping[str, T]) -> tuple[T, ...]:
    """Several of them, with commas, "and" or nothing in between; "none" for none. A name may hold spaces itself.

    known: by name in lower case.  Raises NotFound with the nearest name.
    """
    rest = " ".join(text.lower().replace(",", " ").split())
    if rest in ("none", "nobody"):
        return ()
    found: dict[str, T] = {}
    while rest:
        fitting = [name for name in known if f"{rest.lstrip('@#')} ".startswith(f"{name} ")]
        if not fitting and not rest.startswith("and "):
            raise NotFound.named(noun, rest.split()[0], known)
        taken = max(fitting, key=len) if fitting else "and"
        if fitting:
            found[taken] = known[taken]
        rest = rest.lstrip("@#")[len(taken) :].strip()
    return tuple(found.values())


def _several_people(text: str, ports: Ports) -> tuple[Person, ...]:
    return _many("person", text, {p.name.lower(): p for p in ports.work.people.everyone()})


def _several_channels(text: str, ports: Ports) -> tuple[Channel, ...]:
    """By name where it is the only one of that name, else by surface and name."""
    channels = _team_channels(ports)
    names = Counter(c.name.lower() for c in channels)
    known = {f"{c.surface}/{c.name}".lower(): c for c in channels}
    known |= {c.name.lower(): c for c in channels if names[c.name.lower()] == 1}
    return _many("channel", text, known)


def _handle(text: str, _: Ports) -> str:
    try:
        return _HANDLE.validate_python(text)
    except ValidationError:
        raise Invalid(
            f"{text} cannot be a handle.", remedy="Use 2 to 30 of a-z, 0-9, _ and -, with a letter first."
        ) from None


_HANDLE: TypeAdapter[str] = TypeAdapter(Handle)


def _days(text: str, _: Ports) -> int:
    found = re.fullmatch(r"([0-9]{1,4}) ?(?:(d|days?)|w|weeks?)?", text.lower())
    if found is None or int(found[1]) == 0:
        raise Invalid(f"{text} is no number of days.", remedy="Write it like 7, 7 days or 2 weeks.")
    weeks = "w" in text.lower()
    return int(found[1]) * (7 if weeks else 1)


def _platforms(ports: Ports, _: str) -> list[Option]:
    return [Option(platform, rules.name) for platform, rules in ports.rules.items()]


def _money(text: str, _: Ports) -> Decimal:
    """Dollars, at least 0, in whole cents: "$5", "5.50", "5 usd"."""
    plain = re.sub(r"(?i)^\$|\s*usd$", "", text.strip()).strip()
    try:
        if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", plain):
            raise InvalidOperation
        return Decimal(plain)
    except InvalidOperation:
        raise Invalid(f"{text} is no amount of dollars.", remedy="Write it like 5 or 12.50.") from None


def _channel(text: str, ports: Ports) -> Channel:
    """ "#general", or "slack/general" where two surfaces have one of that name."""
    surface, slash, name = text.rpartition("/")
    wanted = (name if slash else text).removeprefix("#").lower()
    channels = [c for c in _team_channels(ports) if not slash or c.surface == surface.lower()]
    found = [c for c in channels if c.name.lower() == wanted]
    if not found:
        raise NotFound.named("channel", text, [f"#{c.name}" for c in channels])
    if len(found) > 1:
        both = " or ".join(f"{c.surface}/{c.name}" for c in found)
        raise Invalid(f"There are {len(found)} channels called {text}.", remedy=f"Write {both}.")
    return found[0]


def _team_channels(ports: Ports) -> list[Channel]:
    every = (c for surface in SURFACES for c in ports.work.channels.on(surface))
    return [c for c in every if not c.direct_to]


def _channels(ports: Ports, _: str) -> list[Option]:
    return [Option(f"#{c.name}", f"{c.name} on {c.surface}") for c in _team_channels(ports)]


def _link(text: str, _: Ports) -> str:
    address = text.strip().removeprefix("<").removesuffix(">")  # Slack wraps links
    try:
        parts = urlsplit(address)
        good = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or len(address) > URL_LIMIT or re.search(r"[\s\x00-\x1f\x7f]", address):
        raise Invalid(
            f"{text[:80]} is not the address of a page.", remedy="Write it out, with https:// in front."
        )
    return address


def _zone(text: str, _: Ports) -> str:
    """An IANA name, or the city alone where no other zone has one of that name."""
    wanted = text.strip().lower().replace(" ", "_")
    known = {zone.lower(): zone for zone in zones()}
    cities = Counter(zone.rpartition("/")[2] for zone in known)
    known |= {
        zone.rpartition("/")[2]: known[zone] for zone in [*known] if cities[zone.rpartition("/")[2]] == 1
    }
    if wanted not in known:
        near = get_close_matches(wanted, known, n=1, cutoff=0.7)
        remedy = f"Did you mean {known[near[0]]}?" if near else "Use a name such as Europe/Berlin or UTC."
        raise NotFound(f"There is no time zone called {text}.", remedy=remedy)
    return known[wanted]


def _zones(_: Ports, prefix: str) -> list[Option]:
    return [Option(zone, zone.replace("/", " ").replace("_", " ")) for zone in sorted(zones())]


def parse_moment(text: str, ports: Ports, *, field: str | None = None) -> datetime:
    """A form's time, read as a command's is.  field: named in the error."""
    try:
        return when.read(text, ports.now, ports.zone)
    except Invalid as error:
        error.field = field
        raise


def _times(_: Ports, __: str) -> list[Option]:
    return [Option(t, t) for t in ("in 1 hour", "tomorrow 9:00", "next monday 9:00")]


def _yes(text: str, _: Ports) -> bool:
    return _nearest("answer", text, ("yes", "no")) == "yes"


def _word(text: str, _: Ports) -> str:
    if " " in text:
        raise Invalid(f"“{text}” should be one word.", remedy="Leave the spaces out.")
    return text


PERSONA: Reads[Persona] = Reads("@persona", _persona, _personas)
PERSON: Reads[Person] = Reads("person", _person, _people)
POST: Reads[Variant] = Reads("post", _post, _posts)
ACCOUNTS: Reads[tuple[str, ...]] = Reads("platforms", _accounts, _platforms, rest=True)
PEOPLE: Reads[tuple[Person, ...]] = Reads("people", _several_people, _people, rest=True)
CHANNELS: Reads[tuple[Channel, ...]] = Reads("#channels", _several_channels, _channels, rest=True)
PLATFORM: Reads[str] = Reads("platform", _platform, _platforms)
CONTENT_TYPE: Reads[ContentType] = ONE_OF(ContentType, "type")
ROLE: Reads[Role] = ONE_OF(Role, "role")
TEMPLATE: Reads[str] = CHOICE(*TEMPLATES, word="template")
HANDLE: Reads[str] = Reads("handle", _handle)
YES: Reads[bool] = Reads("yes|no", _yes, lambda _, __: [Option("yes", "yes"), Option("no", "no")])
DAYS: Reads[int] = Reads("days", _days)
TEXT: Reads[str] = Reads("", lambda text, _: text, rest=True)
WORD: Reads[str] = Reads("", _word)
MONEY: Reads[Decimal] = Reads("dollars", _money)
CHANNEL: Reads[Channel] = Reads("#channel", _channel, _channels)
LINK: Reads[str] = Reads("link", _link)
ZONE: Reads[str] = Reads("zone", _zone, _zones, rest=True)
WHEN: Reads[datetime] = Reads("time", parse_moment, _times, rest=True)
"""Aware UTC, to come; meant in the zone of the person who typed it."""

_KINDS: tuple[Kind, ...] = (
    PERSONA,
    PERSON,
    POST,
    ACCOUNTS,
    TEXT,
    WHEN,
)  # the type checker compares them with Kind
