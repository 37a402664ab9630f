"""What a person sees first: what waits for them, how what they asked for stands, what goes out and what went out.

Lists, with a few entries each. A button that decides stands beside the whole of what it decides on, or not at all: what
is too long for a list is opened, as its own card.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.people import Person, Role
from agents.personas.persona import Persona, PersonaState
from agents.tasks.task import OPEN
from agents.writing.facts import CheckState
from agents.writing.length import clip
from agents.writing.post import State, Variant
from bot.cards import Author, Block, Button, Card, Field, Fields, Text, Tone, action
from bot.present import account as accounts
from bot.present import post as post_card
from bot.present import post_lists, task_lists
from bot.present.post import PostView
from bot.present.post_view import post_view
from bot.present.task import TONES, badge
from bot.present.task_buttons import opens
from bot.present.task_lists import Waiting
from bot.present.words import count
from storage.unit_of_work import UnitOfWork

BLANK = "blank"
"""On `post.new` stands for no message that the post is made of."""
SHOWN, OPENED = 10, 5
"""Entries of one list; of an answer's list, how many have a button."""
PERSONAS = 5
"""Whose accounts are asked for at once."""
WHOLE = 500
"""Characters: longer texts are opened to be decided on."""
FIRST_WORDS = 140
_DECIDE = ("post.approve", "post.post_now", "post.changes", "post.reject")
"""What is pressed from the list; the rest is on the whole card."""
_DONE = (State.SCHEDULED, State.PUBLISHED, State.TAKING_DOWN, State.TAKEN_DOWN)
"""Have lists of their own, or are over."""
_UNDER_WAY = tuple(state for state in State if state not in _DONE)


@dataclass(frozen=True, slots=True)
class Section:
    """more: what is not shown, in words, "" for nothing.  empty: said where there are no cards."""

    title: str
    cards: tuple[Card, ...] = ()
    more: str = ""
    empty: str = ""
    buttons: tuple[Button, ...] = ()


def sections(person: Person, work: UnitOfWork) -> tuple[Section, ...]:
    """Only what this person may see and press, as of `work.now`."""
    mine, _, _ = post_lists.waiting(person, work)
    wanted = task_lists.waiting_for(person, work)
    waiting = (*map(_to_deal_with, wanted), *(_to_decide(variant, work) for variant in mine[:SHOWN]))
    connect = [_accounts(work)] if person.role.covers(Role.MANAGER) else []
    return (
        Section(f"Hello {person.name}", buttons=_first(person)),
        Section(
            "Waits for you",
            waiting[:SHOWN],
            _more(len(wanted) + len(mine), "/task list, /post queue"),
            "Nothing waits for you.",
        ),
        _asked(person, mine, work),
        _tasks(wanted, work),
        _scheduled(work),
        _out(work),
        *connect,
    )


def card(person: Person, work: UnitOfWork) -> Card:
    """What waits for this person, as an answer: each is opened by its button."""
    wanted, (mine, _, _) = task_lists.waiting_for(person, work), post_lists.waiting(person, work)
    lines = [f"{one.task.title}: {one.what}" for one in wanted] + [post_lists.line(v, work) for v in mine]
    presses = [one.shows for one in wanted] + [action("post.show", v.id) for v in mine]
    if not lines:
        return Card(
            "Nothing waits for you",
            (Text("What needs your decision or your answer comes here."),),
            _first(person),
        )
    shown = "\n".join(
        f"{n}. {clip(' '.join(line.split()), FIRST_WORDS)}" for n, line in enumerate(lines[:SHOWN], 1)
    )
    more = _more(len(lines))
    opened = tuple(Button(f"Open {n}", press) for n, press in enumerate(presses[:OPENED], 1))
    waits = f"{count(len(lines), 'thing')} {'waits' if len(lines) == 1 else 'wait'} for you"
    return Card(waits, (Text(shown), *([Text(more, "muted")] if more else [])), opened, tone=Tone.WAITING)


def _first(person: Person) -> tuple[Button, ...]:
    new = Button("New post…", action("post.new", BLANK), "primary")
    task = Button("New task…", action("task.new", BLANK))
    connect = Button("Connect an account…", action("persona.connect", accounts.ANYBODY))
    return (
        *([new, task] if person.role.covers(Role.EDITOR) else []),
        *([connect] if person.role.covers(Role.MANAGER) else []),
    )


def _to_deal_with(one: Waiting) -> Card:
    """A plan, a step, a result, a question: shown whole on its own card, and decided on there."""
    what = clip(" ".join(one.what.split()), FIRST_WORDS)
    opened = Button("Open", one.shows)
    return Card(one.task.title, (Text(what),), (opened,), badge=badge(one.task), tone=TONES[one.task.state])


