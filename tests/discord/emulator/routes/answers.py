"""The first response to an interaction.

docs.discord.com/developers/interactions/receiving-and-responding#create-interaction-response
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tests.discord.emulator import components, declared, payloads, posting
from tests.discord.emulator.errors import Json, Problem, Refused, invalid
from tests.discord.emulator.interaction import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    MODAL_SUBMIT,
    Interaction,
    View,
)
from tests.discord.emulator.posting import By
from tests.discord.emulator.rest import Incoming, Reply, route
from tests.discord.emulator.routes.webhooks import settle, write
from tests.discord.emulator.shapes import anything, fields, items, text
from tests.discord.emulator.state import EPHEMERAL, LOADING, Message

MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9
MOST_CHOICES = 25
ALLOWED: Mapping[int, set[int]] = {
    COMMAND: {MESSAGE, DEFERRED, MODAL},
    COMPONENT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE, MODAL},
    AUTOCOMPLETE: {CHOICES},
    MODAL_SUBMIT: {MESSAGE, DEFERRED, DEFERRED_UPDATE, UPDATE},  # the last two only if it came from a message
}


@route("POST", "/interactions/{interaction_id}/{interaction_token}/callback", open=True)
def answer_interaction(call: Incoming) -> Reply:
    """Once, in time, and with what this kind of interaction may be answered with."""
    asked = call.world.interactions.get(call.ids["interaction_token"])
    if asked is None or asked.id != call.ids["interaction_id"] or (asked.error and not asked.answered):
        raise Refused(10062)
    if asked.answered:
        raise Refused(40060)
    body = call.fields()
    callback = body.get("type")
    possible = ALLOWED[asked.type]
    if asked.type == MODAL_SUBMIT and asked.message is None:
        possible = possible - {DEFERRED_UPDATE, UPDATE}
    if callback not in possible:
        words = (
            f"An interaction of type {asked.type} can be answered with {sorted(possible)}, not {callback!r}."
        )
        raise invalid(Problem(("type",), "BASE_TYPE_CHOICES", words))
    data = body.get("data") or {}
    if not isinstance(data, dict):
        raise invalid(
            Problem(("data",), "MODEL_TYPE_CONVERT", "Only dictionaries may be used in a ModelType")
        )
    ANSWERS[callback](call, asked, data)
    asked.answer(callback, body, call.at)
    call.then.append(asked.done.set)
    if call.query.get("with_response") in {"1", "true", "True"}:
        return Reply(_told(call, asked))
    return Reply(status=204)


def _message(call: Incoming, asked: Interaction, data: Json) -> None:
    place = call.world.guild.channels.get(asked.channel)
    if place is None:
        raise Refused(10003)
    asked.response = write(call, asked, place, data)


def _deferred(call: Incoming, asked: Interaction, data: Json) -> None:
    """ "is thinking…".  Only the flag for ephemeral counts; the rest is said with the edit."""
    flags = data.get("flags") or 0
    if flags & ~EPHEMERAL:
        words = "A deferred response takes no flag but EPHEMERAL; set the others with the edit"
        raise invalid(Problem(("data", "flags"), "MESSAGE_FLAGS_INVALID", words))
    world, place = call.world, call.world.guild.channels.get(asked.channel)
    if place is None:
        raise Refused(10003)
    thinking = Message(world.snowflakes.mint(), place.id, world.bot.id, by_app=True, flags=flags | LOADING)
    thinking.webhook_id = By(world.bot.id, world.app_id).webhook
    settle(world, asked, thinking)
    asked.response = posting.add(world, place, thinking)


def _deferred_update(call: Incoming, asked: Interaction, data: Json) -> None:
    asked.response = asked.message


def _update(call: Incoming, asked: Interaction, data: Json) -> None:
    if asked.message is None or asked.message.deleted:
        raise Refused(10008)
    asked.response = posting.edit(call.world, asked.message, data, call.files)


def _choices(call: Incoming, asked: Interaction, data: Json) -> None:
    kind = int(focused(asked.payload["data"])["type"])
    known = {"name": text(100, 1), "name_localizations": anything, "value": anything}

    def choice(value: Any, path: tuple[str | int, ...]) -> Any:
        yield from fields(value, path, known, {"name", "value"})
        if isinstance(value, dict) and not declared.fits(value.get("value"), kind):
            yield Problem((*path, "value"), "BASE_TYPE_CHOICES", "The value does not fit the option's type")

    wrong = list(items(0, MOST_CHOICES, choice)(data.get("choices"), ("data", "choices")))
    if wrong:
        raise invalid(*wrong)
    asked.choices = list(data["choices"])


def focused(data: Json) -> Json:
    """The option that is being typed, however deep it stands."""
    for each in data.get("options") or ():
        if each.get("focused"):
            found: Json = each
            return found
        inner = focused(each)
        if inner:
            return inner
    return {}


def _modal(call: Incoming, asked: Interaction, data: Json) -> None:
    known = {"custom_id": text(100, 1), "title": text(45, 1), "components": anything}
    wrong = list(fields(data, ("data",), known, {"custom_id", "title", "components"}))
    wrong = wrong or components.of_modal(data["components"])
    if wrong:
        raise invalid(*wrong)
    asked.opened = View(data, asked)


ANSWERS: Mapping[int, Callable[[Incoming, Interaction, Json], None]] = {
    MESSAGE: _message,
    DEFERRED: _deferred,
    DEFERRED_UPDATE: _deferred_update,
    UPDATE: _update,
    CHOICES: _choices,
    MODAL: _modal,
}


def _told(call: Incoming, asked: Interaction) -> Json:
    """The resource only where a message was written or changed."""
    about: Json = {"id": asked.id, "type": asked.type}
    if asked.response is None:
        return {"interaction": about}
    about |= {
        "response_message_id": asked.response.id,
        "response_message_loading": asked.response.loading,
        "response_message_ephemeral": asked.response.only_for is not None,
    }
    if asked.callback not in {MESSAGE, UPDATE}:
        return {"interaction": about}
    message = payloads.message(call.world, asked.response)
    return {"interaction": about, "resource": {"type": asked.callback, "message": message}}
