"""Forms from the press that opens them to the one that submits them.

A modal has to be opened within 3 s of the press, and a submission answered within 3 s. Whoever is slower shows that
something is under way, and puts the result in its place; what was typed is kept whatever is wrong with it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents.errors import Invalid, Repeated, TroupeError
from agents.events import Subject
from agents.people import Person
from bot.calls import Place
from bot.cards import Card, Text, Tone
from bot.chat.desk import Asked
from bot.dispatch import Answer
from bot.forms import FormErrors, FormView
from bot.outbox.wire import WireError
from bot.present import answers
from bot.registry import REGISTRY
from bot.slack import modals
from bot.slack.api import SURFACE, call
from bot.slack.parse import Ear
from bot.slack.tell import Teller
from bot.times import zone_named

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()
T = TypeVar("T")

SOON_S = 1.2
"""How long a form or its result may take before something is shown meanwhile. Slack waits 3 s, its network included."""
Json = dict[str, Any]
Fetch = Callable[[str], Awaitable[bytes]]
"""From the id of one of Slack's files to its bytes."""


def metadata(asked: Asked[Ear]) -> str:
    """What comes back with the modal: all that it is about."""
    about = str(asked.about) if asked.about else ""
    return json.dumps([asked.action, asked.place.channel, asked.place.thread, about, asked.ear.response_url])


def asked_in(view: Mapping[str, Any], user: str) -> Asked[Ear]:
    """What a modal was about. Raises Invalid for what is none of ours."""
    try:
        action, channel, thread, about, url = map(str, json.loads(str(view.get("private_metadata", ""))))
        subject = Subject.parse(about) if about else None
    except (ValueError, TypeError):
        raise Invalid("This form is not one of Troupe's.", remedy="Open it again.") from None
    return Asked(action, Place(SURFACE, channel, thread), Ear(user, response_url=url), subject)


