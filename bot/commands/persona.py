"""/persona …: who writes. Made, shown, changed, copied, paused, put away."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated
from unicodedata import normalize

from agents.errors import Invalid
from agents.events import Subject
from agents.people import Role
from agents.personas import document, manage
from agents.personas.persona import Persona
from agents.personas.templates import template
from bot.calls import Call, Click
from bot.cards import Card
from bot.commands.persona_forms import BudgetForm, CloneForm, ImportForm, PersonaForm, values_of
from bot.forms import Prefill
from bot.parameters import HANDLE, MONEY, PERSONA, TEMPLATE, TEXT, ZONE
from bot.ports import Ports
from bot.present import persona as present
from bot.present.draw import draw
from bot.registry import button, command

SCRATCH = "scratch"
"""Stands for no template on a button."""


@command("persona list", "Every persona, and where it posts")
def persona_list(call: Call, ports: Ports) -> Card:
    work = ports.work
    return present.all_of([(p, work.accounts.of(p.id)) for p in work.personas.all()])


@command("persona show", "A persona's card")
def persona_show(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    return draw(persona.subject, ports.work, call.person)


@command("persona templates", "Ready-made personas to begin with", role=Role.MANAGER)
def persona_templates(call: Call, ports: Ports) -> Card:
    return present.templates()


@command("persona new", "Make a persona; without a name, choose a template", role=Role.MANAGER)
def persona_new(
    call: Call,
    ports: Ports,
    name: Annotated[str, TEXT] = "",
    *,
    handle: Annotated[str, HANDLE] = "",
    from_: Annotated[str, TEMPLATE] = "",
) -> Card:
    """The handle is made of the name's first word unless it is given."""
    if not (name or handle or from_):
        return present.templates()
    model = template(from_).model_dump() if from_ else {}
    called = {"name": name or model.get("name", handle), "handle": handle or _handle_of(name)}
    profile = document.profile(model | {key: value for key, value in called.items() if value})
    return _made(
        manage.create(profile, call.person, ports.work, came_from=_origin(from_), via=call.via), call, ports
    )


@command("persona edit", "Change a persona; without more, its card with Edit…", role=Role.MANAGER)
def persona_edit(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    *,
    name: Annotated[str | None, TEXT] = None,
    handle: Annotated[str | None, HANDLE] = None,
    role: Annotated[str | None, TEXT] = None,
    bio: Annotated[str | None, TEXT] = None,
    zone: Annotated[str | None, ZONE] = None,
    budget: Annotated[Decimal | None, MONEY] = None,
) -> Card:
    given = {
        "name": name,
        "handle": handle,
        "role": role,
        "bio": bio,
        "zone": zone,
        "monthly_budget_usd": budget,
    }
    changes = {key: value for key, value in given.items() if value is not None}
    if changes:
        profile = document.profile(persona.profile.model_dump() | changes)
        manage.edit(persona.id, profile, call.person, ports.work, via=call.via)
    return draw(persona.subject, ports.work, call.person)


@command("persona clone", "Copy a persona under another handle", role=Role.MANAGER)
def persona_clone(
    call: Call,
    ports: Ports,
    persona: Annotated[Persona, PERSONA],
    handle: Annotated[str, HANDLE],
    name: Annotated[str, TEXT] = "",
) -> Card:
    return _made(manage.clone(persona.id, handle, name, call.person, ports.work, via=call.via), call, ports)


@command("persona import", "Make a persona of a YAML or JSON document", role=Role.MANAGER)
def persona_import(call: Call, ports: Ports) -> Card:
    return present.importing()


