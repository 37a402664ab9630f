"""Every command of the registry, as Discord's client sends it: invoked by somebody who may, answered in time.

The list is the registry's: a command without an example here fails.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from agents import access
from agents.effects.effect import EffectState
from agents.people import Role
from agents.writing.post import State
from bot import commands
from bot.registry import REGISTRY, Command, Parameter
from tests.discord.stories import ask, put, shows, variant
from tests.discord.team import CAST, Team
from tests.surfaces import labour
from tests.surfaces.rows import first_alert, new_code, raised

commands.load()

Options = dict[str, Any]
Step = tuple[str, str, Options, str] | Callable[[Team], object]
"""(who, command, options, words of the answer), or what happens meanwhile. `{first}`: the post about that, by its id."""
STANDS = "Its card stands in this channel"
WAITING = "waiting for approval"
OUT = "published"
WORKED_ON = "being worked on"
TASK: Options = {"task": "{task}"}
FIRST: Options = {"post": "{first}"}
ADA: Options = {"persona": "@ada"}
YARA: Options = {"persona": "@yara"}
EVE: Options = {"persona": "@eve"}
ALERT: Options = {"alert": "{alert}"}
ROTA: Options = {"rota": "primary"}
WEEKLY: Options = {"every": "week", "with_": "@mia, @bob"}
MAIL: Options = {"address": "charlie@example.com"}


def key_is_made(crew: Team) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        access.make_key("backup", Role.VIEWER, crew.people["charlie"], work)


def drafted(about: str, *words: str) -> list[Step]:
    return [
        ("bob", "/post draft", {**ADA, "about": about}, about),
        lambda crew: shows(crew.general, about, *(words or (WAITING,))),
    ]


STORIES: dict[str, list[Step]] = {
    "drafts": [
        *drafted("first of all"),
        ("charlie", "/post show", FIRST, STANDS),
        ("mia", "/post queue", ADA, "1 post waits for you"),
        ("charlie", "/post history", FIRST, "History of post"),
        ("bob", "/post edit", {**FIRST, "text": "My own words, at “9:00”."}, "My own words, at “9"),
        ("bob", "/post add-image", FIRST, "A picture is added through a form"),
        ("mia", "/post changes", {**FIRST, "feedback": "shorter, please"}, "3, by Ada"),
        lambda crew: shows(crew.general, "first of all", "3, by Ada", WAITING),
        ("mia", "/post schedule", {**FIRST, "at": "{tomorrow}"}, "scheduled"),
        ("bob", "/post unschedule", FIRST, WAITING),
    ],
    "posts that go out": [
        *drafted("first of all"),
        ("mia", "/post schedule", {**FIRST, "at": "{tomorrow}"}, "scheduled"),
        lambda crew: put(crew, "first", State.FAILED, effect=(EffectState.SENDING, EffectState.FAILED)),
        ("bob", "/post retry", FIRST, OUT),
        ("mia", "/post take-down", FIRST, "taken down"),
        *drafted("second of all"),
        ("mia", "/post reject", {"post": "{second}", "because": "of the date"}, "Mia: of the date"),
        *drafted("third of all"),
        ("mia", "/post approve", {"post": "{third}"}, OUT),
    ],
    "personas": [
        ("charlie", "/persona list", {}, "1 persona"),
        ("charlie", "/persona show", ADA, "Ada (@ada)"),
        ("mia", "/persona templates", {}, "Begin with a template"),
        ("mia", "/persona new", {"name": "Yara Bell", "from_": "founder"}, "Yara Bell (@yara)"),
        ("mia", "/persona edit", {**YARA, "budget": "20", "bio": "Nobody’s fool"}, "Nobody’s fool"),
        ("mia", "/persona clone", {**YARA, "handle": "eve", "name": "Eve"}, "Eve (@eve)"),
        ("mia", "/persona import", {}, "Import a persona"),
        ("charlie", "/persona export", EVE, "@eve as a document"),
        ("mia", "/persona pause", EVE, "paused"),
        ("mia", "/persona resume", EVE, "at work"),
        ("mia", "/persona archive", EVE, "archived"),
        ("mia", "/persona restore", EVE, "at work"),
        ("mia", "/persona connect", ADA, "Accounts of Ada"),
        ("mia", "/persona policy", {**ADA, "quorum": 2}, "Who decides about posts of Ada"),
        ("mia", "/persona approvers", {**ADA, "people": "Alice, Mia"}, "Alice or Mia"),
        ("mia", "/persona auto", {**ADA, "posts": 5, "for_": "2 days"}, "beforehand"),
        ("mia", "/persona disconnect", {**ADA, "platform": "stage"}, "Disconnect ada on Stage from Ada?"),
        lambda crew: crew.channel("news"),
        ("mia", "/persona route", {**ADA, "channels": "{news}"}, "#news on discord"),
    ],
    "people": [
        ("charlie", "/people list", {}, "4 people"),
        ("mia", "/people show", {"person": "Charlie"}, "Charlie"),
        ("charlie", "/people me", {}, "You are Charlie"),
        ("mia", "/people invite", {"name": "Dora", "as_": "editor"}, "Dora is invited as an editor"),
        ("alice", "/people role", {"person": "Dora", "role": "viewer"}, "Dora is a viewer now"),
        ("alice", "/people role", {"person": "@bob", "role": "manager"}, "Bob is a manager now"),
        ("alice", "/people remove", {"person": "Dora"}, "Remove Dora?"),
        ("alice", "/people sign-out", {"person": "Dora"}, "Dora is signed out"),
        ("charlie", "/people sign-in", {}, "Your sign-in link"),
        ("charlie", "/people link", {}, "Tell Troupe who you are somewhere else"),
        ("charlie", "/people zone", {"zone": "Tokyo"}, "Asia/Tokyo"),
        ("charlie", "/people name", {"name": "Charles"}, "Charles it is"),
        ("mia", "/people group", {"group": "{marketing}", "as_": "viewer"}, "Whoever is in"),
        ("charlie", "/people groups", {}, "viewer"),
        ("mia", "/people ungroup", {"group": "{marketing}"}, "lets nobody in any more"),
    ],
    "alerts": [
        raised,
        ("charlie", "/alert list", {}, "1 open alert"),
        ("charlie", "/alert show", ALERT, "backup 0."),
        ("mia", "/alert ack", ALERT, "Acknowledged by"),
        ("bob", "/alert resolve", ALERT, "Resolved by"),
    ],
    "tasks": [
        ("charlie", "/task list", {}, "Nothing is under way"),
        ("mia", "/persona new", {"name": "Yuki", "from_": "founder"}, "Yuki (@yuki)"),
        (
            "bob",
            "/task new",
            {"brief": "Compare three queues.", "for_": "@ada", "complexity": 3},
            "Compare three",
        ),
        lambda crew: shows(crew.general, "Compare three", WORKED_ON),
        ("charlie", "/task show", TASK, STANDS),
        ("charlie", "/task list", {"which": "all"}, "1 task"),
        ("bob", "/task pause", TASK, "paused"),
        ("bob", "/task resume", TASK, WORKED_ON),
        ("bob", "/task correct", {**TASK, "complexity": 4, "by": "{tomorrow}"}, "4 of 10"),
        ("mia", "/task budget", {**TASK, "dollars": "7.50"}, "of $7.50"),
        ("mia", "/task give", {**TASK, "to": "@yuki"}, "Yuki: Compare"),
        lambda crew: shows(crew.general, "Yuki: Compare three", WORKED_ON),
        lambda crew: labour.blocked(crew.troupe.storage, labour.named(crew.troupe.storage, "Compare")),
        ("mia", "/task retry", TASK, WORKED_ON),
        ("charlie", "/task files", TASK, "handed over no files yet"),
        ("charlie", "/task steps", TASK, "neither left its workspace"),
        ("charlie", "/task digest", {"wanted": False}, "not told any more"),
        ("bob", "/task stop", {**TASK, "because": "of the date"}, "cancelled"),
        ("charlie", "/home", {}, "Nothing waits for you"),
    ],
    "on call": [
        ("charlie", "/oncall who", {}, "Nobody is on call"),
        ("mia", "/oncall rota-new", {"name": "primary", **WEEKLY}, "Mia is on call"),
        ("charlie", "/oncall rota-show", ROTA, STANDS),
        ("mia", "/oncall rota-change", {**ROTA, "every": "2 days", "zone": "Tokyo"}, "every 2 days"),
        ("charlie", "/oncall who", {}, "Mia is on call"),
        ("charlie", "/oncall next", ROTA, "Who is on call next: primary"),
        ("bob", "/oncall override", {"until": "{tomorrow}"}, "Bob has it until"),
        ("charlie", "/oncall who", {}, "Bob is on call"),
        ("bob", "/oncall give-back", {}, "Mia is on call"),
        (
            "bob",
            "/oncall page",
            {"whom": "primary", "what": "the shop is down"},
            "Bob pages Mia: the shop is down",
        ),
        ("charlie", "/oncall export", ROTA, "The calendar of primary"),
        ("mia", "/oncall import", ROTA, "Import a calendar into primary"),
        ("mia", "/oncall rota-remove", ROTA, "Remove the rota primary?"),
        ("charlie", "/oncall report", {"weeks": 2}, "On call: the last 2 weeks"),
        ("charlie", "/oncall handover", {}, "Hand-over"),
        ("charlie", "/oncall escalation", {"severity": "critical"}, "Who is asked"),
        ("mia", "/oncall escalation-reset", {"severity": "critical", "for_": "@ada"}, "Who is asked"),
    ],
    "how people are reached": [
        ("charlie", "/reach me", {}, "in chat alone"),
        ("charlie", "/reach email", {**MAIL, "for_": "critical"}, "A code is on its way to you"),
        ("charlie", "/reach confirm", {"code": "{code}"}, "is used when it is critical"),
        ("charlie", "/reach webhook", {"address": "https://hooks.example.com/x"}, "whsec_"),
        ("charlie", "/reach quiet", {"hours": "22:00-07:00"}, "Your quiet hours are"),
        ("charlie", "/reach test", {}, "A test is on its way"),
        ("charlie", "/reach remove", MAIL, "How you are reached"),
    ],
    "keys, the trail and the big switch": [
        key_is_made,
        ("charlie", "/key list", {}, "1 API key"),
        ("charlie", "/key revoke", {"name": "backup"}, "is revoked"),
        ("bob", "/audit", {"about": "@ada"}, "udit trail"),
        ("charlie", "/status", {}, "Waiting for approval"),
        ("mia", "/halt", {"reason": "a drill"}, "Troupe is halted"),
        ("mia", "/resume", {}, "Troupe is running"),
        ("charlie", "/help", {"command": "post draft"}, "/post draft @persona about"),
    ],
}
TYPED = {step[1].removeprefix("/") for steps in STORIES.values() for step in steps if isinstance(step, tuple)}


def test_no_command_is_left_out() -> None:
    assert set(REGISTRY.commands) == TYPED


@pytest.mark.parametrize("story", STORIES)
def test_a_command_has_an_answer(crew: Team, story: str) -> None:
    for step in STORIES[story]:
        if callable(step):
            step(crew)
            continue
        who, command, options, words = step
        ask(crew.users[who], command, crew.general, words, **filled(options, crew))
    assert crew.discord.refusals == []


def looks_up(command: Command) -> bool:
    return command.path != "help" and any(p.kind.completes and not p.kind.choices for p in command.parameters)


@pytest.mark.parametrize(
    "group", sorted({each.group for each in REGISTRY.commands.values() if looks_up(each)})
)
def test_what_means_nothing_is_told_in_private(crew: Team, group: str) -> None:
    """Every option that takes free text, with text that fits none: a sentence comes back, and nothing stumbles.

    Group by group: all at once would be more calls in a second than Discord takes.
    """
    for command in REGISTRY.commands.values():
        if not looks_up(command) or command.group != group:
            continue
        who = next(name for name, role in reversed(CAST.items()) if role.covers(command.role))
        told = ask(crew.users[who], f"/{command.path}", crew.general, "not done", **nonsense(command))
        assert told.only_for == crew.users[who].id
    assert crew.discord.refusals == []


def nonsense(command: Command) -> Options:
    return {
        p.name: value(p)
        for p in command.parameters
        if p.required or (p.kind.completes and not p.kind.choices)
    }


def value(parameter: Parameter) -> Any:
    if parameter.kind.bounds:
        return parameter.kind.bounds[0]
    return parameter.kind.choices[0] if parameter.kind.choices else "nonsense, of no kind"


def filled(options: Options, crew: Team) -> Options:
    """{first}: the id of the post whose brief begins so, as /post queue shows it.  {code}: what Charlie was mailed."""

    def word(text: Any) -> Any:
        if not isinstance(text, str) or "{" not in text:
            return text
        known = {"tomorrow": f"{crew.troupe.clock() + timedelta(days=1):%Y-%m-%d} 09:00"}
        if text == "{news}":
            return crew.rooms["news"].mention
        if text == "{marketing}":
            return f"<@&{crew.discord.role('marketing').id}>"
        if text == "{alert}":
            return first_alert(crew).id
        if text == "{task}":
            return labour.named(crew.troupe.storage, "").id
        if text == "{code}":
            return new_code(crew, "charlie")
        if text.strip("{}") in ("first", "second", "third"):
            known[text.strip("{}")] = variant(crew, text.strip("{}")).id[:8]
        return text.format(**known)

    return {name: word(each) for name, each in options.items()}
