"""The kinds of parameters that commands take: how each is read from what somebody typed, and what completes it.

A handler says `about: Annotated[str, TEXT]`; what it gets has been checked.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from agents.clock import zones
from agents.errors import Invalid, NotFound
from agents.oncall.alert import Alert
from agents.people import Person, Role
from agents.personas.persona import Handle, Persona
from agents.personas.templates import TEMPLATES
from agents.talk.message import Channel
from agents.tasks.task import Task
from agents.writing.post import Variant
from agents.writing.writer import ContentType
from bot import lookups, when
from bot.forms import Option
from bot.kinds import CHOICE, ONE_OF, Reads, nearest
from bot.registry import Kind

if TYPE_CHECKING:
    from bot.ports import Ports

YES_OR_NO = ("yes", "no")
URL_LIMIT = 2000
"""Characters of a link: longer ones are cut by some browsers and mail programs."""


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


def _money(text: str, _: Ports) -> Decimal:
    """Dollars, at least 0, in whole cents: "$5", "5.50", "5 usd"."""
    plain = re.sub(r"(?i)^\$|\s*usd$", "", text.strip()).strip()
    if not re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,2})?", plain):
        raise Invalid(f"{text} is no amount of dollars.", remedy="Write it like 5 or 12.50.")
    return Decimal(plain)


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


def _zones(_: Ports) -> list[Option]:
    return [Option(zone, zone.replace("/", " ").replace("_", " ")) for zone in sorted(zones())]


def parse_moment(text: str, ports: Ports, *, field: str | None = None) -> datetime:
    """A form's time, read as a command's is.  field: named in the error."""
    try:
        return when.read(text, ports.now, ports.zone)
    except Invalid as error:
        error.field = field
        raise


def _times(_: Ports) -> list[Option]:
    return [Option(t, t) for t in ("in 1 hour", "tomorrow 9:00", "next monday 9:00")]


def parse_formats(text: str, *_: object) -> tuple[str, ...]:
    """File endings, each once: "pdf, csv", "a PDF and a .csv"."""
    words = [word.removeprefix(".").lower() for word in re.split(r"[,\s]+", text)]
    found = tuple(dict.fromkeys(word for word in words if word and word not in ("a", "an", "and", "as")))
    wrong = [word for word in found if not re.fullmatch(r"[a-z0-9]{1,8}", word)]
    if wrong or not found or len(found) > 8:
        raise Invalid(f"{(wrong or [text])[0][:40]} is no kind of file.", remedy="Write them like pdf, csv.")
    return found


def _formats(_: Ports) -> list[Option]:
    return [Option(word, word) for word in ("pdf", "md", "csv", "html", "png", "py")]


def _yes(text: str, _: Ports) -> bool:
    return nearest("answer", text, YES_OR_NO) == "yes"


def _word(text: str, _: Ports) -> str:
    if " " in text:
        raise Invalid(f"“{text}” should be one word.", remedy="Leave the spaces out.")
    return text


PERSONA: Reads[Persona] = Reads("@persona", lookups.persona, lookups.personas)
PERSON: Reads[Person] = Reads("person", lookups.person, lookups.people)
ALERT: Reads[Alert] = Reads("alert", lookups.alert, lookups.alerts)
POST: Reads[Variant] = Reads("post", lookups.post, lookups.posts)
TASK: Reads[Task] = Reads("task", lookups.task, lookups.tasks)
FORMATS: Reads[tuple[str, ...]] = Reads("formats", parse_formats, _formats, rest=True)
ACCOUNTS: Reads[tuple[str, ...]] = Reads("platforms", lookups.accounts, lookups.platforms, rest=True)
PEOPLE: Reads[tuple[Person, ...]] = Reads("people", lookups.several_people, lookups.people, rest=True)
CHANNELS: Reads[tuple[Channel, ...]] = Reads(
    "#channels", lookups.several_channels, lookups.channels, rest=True
)
PLATFORM: Reads[str] = Reads("platform", lookups.platform, lookups.platforms)
DECIDED: Reads[str] = Reads("platform or tasks", lookups.decided, lookups.all_decided)
CONTENT_TYPE: Reads[ContentType] = ONE_OF(ContentType, "type")
GROUP: Reads[lookups.GroupName] = Reads("@group", lookups.user_group, lookups.user_groups)
ROLE: Reads[Role] = ONE_OF(Role, "role")
TEMPLATE: Reads[str] = CHOICE(*TEMPLATES, word="template")
HANDLE: Reads[str] = Reads("handle", _handle)
YES: Reads[bool] = Reads(
    "yes|no", _yes, lambda _: [Option("yes", "yes"), Option("no", "no")], choices=YES_OR_NO
)
DAYS: Reads[int] = Reads("days", _days)
TEXT: Reads[str] = Reads("", lambda text, _: text, rest=True)
WORD: Reads[str] = Reads("", _word)
MONEY: Reads[Decimal] = Reads("dollars", _money)
CHANNEL: Reads[Channel] = Reads("#channel", lookups.channel, lookups.channels)
LINK: Reads[str] = Reads("link", _link)
ZONE: Reads[str] = Reads("zone", _zone, _zones, rest=True)
WHEN: Reads[datetime] = Reads("time", parse_moment, _times, rest=True)
"""Aware UTC, to come; meant in the zone of the person who typed it."""

_AS_KINDS: tuple[Kind, ...] = (PERSONA, TEXT, WHEN)
"""For the type checker: `Annotated` keeps from it what these have to be."""
