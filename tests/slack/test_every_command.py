"""Every command of the registry, typed in Slack by somebody who may: through its group's own command, and through /troupe.

The list is the registry's: a command without an example here fails, as does one that does not say how it is typed.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from agents import access
from agents.effects.effect import EffectState
from agents.people import Role
from agents.writing.post import State
from bot import commands
from bot.registry import REGISTRY, Command
from bot.slack.manifest import BUILT_IN
from tests.slack.stories import ask, put, shows, variant
from tests.slack.team import CAST, Team
from tests.surfaces import labour
from tests.surfaces.rows import first_alert, new_code, raised

commands.load()

Step = tuple[str, str, str] | Callable[[Team], object]
"""(who, what they type, words of the answer), or what happens meanwhile. `{first}`: the post about that, by its id."""
STANDS = "Its card stands in this channel"
OUT = "Take down"
WORKED_ON = "being worked on"


def key_is_made(crew: Team) -> None:
    with crew.troupe.storage.unit_of_work() as work:
        access.make_key("backup", Role.VIEWER, crew.people["charlie"], work)


STORIES: dict[str, list[Step]] = {
    "drafts": [
        ("bob", '/post draft @ada "first of all"', "first of all"),
        lambda crew: shows(crew.general, "first of all", "waiting for approval"),
        ("charlie", "/post show {first}", STANDS),
        ("mia", "/post queue @ada", "1 post waits for you"),
        ("charlie", "/post history {first}", "History of post"),
        ("bob", "/post edit {first} My own words.", STANDS),
        ("bob", "/post add-image {first}", "Add a picture…"),
        ("mia", "/post changes {first} shorter, please", STANDS),
        lambda crew: shows(crew.general, "first of all", "3, by Ada", "waiting for approval"),
        ("mia", "/post schedule {first} {tomorrow}", STANDS),
        ("bob", "/post unschedule {first}", STANDS),
    ],
    "posts that go out": [
        ("bob", '/post draft @ada "first of all"', "first of all"),
        lambda crew: shows(crew.general, "first of all", "waiting for approval"),
        ("mia", "/post schedule {first} {tomorrow}", STANDS),
        lambda crew: put(crew, "first", State.FAILED, effect=(EffectState.SENDING, EffectState.FAILED)),
        ("bob", "/post retry {first}", STANDS),
        lambda crew: shows(crew.general, "first of all", OUT),
        ("mia", "/post take-down {first}", STANDS),
        ("bob", '/post draft @ada "second of all"', "second of all"),
        lambda crew: shows(crew.general, "second of all", "waiting for approval"),
        ("mia", "/post reject {second} because of the date", STANDS),
        ("bob", '/post draft @ada "third of all"', "third of all"),
        lambda crew: shows(crew.general, "third of all", "waiting for approval"),
        ("mia", "/post approve {third}", STANDS),
        lambda crew: shows(crew.general, "third of all", OUT),
    ],
    "personas": [
        ("charlie", "/persona list", "1 persona"),
        ("charlie", "/persona show @ada", "Ada (@ada)"),
        ("mia", "/persona templates", "Begin with a template"),
        ("mia", '/persona new "Yara Bell" from founder', "Yara Bell (@yara)"),
        ("mia", '/persona edit @yara budget 20 bio "Nobody’s fool"', STANDS),
        ("mia", "/persona clone @yara eve Eve", "Eve (@eve)"),
        ("mia", "/persona import", "Import…"),
        ("charlie", "/persona export @eve", "@eve as a document"),
        ("mia", "/persona pause @eve", STANDS),
        ("mia", "/persona resume @eve", STANDS),
        ("mia", "/persona archive @eve", STANDS),
        ("mia", "/persona restore @eve", STANDS),
        ("mia", "/persona connect @ada", "Accounts of Ada"),
        ("mia", "/persona policy @ada quorum 2", "Who decides about posts of Ada"),
        ("mia", "/persona approvers @ada Alice and Mia", "Alice or Mia"),
        ("mia", "/persona auto @ada 5 for 2 days", "beforehand"),
        ("mia", "/persona disconnect @ada stage", "Disconnect ada on Stage from Ada?"),
        lambda crew: crew.channel("news"),
        ("mia", "/persona route @ada #news", STANDS),
        lambda crew: shows(crew.general, "Cards also go to", "#news on slack"),
    ],
    "people": [
        ("charlie", "/people list", "4 people"),
        ("mia", "/people show Charlie", "Charlie"),
        ("charlie", "/people me", "You are Charlie"),
        ("mia", "/people invite Dora as editor", "Dora is invited as an editor"),
        ("alice", "/people role Dora viewer", "Dora is a viewer now"),
        ("alice", "/people role @bob manager", "Bob is a manager now"),
        ("alice", "/people remove Dora", "Remove Dora?"),
        ("alice", "/people sign-out Dora", "Dora is signed out"),
        ("charlie", "/people sign-in", "Your sign-in link"),
        ("charlie", "/people link", "Tell Troupe who you are somewhere else"),
        ("charlie", "/people zone Tokyo", "Asia/Tokyo"),
        ("charlie", "/people name Charles", "Charles it is"),
        lambda crew: crew.slack.group("marketing", [crew.zoe]),
        ("mia", "/people group @marketing as viewer", "Whoever is in @marketing"),
        ("charlie", "/people groups", "@marketing"),
        ("mia", "/people ungroup @marketing", "@marketing lets nobody in any more"),
    ],
    "alerts": [
        raised,
        ("charlie", "/alert list", "1 open alert"),
        ("charlie", "/alert show {alert}", "backup 0."),
        ("mia", "/alert ack {alert}", STANDS),
        ("bob", "/alert resolve {alert}", STANDS),
    ],
    "tasks": [
        ("charlie", "/task list", "Nothing is under way"),
        ("mia", "/persona new Yuki from founder", "Yuki (@yuki)"),
        ("bob", "/task new Compare three queue libraries. for @ada complexity 3 as pdf", "Compare three"),
        lambda crew: shows(crew.general, "Compare three", WORKED_ON),
        ("charlie", "/task show {task}", STANDS),
        ("charlie", "/task list all", "1 task"),
        ("bob", "/task pause {task}", STANDS),
        ("bob", "/task resume {task}", STANDS),
        ("bob", "/task correct {task} complexity 4 by {tomorrow}", STANDS),
        ("mia", "/task budget {task} 7.50", STANDS),
        ("mia", "/task give {task} @yuki", STANDS),
        lambda crew: shows(crew.general, "Yuki: Compare three", WORKED_ON),
        lambda crew: labour.blocked(crew.troupe.storage, labour.named(crew.troupe.storage, "Compare")),
        ("mia", "/task retry {task}", STANDS),
        ("charlie", "/task files {task}", "handed over no files yet"),
        ("charlie", "/task steps {task}", "neither left its workspace"),
        ("charlie", "/task digest no", "not told any more"),
        ("bob", "/task stop {task} because of the date", STANDS),
        ("charlie", "/home", "Nothing waits for you"),
    ],
    "on call": [
        ("charlie", "/oncall who", "Nobody is on call"),
        ("mia", "/oncall rota new primary every week at 09:00 with @mia, @bob", "Mia is on call"),
        ("charlie", "/oncall rota show primary", STANDS),
        ("mia", "/oncall rota change primary every 2 days zone Tokyo", STANDS),
        ("charlie", "/oncall who", "Mia is on call"),
        ("charlie", "/oncall next primary", "Who is on call next: primary"),
        ("bob", "/oncall override until {tomorrow}", STANDS),
        ("charlie", "/oncall who", "Bob is on call"),
        ("bob", "/oncall give back", STANDS),
        ("bob", "/oncall page primary the shop is down", "Bob pages Mia: the shop is down"),
        ("charlie", "/oncall export primary", "The calendar of primary"),
        ("mia", "/oncall import primary", "Import a calendar into primary"),
        ("mia", "/oncall rota remove primary", "Remove the rota primary?"),
        ("charlie", "/oncall report 2", "On call: the last 2 weeks"),
        ("charlie", "/oncall handover", "Hand-over"),
        ("charlie", "/oncall escalation critical", "Who is asked"),
        ("mia", "/oncall escalation reset critical for @ada", "Who is asked"),
    ],
    "how people are reached": [
        ("charlie", "/reach me", "in chat alone"),
        ("charlie", "/reach email charlie@example.com for critical", "A code is on its way to you"),
        ("charlie", "/reach confirm {code}", "c…@example.com is used when it is critical"),
        ("charlie", "/reach webhook https://hooks.example.com/x", "whsec_"),
        ("charlie", "/reach quiet 22:00-07:00", "Your quiet hours are"),
        ("charlie", "/reach test", "A test is on its way"),
        ("charlie", "/reach remove c…@example.com", "How you are reached"),
    ],
    "keys, the trail and the big switch": [
        key_is_made,
        ("charlie", "/key list", "1 API key"),
        ("charlie", "/key revoke backup", "is revoked"),
        ("bob", "/audit about @ada", "udit trail"),
        ("charlie", "/status", "Waiting for approval"),
        ("mia", "/halt a drill", "Troupe is halted"),
        ("mia", "/resume", STANDS),
        ("charlie", "/help post draft", "/post draft @persona about"),
    ],
}
TYPED = [step[1] for steps in STORIES.values() for step in steps if isinstance(step, tuple)]


def test_no_command_is_left_out() -> None:
    typed = {REGISTRY.find_command(line.removeprefix("/").split())[0].path for line in TYPED}
    assert typed == set(REGISTRY.commands)


@pytest.mark.parametrize("way", ["its own", "/troupe"])
@pytest.mark.parametrize("story", STORIES)
def test_a_command_has_an_answer(crew: Team, story: str, way: str) -> None:
    for step in STORIES[story]:
        if callable(step):
            step(crew)
            continue
        who, line, words = step
        ask(crew.users[who], as_typed(filled(line, crew), way), crew.general, words)
    assert crew.slack.refusals() == []


def test_a_bad_call_is_told_the_usage(crew: Team) -> None:
    for command in REGISTRY.commands.values():
        who = next(name for name, role in reversed(CAST.items()) if role.covers(command.role))
        for way in ("its own", "/troupe"):
            ask(crew.users[who], as_typed(bad_call(command), way), crew.general, command.usage)
    assert crew.slack.refusals() == []


def bad_call(command: Command) -> str:
    """Too little where something has to be said; else a quote that is never closed."""
    too_little = any(parameter.required for parameter in command.parameters)
    return f"/{command.path}" if too_little else f'/{command.path} "as if'


def filled(line: str, crew: Team) -> str:
    """{first}: the id of the post whose brief begins so, as /post queue shows it.  {code}: what Charlie was mailed."""
    ids = {word: variant(crew, word).id[:8] for word in ("first", "second", "third") if f"{{{word}}}" in line}
    if "{alert}" in line:
        ids["alert"] = first_alert(crew).id
    if "{task}" in line:
        ids["task"] = labour.named(crew.troupe.storage, "").id
    if "{code}" in line:
        ids["code"] = new_code(crew, "charlie")
    at = crew.troupe.clock() + timedelta(days=1)
    return line.format(tomorrow=f"{at:%Y-%m-%d} 09:00", **ids)


def as_typed(line: str, way: str) -> str:
    """Names that Slack keeps for itself are only typed through /troupe."""
    group = line.removeprefix("/").split()[0]
    return line if way == "its own" and group not in BUILT_IN else f"/troupe {line.removeprefix('/')}"