class Forms:
    """One for a process."""

    def __init__(
        self,
        troupe: Troupe,
        client: AsyncWebClient,
        teller: Teller,
        fetch: Fetch,
        changed: Callable[[frozenset[Subject]], None],
    ) -> None:
        """changed: whose cards are to be redrawn at once."""
        self._troupe, self._client, self._teller = troupe, client, teller
        self._fetch, self._changed = fetch, changed
        self._late: set[asyncio.Task[None]] = set()

    async def open(
        self, asked: Asked[Ear], person: Person, *, filled: Mapping[str, Any] | None = None
    ) -> None:
        """filled: what stands in it besides what always does."""
        ear = asked.ear
        pressing = asyncio.ensure_future(asyncio.to_thread(self._form, asked, person))
        done, _ = await asyncio.wait([pressing], timeout=SOON_S)
        if done:
            found = pressing.result()
            if isinstance(found, FormView):
                await self.show(ear, self._view(found, asked, person, filled))
            elif isinstance(found.outcome, Card):
                await self._teller.whisper(ear, found.outcome)
            return
        view_id = await self.show(ear, modals.waiting(_title(asked.action)))
        found = await pressing
        if isinstance(found, FormView):
            await self._update(view_id, self._view(found, asked, person, filled))
        elif isinstance(found.outcome, Card):
            await self._update(view_id, await self._teller.modal(found.outcome))

    async def show(self, ear: Ear, view: Json) -> str:
        """A modal, over the one that stands there. Its id, "" if Slack did not open it."""
        opened = self._client.views_push if ear.view_id else self._client.views_open
        try:
            answer = await call(opened(trigger_id=ear.trigger_id, view=view))
        except WireError as error:
            log.warning("slack.modal_not_opened", user=ear.user, reason=str(error))
            late = Card(
                "That took too long to open",
                (Text("Slack waits three seconds. Press it again."),),
                tone=Tone.BAD,
            )
            await self._teller.whisper(Ear(ear.user, ear.channel, ear.thread_ts, ear.response_url), late)
            return ""
        return str(answer["view"]["id"])

    async def submit(self, body: Mapping[str, Any], person: Person) -> Json:
        """What Slack is to do with the modal: {} closes it."""
        view = body["view"]
        try:
            asked = asked_in(view, str(body["user"]["id"]))
        except Invalid as error:
            return _replaced(await self._teller.modal(answers.not_done(error)))
        once = f"view:{view['id']}:{view.get('hash', '')}"
        if view.get("callback_id") == modals.CONFIRM:
            work = self._confirmed(asked, person, once)
        else:
            work = self._submitted(asked, person, view, once)
        return await self._soon(work, asked, view)

    async def _soon(self, work: Awaitable[Json], asked: Asked[Ear], view: Mapping[str, Any]) -> Json:
        """Its result if that comes soon; else the modal says that it is under way, and shows it when it is there."""
        working = asyncio.ensure_future(work)
        done, _ = await asyncio.wait([working], timeout=SOON_S)
        if done:
            return working.result()

        async def later() -> None:
            result = await working
            shown = result.get("view")
            if shown is None:
                card = Card("Done", (Text("The card shows it."),), tone=Tone.GOOD)
                shown = await self._teller.modal(card)
            await self._update(str(view["id"]), shown)

        task = asyncio.create_task(later())
        self._late.add(task)
        task.add_done_callback(self._late.discard)
        return _replaced(modals.waiting(_title(asked.action)))

    async def _confirmed(self, asked: Asked[Ear], person: Person, once: str) -> Json:
        press = self._troupe.dispatcher.press
        answer = await asyncio.to_thread(lambda: press(asked.action, person, asked.place, once=once))
        return await self._result(answer, asked, person)

    async def _submitted(self, asked: Asked[Ear], person: Person, view: Mapping[str, Any], once: str) -> Json:
        form = await asyncio.to_thread(self._form, asked, person)
        if not isinstance(form, FormView):
            return await self._result(form, asked, person)
        typed: dict[str, Any] = {}
        try:
            typed = modals.values(view.get("state") or {}, form.fields, zone_named(person.zone))
            values = dict(typed)
            for name, file_id in modals.files(typed, form.fields).items():
                values[name] = await self._picture(file_id, name, person)
        except TroupeError as error:
            return self._wrong(
                FormErrors(asked.action, {error.field or "": str(error)}), form, asked, person, typed
            )
        press = self._troupe.dispatcher.press
        answer = await asyncio.to_thread(lambda: press(asked.action, person, asked.place, values, once=once))
        if isinstance(answer.outcome, FormErrors):
            return self._wrong(answer.outcome, form, asked, person, typed)
        return await self._result(answer, asked, person)

    def _wrong(
        self, wrong: FormErrors, form: FormView, asked: Asked[Ear], person: Person, typed: Mapping[str, Any]
    ) -> Json:
        """At once Slack shows it at the fields; later the form is shown anew, with all that was typed."""
        anew = modals.view(
            form, metadata(asked), zone_named(person.zone), kept=typed or None, errors=wrong.errors
        )
        return {"response_action": "errors", "errors": modals.errors(form.fields, wrong.errors), "view": anew}

    async def _result(self, answer: Answer, asked: Asked[Ear], person: Person) -> Json:
        if asked.about is not None:
            self._changed(frozenset({asked.about}))
        card = answer.outcome
        if isinstance(answer.error, Repeated) or not isinstance(card, Card):
            return {}
        if answer.error is not None or (card.subject is None and not asked.ear.response_url):
            return _replaced(await self._teller.modal(card))
        if card.subject is None:
            await self._teller.whisper(asked.ear, card)
        return {}

    async def _picture(self, file_id: str, field: str, person: Person) -> str:
        """Slack's file, checked and kept as a picture of ours: its id. Raises Invalid at the field."""
        try:
            data = await self._fetch(file_id)
            return await asyncio.to_thread(self._troupe.keep_picture, data, person)
        except WireError as error:
            raise Invalid(
                f"Slack did not hand out the file. {error}", remedy="Try it again.", field=field
            ) from error
        except TroupeError as error:
            error.field = field
            raise

    def _form(self, asked: Asked[Ear], person: Person) -> FormView | Answer:
        """As it is to be filled in now; or why there is none."""
        answer = self._troupe.dispatcher.press(asked.action, person, asked.place)
        return answer.outcome if isinstance(answer.outcome, FormView) else answer

    def _view(
        self, form: FormView, asked: Asked[Ear], person: Person, filled: Mapping[str, Any] | None
    ) -> Json:
        kept = {field.name: field.value for field in form.fields} | dict(filled) if filled else None
        return modals.view(form, metadata(asked), zone_named(person.zone), kept=kept)

    async def _update(self, view_id: str, view: Json) -> None:
        try:
            await call(self._client.views_update(view_id=view_id, view=view))
        except WireError as error:  # they closed it: the card shows what came of it
            log.info("slack.modal_gone", reason=str(error))


def _replaced(view: Json) -> Json:
    return {"response_action": "update", "view": view}


def _title(act: str) -> str:
    button = REGISTRY.buttons.get(act.partition(":")[0])
    return button.form.title if button and button.form else "Troupe"