@command("persona export", "A persona as a YAML document")
def persona_export(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    return present.exported(persona, document.write(persona.profile))


@command("persona pause", "It writes and publishes nothing until it is let go on", role=Role.MANAGER)
def persona_pause(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    manage.pause(persona.id, call.person, ports.work, via=call.via)
    return draw(persona.subject, ports.work, call.person)


@command("persona resume", "Let a paused persona go on", role=Role.MANAGER)
def persona_resume(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    manage.resume(persona.id, call.person, ports.work, via=call.via)
    return draw(persona.subject, ports.work, call.person)


@command("persona archive", "Put a persona away; its history stays", role=Role.MANAGER)
def persona_archive(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    manage.archive(persona.id, call.person, ports.work, via=call.via)
    return draw(persona.subject, ports.work, call.person)


@command("persona restore", "Bring a persona back out of the archive", role=Role.MANAGER)
def persona_restore(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    manage.restore(persona.id, call.person, ports.work, via=call.via)
    return draw(persona.subject, ports.work, call.person)


def _ready_made(click: Click, ports: Ports) -> Prefill:
    return Prefill(values_of(template(click.id)) if click.id != SCRATCH else {})


@button("persona.new", role=Role.MANAGER, form=PersonaForm, prefill=_ready_made)
def new(click: Click, ports: Ports, form: PersonaForm) -> Card:
    """The id is the template's word, or SCRATCH."""
    origin = _origin("" if click.id == SCRATCH else click.id)
    avatar = _picture(form.avatar, ports)
    persona = manage.create(
        form.profile(), click.person, ports.work, avatar=avatar, came_from=origin, via=click.via
    )
    return _made(persona, click, ports)


def _as_it_is(click: Click, ports: Ports) -> Prefill:
    persona = ports.work.personas.get(click.id)
    return Prefill(values_of(persona.profile, persona.avatar))


@button("persona.edit", role=Role.MANAGER, form=PersonaForm, prefill=_as_it_is)
def edit(click: Click, ports: Ports, form: PersonaForm) -> Card:
    """Which tasks it takes, and with what, is not asked here, and stays."""
    tasks = ports.work.personas.get(click.id).profile.tasks
    manage.edit(
        click.id,
        form.profile().model_copy(update={"tasks": tasks}),
        click.person,
        ports.work,
        seen=click.fingerprint,
        avatar=_picture(form.avatar, ports),
        via=click.via,
    )
    return _card(click, ports)


def _budget_now(click: Click, ports: Ports) -> Prefill:
    return Prefill({"monthly_budget_usd": str(ports.work.personas.get(click.id).profile.monthly_budget_usd)})


@button("persona.budget", role=Role.MANAGER, form=BudgetForm, prefill=_budget_now)
def budget(click: Click, ports: Ports, form: BudgetForm) -> Card:
    profile = ports.work.personas.get(click.id).profile
    changed = profile.model_copy(update={"monthly_budget_usd": form.monthly_budget_usd})
    manage.edit(click.id, changed, click.person, ports.work, seen=click.fingerprint, via=click.via)
    return _card(click, ports)


@button("persona.clone", role=Role.MANAGER, form=CloneForm)
def clone(click: Click, ports: Ports, form: CloneForm) -> Card:
    copy = manage.clone(click.id, form.handle, form.name, click.person, ports.work, via=click.via)
    return _made(copy, click, ports)


@button("persona.import", role=Role.MANAGER, form=ImportForm)
def import_(click: Click, ports: Ports, form: ImportForm) -> Card:
    persona = manage.import_profile(
        form.text, click.person, ports.work, replaces=form.replaces, via=click.via
    )
    return _made(persona, click, ports)


@button("persona.export")
def export(click: Click, ports: Ports) -> Card:
    persona = ports.work.personas.get(click.id)
    return present.exported(persona, document.write(persona.profile))


@button("persona.pause", role=Role.MANAGER)
def pause(click: Click, ports: Ports) -> Card:
    manage.pause(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("persona.resume", role=Role.MANAGER)
def resume(click: Click, ports: Ports) -> Card:
    manage.resume(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("persona.archive", role=Role.MANAGER)
def archive(click: Click, ports: Ports) -> Card:
    manage.archive(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


@button("persona.restore", role=Role.MANAGER)
def restore(click: Click, ports: Ports) -> Card:
    manage.restore(click.id, click.person, ports.work, via=click.via)
    return _card(click, ports)


def _card(click: Click, ports: Ports) -> Card:
    return draw(Subject("persona", click.id), ports.work, click.person)


def _made(persona: Persona, asked: Call | Click, ports: Ports) -> Card:
    """A new persona's card stands where it was asked for."""
    ports.work.place(asked.place.channel, persona.subject)
    return draw(persona.subject, ports.work, asked.person)


def _picture(id: str, ports: Ports) -> str:
    """Raises NotFound unless there is such a picture, or none is meant."""
    return ports.work.pictures.get(id).id if id else ""


def _origin(word: str) -> str:
    return f"the template {word}" if word else ""


def _handle_of(name: str) -> str:
    """ "Inês Carvalho" -> "ines"; "" for no name. Raises Invalid where no handle can be made of it."""
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = re.findall(r"[a-z][a-z0-9_-]+", plain)
    if name and not words:
        raise Invalid(f"I cannot make a handle of “{name}”.", remedy="Give one: handle ada.", field="handle")
    return words[0][:30] if words else ""