def _tasks(wanted: Sequence[Waiting], work: UnitOfWork) -> Section:
    """What is under way, but for what waits for this person themselves, which stands above."""
    above = {one.task.id for one in wanted}
    found = [task for task in work.tasks.in_states(OPEN) if task.id not in above]
    cards = tuple(
        Card(task_lists.line(task, work), buttons=(opens(task, "Open"),), tone=TONES[task.state])
        for task in found[:SHOWN]
    )
    return Section("Tasks", cards, _more(len(found), "/task list"), "Nothing is being worked on.")


def _to_decide(variant: Variant, work: UnitOfWork) -> Card:
    """The post's own buttons, where all that they decide on stands here."""
    view = post_view(variant.id, work)
    when = variant.publish_at or "as soon as it is approved"
    facts = Fields((Field("Account", f"@{view.account.handle.removeprefix('@')}"), Field("Goes out", when)))
    if not _stands_whole(view):
        return _listed(variant, work, (_beginning(view), facts))
    text = Text(view.version.content.text, "quote", whole=True) if view.version else facts
    own = (button for button in post_card.card(view).buttons if button.action.partition(":")[0] in _DECIDE)
    return _listed(variant, work, (text, facts), tuple(own))


def _stands_whole(view: PostView) -> bool:
    """Whether text, account and time are all there is to know: no further segment, picture, preview or remark."""
    if view.version is None or len(view.version.content.segments) != 1:
        return False
    [segment] = view.version.content.segments
    clean = all(check.state in (CheckState.PASSED, CheckState.SKIPPED) for check in view.version.checks)
    return clean and not segment.pictures and segment.card is None and len(segment.text) <= WHOLE


def _asked(person: Person, mine: Sequence[Variant], work: UnitOfWork) -> Section:
    """But for what waits for this person themselves, which stands above."""
    found = work.posts.in_states(_UNDER_WAY, requested_by=person.id, oldest_first=False)
    others = [variant for variant in found if variant not in mine]
    cards = tuple(_standing(variant, work) for variant in others[:SHOWN])
    return Section("You asked for", cards, _more(len(others)), "Nothing is under way.")


def _scheduled(work: UnitOfWork) -> Section:
    states = (State.SCHEDULED,)
    found = work.posts.in_states(states, by="publish_at", limit=SHOWN)
    cards = tuple(
        _listed(variant, work, (Fields((Field("Goes out", variant.publish_at or ""),)),)) for variant in found
    )
    return Section(
        "Scheduled", cards, _more(work.posts.count(states), "/post queue"), "Nothing is scheduled."
    )


def _out(work: UnitOfWork) -> Section:
    states = (State.PUBLISHED,)
    found = work.posts.in_states(states, by="published_at", limit=SHOWN, oldest_first=False)
    cards = tuple(_published(variant, work) for variant in found)
    return Section("Went out", cards, _more(work.posts.count(states)), "Nothing has been published yet.")


def _accounts(work: UnitOfWork) -> Section:
    """Of personas that can post nowhere, or not where they did."""
    found: list[Card] = []
    for persona in work.personas.all():
        own = work.accounts.of(persona.id)
        lost = [account for account in own if account.state != "connected"]
        if persona.state is PersonaState.ARCHIVED or (own and not lost):
            continue
        said = ", ".join(map(accounts.account_line, lost)) or "posts nowhere yet"
        buttons = tuple(accounts.connect_buttons(persona, own))
        found.append(Card(f"{persona.name}: {said}", buttons=buttons, author=_author(persona)))
    more = _more(len(found), "/persona list", shown=PERSONAS)
    return Section("Accounts to connect", tuple(found[:PERSONAS]), more, "Every persona can post somewhere.")


def _standing(variant: Variant, work: UnitOfWork) -> Card:
    blocks = (Text(variant.trouble, "muted"),) if variant.trouble else ()
    return _listed(variant, work, blocks)


def _published(variant: Variant, work: UnitOfWork) -> Card:
    facts = (Fields((Field("Published", variant.published_at or ""),)),)
    links = (Button("Open the post", url=variant.url),) if variant.url else ()
    return replace(_listed(variant, work, facts), buttons=links or (_open(variant),))


def _listed(
    variant: Variant, work: UnitOfWork, blocks: tuple[Block, ...], buttons: tuple[Button, ...] = ()
) -> Card:
    """One entry. Not the subject's living card, so without its subject."""
    badge, tone = post_card.BADGES[variant.state]
    title = post_lists.title(variant, work)
    return Card(title, blocks, (*buttons, _open(variant)), badge=badge, tone=tone)


def _open(variant: Variant) -> Button:
    return Button("Open", action("post.show", variant.id))


def _beginning(view: PostView) -> Text:
    """Told to be only that by the … at its end."""
    text = view.version.content.text if view.version else ""
    return Text(clip(" ".join(text.split()), FIRST_WORDS), "quote")


def _author(persona: Persona) -> Author:
    return Author(persona.name, "persona", persona.id, persona.avatar)


def _more(number: int, where: str = "", *, shown: int = SHOWN) -> str:
    over = number - shown
    return f"and {over:,} more{': ' if where else ''}{where}" if over > 0 else ""
