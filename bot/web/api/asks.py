"""POST /api/commands and POST /api/actions: whatever can be done by hand, by a program."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request

from agents.errors import Invalid, TroupeError
from agents.events import Subject
from bot.calls import Place
from bot.cards import Card
from bot.dispatch import Answer
from bot.forms import FormErrors, FormView
from bot.web.api.access import Asking, Caller, troupe_of
from bot.web.api.bodies import KeyedRoute
from bot.web.api.errors import FieldErrors
from bot.web.api.seen import channel_seen, must_see_message
from bot.web.api.shapes import ActionIn, CommandIn, Reply, card_of, form_of, message_of
from storage.unit_of_work import UnitOfWork

router = APIRouter(route_class=KeyedRoute, tags=["Asking"])

_COMMANDS: dict[str, Any] = {
    "draft": {
        "summary": "A command",
        "value": {"text": '/post draft @ada "our new release"', "channel": "general"},
    },
    "words": {"summary": "Plain words", "value": {"text": "hello @ada, how are you?", "channel": "general"}},
}
_ACTIONS: dict[str, Any] = {
    "press": {"summary": "A button", "value": {"action": "post.approve:f3k9w2m7qd:9c1f0b7e"}},
    "form": {
        "summary": "A button with its form",
        "value": {"action": "post.changes:f3k9w2m7qd:9c1f0b7e", "values": {"feedback": "Shorter, please."}},
    },
}


@router.post("/commands", summary="Run a command, or say something")
def ask(
    request: Request, caller: Asking, asked: Annotated[CommandIn, Body(openapi_examples=_COMMANDS)]
) -> Reply:
    """Answers the command's card, with the actions of its buttons. Plain words are kept, and answered in their thread."""
    troupe = troupe_of(request)
    with troupe.storage.reading() as work:
        place = _place(asked, caller, work)
    if asked.text.lstrip().startswith("/"):
        return _reply(
            troupe.dispatcher.command(
                asked.text, caller.person, place, via=caller.via, correlation=request.state.correlation
            )
        )
    if not place.channel:
        raise Invalid(
            "Plain words are said in a channel, and none is named.",
            remedy="Name a channel, or begin a command with a slash.",
            field="channel",
        )
    correlation = request.state.correlation
    message = troupe.dispatcher.say(asked.text, caller.person, place, correlation=correlation)
    return Reply(message=message_of(message), correlation_id=correlation)


@router.post("/actions", summary="Press a button")
def press(
    request: Request, caller: Asking, asked: Annotated[ActionIn, Body(openapi_examples=_ACTIONS)]
) -> Reply:
    """Answers the card as it is after it; or the form behind the button, as long as its values are missing."""
    dispatcher, place, correlation = troupe_of(request).dispatcher, Place("api"), request.state.correlation
    return _reply(
        dispatcher.press(
            asked.action, caller.person, place, asked.values, via=caller.via, correlation=correlation
        )
    )


def _place(asked: CommandIn, caller: Caller, work: UnitOfWork) -> Place:
    channel = channel_seen(asked.channel, caller.person, work).id if asked.channel else ""
    thread = asked.thread or ""
    if thread:
        kind, _, id = thread.partition(":")
        if not kind or not id:
            raise Invalid(
                f"{thread} is no thread.",
                remedy="Write what it is about as kind:id, such as post:f3k9w2m7qd.",
                field="thread",
            )
        must_see_message(Subject(kind, id), caller.person, work)
    return Place("api", channel, thread)


def _reply(answer: Answer) -> Reply:
    """Raises what went wrong, for the one shape of errors."""
    match answer.outcome:
        case FormErrors(errors=errors):
            raise _wrong_form(answer.error, dict(errors))
        case _ if answer.error:
            raise answer.error
        case FormView() as form:
            return Reply(form=form_of(form), correlation_id=answer.correlation)
        case Card() as card:
            return Reply(card=card_of(card), correlation_id=answer.correlation)


def _wrong_form(error: TroupeError | None, errors: dict[str, str]) -> TroupeError:
    """Forbidden and the like stay what they are; what is wrong with values is told field by field."""
    return error if error is not None and not isinstance(error, Invalid) else FieldErrors(errors)
