"""Asking a persona for a post: /post draft in a line, New post… in a form."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Annotated, TypeVar

from agents.errors import Conflict, Invalid, NotFound
from agents.people import Role
from agents.personas.persona import Persona, PersonaState
from agents.publishing.platform import Account
from agents.talk.message import Message
from agents.writing import draft
from agents.writing.draft import BRIEF_LIMIT
from agents.writing.writer import ContentType
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.parameters import ACCOUNTS, CONTENT_TYPE, LINK, PERSONA, TEXT, URL_LIMIT, WHEN, parse_moment
from bot.ports import Ports
from bot.present.draw import draw
from bot.present.home import BLANK
from bot.registry import button, command

T = TypeVar("T")


class NewPostForm(Form):
    title = "New post"
    submit = "Have it drafted"
    persona: str = asked("Who writes it?", "choice", max_length=40)
    platforms: list[str] = asked("Where to?", "choices", min_length=1, max_length=20)
    about: str = asked("What is it about?", "multiline", min_length=1, max_length=BRIEF_LIMIT)
    at: str = asked("When (optional)", "datetime", hint="As soon as it is approved, if left out.", default="")
    link: str = asked(
        "Link (optional)", hint="A page that the post is about.", default="", max_length=URL_LIMIT
    )


@command("post draft", "Ask a persona to write a post", role=Role.EDITOR)
def post_draft(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    about: Annotated[str, TEXT],
    *,
    on: Annotated[tuple[str, ...], ACCOUNTS] = ("stage",),
    as_: Annotated[ContentType, CONTENT_TYPE] = ContentType.POST,
    at: Annotated[datetime | None, WHEN] = None,
    link: Annotated[str, LINK] = "",
    reply: Annotated[str, TEXT] = "",
) -> Card:
    accounts = _accounts(persona, on, ports)
    return _ask(call, ports, persona, about, accounts, as_=as_, at=at, link=link, reply=reply)


def _choices(click: Click, ports: Ports) -> Prefill:
    """The id is that of the message that a post is to be made of, or BLANK."""
    personas = [p for p in ports.work.personas.all() if p.state is PersonaState.ACTIVE]
    if not personas:
        raise Conflict("No persona is at work.", remedy="/persona new makes one, /persona resume wakes one.")
    there = {account.platform for one in personas for account in ports.work.accounts.of(one.id)}
    platforms = tuple(Option(word, rules.name) for word, rules in ports.rules.items() if word in there)
    if not platforms:
        raise Conflict("No persona has an account yet.", remedy="/persona connect gives it one.")
    return Prefill(
        {
            "persona": personas[0].id if len(personas) == 1 else None,
            "platforms": [platforms[0].value],
            "about": "" if click.id == BLANK else said(click, ports).text,
        },
        {
            "persona": tuple(Option(p.id, f"{p.name} (@{p.handle}), {p.profile.role}") for p in personas),
            "platforms": platforms,
        },
    )


@button("post.new", role=Role.EDITOR, form=NewPostForm, prefill=_choices)
def new(click: Click, ports: Ports, form: NewPostForm) -> Card:
    """Asked for outside of any channel, the card goes to where Troupe talks to that person."""
    if not click.place.channel:
        direct = ports.work.channels.direct(click.person.id, ports.now)
        click = replace(click, place=replace(click.place, channel=direct.id))
    at = parse_moment(form.at, ports, field="at") if form.at else None
    link = _at("link", lambda: LINK.parse(form.link, ports)) if form.link else ""
    persona = _at("persona", lambda: ports.work.personas.get(form.persona))
    platforms = tuple(dict.fromkeys(form.platforms))
    accounts = _at("platforms", lambda: _accounts(persona, platforms, ports))
    return _at("persona", lambda: _ask(click, ports, persona, form.about, accounts, at=at, link=link))


def _at(field: str, step: Callable[[], T]) -> T:
    """What is wrong in that step is said at this field, unless it names one of the form's itself."""
    try:
        return step()
    except (Conflict, Invalid, NotFound) as error:
        error.field = error.field if error.field in NewPostForm.model_fields else field
        raise


def _ask(
    asked: Call | Click,
    ports: Ports,
    persona: Persona,
    about: str,
    accounts: tuple[Account, ...],
    *,
    as_: ContentType = ContentType.POST,
    at: datetime | None = None,
    link: str = "",
    reply: str = "",
) -> Card:
    """One card for each account; the last one is the answer, the others stand beside it."""
    shares = link and as_ is ContentType.POST
    variants = draft.request(
        draft.Request(
            persona=persona,
            accounts=accounts,
            brief=about,
            type=ContentType.REPLY if reply else ContentType.ARTICLE if shares else as_,
            by=asked.person,
            origin=asked.place.channel,
            publish_at=at,
            source_url=link,
            reply_to=reply,
            via=asked.via,
        ),
        ports.work,
    )
    for variant in variants:
        ports.work.place(asked.place.channel, variant.subject)
        for channel in ports.work.personas.routes(persona.id):
            ports.work.place(channel, variant.subject)
    return draw(variants[-1].subject, ports.work, asked.person)


def _accounts(persona: Persona, platforms: tuple[str, ...], ports: Ports) -> tuple[Account, ...]:
    return tuple(ports.work.accounts.on(persona.id, platform) for platform in platforms)


def said(click: Click, ports: Ports) -> Message:
    """Raises NotFound unless it was said where the button is pressed, for everybody there or this person."""
    id = int(click.id) if click.id.isdecimal() and len(click.id) < 19 else 0
    message = ports.work.messages.get(id)
    if message.channel_id != click.place.channel or message.audience not in ("", click.person.id):
        raise NotFound("There is no such message here.", remedy="Type what the post is about into a new one.")
    return message
