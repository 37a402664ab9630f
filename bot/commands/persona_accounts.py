"""/persona connect and disconnect: where a persona posts. A password comes in through a form, never in a line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from agents.errors import Conflict, NotFound
from agents.people import Role
from agents.personas import accounts
from agents.personas.persona import Persona, PersonaState
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.parameters import PERSONA, PLATFORM
from bot.platforms import BLUESKY, STAGE
from bot.ports import Connected, Ports
from bot.present import account as present
from bot.present.draw import draw
from bot.registry import button, command


class BlueskyForm(Form):
    """Its fields are what the connector takes."""

    title = "Connect Bluesky"
    submit = "Sign in"
    base_url: str = asked(
        "Server", default="https://bsky.social", hint="The PDS on which the account lives.", max_length=300
    )
    handle: str = asked("Handle", hint="Such as ada.bsky.social.", min_length=1, max_length=260)
    app_password: str = asked(
        "App password",
        "secret",
        hint="From Bluesky: Settings, Privacy and security, App passwords. Kept encrypted.",
        min_length=1,
        max_length=200,
    )


class WhoseForm(Form):
    title = "Connect an account"
    submit = "Show accounts"
    persona: str = asked("Whose account is it?", "choice", max_length=40)


@command("persona connect", "The accounts of a persona, and the buttons that connect one", role=Role.MANAGER)
def persona_connect(call: Call, ports: Ports, persona: Annotated[Persona, PERSONA]) -> Card:
    return present.card(persona, ports.work.accounts.of(persona.id))


def _everybody(click: Click, ports: Ports) -> Prefill:
    personas = [p for p in ports.work.personas.all() if p.state is not PersonaState.ARCHIVED]
    if not personas:
        raise Conflict("There is no persona yet.", remedy="/persona new makes one.")
    options = tuple(Option(p.id, f"{p.name} (@{p.handle})") for p in personas)
    return Prefill({"persona": click.id if click.id != present.ANYBODY else None}, {"persona": options})


@button("persona.connect", role=Role.MANAGER, form=WhoseForm, prefill=_everybody)
def connect(click: Click, ports: Ports, form: WhoseForm) -> Card:
    """From where no persona is named yet; the id is one's own, or `present.ANYBODY`."""
    persona = ports.work.personas.get(form.persona)
    return present.card(persona, ports.work.accounts.of(persona.id))


@command("persona disconnect", "Let an account go; asks before it does", role=Role.MANAGER)
def persona_disconnect(
    call: Call, ports: Ports, persona: Annotated[Persona, PERSONA], platform: Annotated[str, PLATFORM]
) -> Card:
    return present.leaving(ports.work.accounts.on(persona.id, platform), persona)


def sign_in(click: Click, ports: Ports, form: BlueskyForm) -> Callable[[], Connected]:
    """The right is checked before the password goes anywhere."""
    accounts.may_connect(click.id, click.person, ports.work)
    if BLUESKY.platform not in ports.connectors:
        raise NotFound("Nothing here can sign in to Bluesky.", remedy="Run ./troupe doctor.")
    connector = ports.connectors[BLUESKY.platform]
    return lambda: connector(form.model_dump())


@button("persona.connect_bluesky", role=Role.MANAGER, form=BlueskyForm, outside=sign_in)
def connect_bluesky(click: Click, ports: Ports, form: BlueskyForm, connected: Connected) -> Card:
    return _connect(BLUESKY.platform, connected, click, ports)


@button("persona.connect_stage", role=Role.MANAGER)
def connect_stage(click: Click, ports: Ports) -> Card:
    """The built-in feed knows every persona by its own handle."""
    handle = ports.work.personas.get(click.id).handle
    return _connect(STAGE.platform, Connected(handle, "", "", {}), click, ports)


@button("account.disconnect", role=Role.MANAGER)
def disconnect(click: Click, ports: Ports) -> Card:
    account = accounts.disconnect(click.id, click.person, ports.work, via=click.via)
    persona = ports.work.personas.get(account.persona_id)
    return present.card(persona, ports.work.accounts.of(persona.id))


def _connect(platform: str, connected: Connected, click: Click, ports: Ports) -> Card:
    account = accounts.connect(click.id, platform, connected, click.person, ports.work, via=click.via)
    persona = ports.work.personas.get(account.persona_id)
    return draw(persona.subject, ports.work, click.person)
