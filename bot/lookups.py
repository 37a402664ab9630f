"""What people name in a line and the database knows: personas, people, posts, platforms, channels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agents.errors import Invalid, NotFound
from agents.oncall.alert import Alert
from agents.oncall.kinds import KINDS
from agents.people import Person
from agents.personas.persona import Persona, PersonaState
from agents.talk.message import Channel
from agents.tasks.asking import PLATFORM
from agents.tasks.task import OPEN, WORDS, Task
from agents.writing.post import State, Variant
from bot.forms import Option
from bot.kinds import MOST, several
from bot.parse import quoted as quoted

if TYPE_CHECKING:
    from bot.ports import Ports

_GROUP = re.compile(r"(slack|discord):([A-Za-z0-9]{1,40})/@?(\S{1,60})")


class GroupName(NamedTuple):
    """A user group of another surface, as its mention says: `external_id` is the platform's own."""

    surface: str
    external_id: str
    name: str


def persona(text: str, ports: Ports) -> Persona:
    return ports.work.personas.by_handle(text)


def personas(ports: Ports) -> list[Option]:
    return [
        Option(f"@{p.handle}", f"{p.name}, {p.profile.role}")
        for p in ports.work.personas.all()
        if p.state is not PersonaState.ARCHIVED
    ]


def person(text: str, ports: Ports) -> Person:
    return ports.work.people.by_name(text)


def people(ports: Ports) -> list[Option]:
    return [Option(quoted(p.name), f"{p.name}, {p.role.value}") for p in ports.work.people.everyone()]


def alert(text: str, ports: Ports) -> Alert:
    return ports.work.alerts.find(text)


def alerts(ports: Ports) -> list[Option]:
    found = ports.work.alerts.unresolved(limit=MOST)
    return [Option(a.id, f"{KINDS[a.kind].title} ({a.severity.value}, {a.state.value})") for a in found]


def post(text: str, ports: Ports) -> Variant:
    return ports.work.posts.find(text)


def posts(ports: Ports) -> list[Option]:
    work = ports.work
    recent = work.posts.in_states(State, limit=MOST, oldest_first=False)
    return [Option(v.id, f"{first_words(v, ports)} ({v.platform}, {v.state.value})") for v in recent]


def task(text: str, ports: Ports) -> Task:
    """By the beginning of its id, or by its title where that is the only open one called so."""
    try:
        return ports.work.tasks.find(text)
    except NotFound:
        wanted = " ".join(text.lower().split())
        titled = [
            t for t in ports.work.tasks.in_states(OPEN) if wanted and t.title.lower().startswith(wanted)
        ]
        if len(titled) != 1:
            raise
        return titled[0]


def tasks(ports: Ports) -> list[Option]:
    """Newest first; the words of a title complete it as well as its id does."""
    return [Option(t.id, f"{t.title} ({WORDS[t.state]})") for t in ports.work.tasks.latest(limit=MOST)]


def first_words(variant: Variant, ports: Ports) -> str:
    kept = ports.work.posts
    if variant.version:
        text = kept.version(variant.id, variant.version).content.text
    else:
        text = kept.post(variant.post_id).brief
    words = text.split()
    return " ".join(words[:6]) + ("…" if len(words) > 6 else "")


def accounts(text: str, ports: Ports) -> tuple[str, ...]:
    """Platforms, in the order they were typed, each once."""
    words = [word for word in re.split(r"[,\s]+", text) if word and word.lower() != "and"]
    found = tuple(dict.fromkeys(platform(word, ports) for word in words))
    if not found:
        raise Invalid("No platform is named.", remedy=f"There is {', '.join(sorted(ports.rules))}.")
    return found


def platform(text: str, ports: Ports) -> str:
    """A platform's word, its name, or the handle of an account that a persona has there."""
    wanted = text.strip().removeprefix("@").lower()
    for word, rules in ports.rules.items():
        if wanted in (word, rules.name.lower()):
            return word
    everywhere = (one for persona in ports.work.personas.all() for one in ports.work.accounts.of(persona.id))
    known = {account.handle.lower(): account.platform for account in everywhere}
    if wanted in known:
        return known[wanted]
    raise NotFound.named("platform or account", text, [*ports.rules, *known])


def several_people(text: str, ports: Ports) -> tuple[Person, ...]:
    return several("person", text, {p.name.lower(): p for p in ports.work.people.everyone()})


def several_channels(text: str, ports: Ports) -> tuple[Channel, ...]:
    """By name where it is the only one of that name, else by surface and name."""
    channels = ports.work.channels.of_team()
    known = {f"{c.surface}/{c.name}".lower(): c for c in channels} | _shortest(channels)
    return several("channel", text, known)


def platforms(ports: Ports) -> list[Option]:
    return [Option(word, rules.name) for word, rules in ports.rules.items()]


def decided(text: str, ports: Ports) -> str:
    """A platform, or the persona's tasks: what a policy may be about."""
    return PLATFORM if text.strip().lower() == PLATFORM else platform(text, ports)


def all_decided(ports: Ports) -> list[Option]:
    return [Option(PLATFORM, "its tasks"), *platforms(ports)]


def channel(text: str, ports: Ports) -> Channel:
    """ "#general", or "slack/general" where two surfaces have one of that name."""
    found = several_channels(text, ports)
    if len(found) != 1:
        raise Invalid(f"{text} should be one channel.", remedy="Write it like #general.")
    return found[0]


def channels(ports: Ports) -> list[Option]:
    named = _shortest(ports.work.channels.of_team())
    return [Option(f"#{name}", f"{c.name} on {c.surface}") for name, c in named.items()]


def _shortest(channels: Sequence[Channel]) -> dict[str, Channel]:
    """By what is enough to type, in lower case: the name, and where two have it the surface before it."""
    names = Counter(c.name.lower() for c in channels)
    return {(c.name if names[c.name.lower()] == 1 else f"{c.surface}/{c.name}").lower(): c for c in channels}


def user_group(text: str, ports: Ports) -> GroupName:
    """ "slack:S123/marketing", which is what the surface makes of a mention; one that is set already also by its name."""
    mentioned = _GROUP.fullmatch(text.strip())
    if mentioned:
        return GroupName(*mentioned.groups())
    known = {group.name.lower(): group for group in ports.work.guests.groups()}
    found = known.get(text.strip().removeprefix("@").lower())
    if found is None:
        remedy = "Mention the user group in Slack, as in /people group @marketing as editor."
        raise NotFound(f"Which group is {text}?", remedy=remedy, field="group")
    return GroupName(found.surface, found.external_id, found.name)


def user_groups(ports: Ports) -> list[Option]:
    return [Option(f"@{g.name}", f"{g.name} on {g.surface}") for g in ports.work.guests.groups()]
