"""Forms from the press that opens them to the one that submits them, page by page.

What was typed is a row of its person and its action: it outlives restarts, errors and the fifteen minutes of an interaction.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agents.errors import Invalid, Repeated, TroupeError
from agents.events import Subject
from agents.people import Person
from bot.calls import Place
from bot.cards import Card
from bot.chat.desk import Asked
from bot.discord import ids, modals
from bot.discord.api import SURFACE
from bot.discord.ear import Ear
from bot.discord.modals import Filling
from bot.discord.tell import MODAL, Teller
from bot.dispatch import Answer
from bot.forms import FormErrors, FormView
from bot.outbox.wire import WireError
from bot.present import answers
from bot.times import zone_named
from storage.forms import FormDraft

if TYPE_CHECKING:
    from bot.wiring import Troupe

Fetch = Callable[[str], Any]
"""From an attachment's address to its bytes."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One modal that somebody sent.  id: of the interaction.  files: addresses of attachments, by their ids."""

    id: ids.Id
    components: list[Mapping[str, Any]]
    files: Mapping[str, str]
    interaction: str


class Forms:
    """One for a process."""

    def __init__(
        self,
        troupe: Troupe,
        teller: Teller,
        fetch: Fetch,
        changed: Callable[[frozenset[Subject]], None],
    ) -> None:
        """changed: whose cards are to be redrawn at once."""
        self._troupe, self._teller, self._fetch, self._changed = troupe, teller, fetch, changed

    async def open(
        self, asked: Asked[Ear], person: Person, *, filled: Mapping[str, Any] | None = None
    ) -> None:
        """filled: what stands in it besides what always does. The modal is the first answer to the press."""
        about = str(asked.about) if asked.about else ""
        kept = dict(filled or {})
        draft = FormDraft(asked.ear.user, asked.action, asked.place.channel, asked.place.thread, about, kept)
        await self._show(draft, 1, person, asked.ear, fresh=not kept)

    async def open_again(self, id: ids.Id, person: Person, ear: Ear) -> None:
        """At that page, with what was typed."""
        draft = await asyncio.to_thread(self._kept, ear.user, id.action)
        if draft is None:
            old = Invalid("What you typed is not kept any more.", remedy="Press the card's own button again.")
            return await self._teller.whisper(ear, answers.not_done(old))
        return await self._show(draft, id.page, person, ear, fresh=False)

    async def submit(self, sent: Sent, person: Person, ear: Ear, place: Place) -> None:
        """place: where it was sent, for a form of which nothing is kept."""
        draft = await asyncio.to_thread(self._kept, ear.user, sent.id.action)
        draft = draft or FormDraft(ear.user, sent.id.action, place.channel, place.thread)
        form = await asyncio.to_thread(self._form, draft, person)
        if not isinstance(form, FormView):
            return await self._tell(form, draft, ear)
        try:
            await self._take(sent, draft, form, person, ear)
        except TroupeError as error:
            await self._wrong(form, draft, {error.field or "": str(error)}, person, ear)

    async def _take(self, sent: Sent, draft: FormDraft, form: FormView, person: Person, ear: Ear) -> None:
        zone, page = zone_named(person.zone), max(sent.id.page, 1)
        pages = modals.pages(form, zone)
        if page > len(pages):
            raise Invalid("That form has changed.", remedy="Press the card's own button again.")
        fields = pages[page - 1]
        standing = Filling.read(draft.values)
        read = modals.read(sent.components, fields, standing.values)
        typed = replace(draft, values=standing.sent(page, read.values, fields).json)
        if read.errors:
            return await self._wrong(form, typed, read.errors, person, ear)
        try:
            pictures = await self._pictures(read.files, sent.files, person)
        except TroupeError as error:
            return await self._wrong(form, typed, {error.field or "": str(error)}, person, ear)
        values = {**read.values, **pictures}
        filling = standing.sent(page, values, fields)
        draft = replace(draft, values=filling.json)
        if coming := filling.next_page(form, zone):
            await asyncio.to_thread(self._keep, draft)
            return await self._teller.show(ear, modals.go_on(form, coming, len(pages)))
        secrets = {f.name: values[f.name] for f in fields if f.widget == "secret" and f.name in values}
        once = f"modal:{sent.interaction}"
        answer = await asyncio.to_thread(self._press, draft, person, {**filling.values, **secrets}, once)
        if isinstance(answer.outcome, FormErrors):
            return await self._wrong(form, draft, answer.outcome.errors, person, ear)
        return await self._tell(answer, draft, ear)

    async def _show(self, draft: FormDraft, page: int, person: Person, ear: Ear, *, fresh: bool) -> None:
        form = await asyncio.to_thread(self._form, draft, person)
        if not isinstance(form, FormView):
            return await self._tell(form, draft, ear)
        kept = None if fresh else Filling.read(draft.values).values
        try:
            view = modals.view(form, zone_named(person.zone), page=page, kept=kept)
        except TroupeError as error:
            return await self._teller.whisper(ear, answers.not_done(error))
        await self._teller.answer(ear, MODAL, view)
        return await asyncio.to_thread(self._keep, draft)

    async def _wrong(
        self, form: FormView, draft: FormDraft, wrong: Mapping[str, str], person: Person, ear: Ear
    ) -> None:
        await asyncio.to_thread(self._keep, draft)
        await self._teller.show(ear, modals.errors(form, wrong, zone_named(person.zone)))

    async def _tell(self, answer: Answer, draft: FormDraft, ear: Ear) -> None:
        about = Subject.parse(draft.about) if draft.about else None
        if answer.error is None:
            await asyncio.to_thread(self._drop, draft)
        if about is not None:
            self._changed(frozenset({about}))
        card = answer.outcome
        own = isinstance(card, Card) and answer.error is None and card.subject is not None
        if isinstance(card, Card) and not own and not isinstance(answer.error, Repeated):
            await self._teller.whisper(ear, card)

    async def _pictures(
        self, chosen: Mapping[str, str], addresses: Mapping[str, str], person: Person
    ) -> dict[str, str]:
        """Attachments, checked and kept as pictures of ours. Raises Invalid at the field."""
        found: dict[str, str] = {}
        for name, file_id in chosen.items():
            try:
                data = await self._fetch(addresses.get(file_id, ""))
                found[name] = await asyncio.to_thread(self._troupe.keep_picture, data, person)
            except WireError as error:
                what = f"Discord did not hand out the file. {error}"
                raise Invalid(what, remedy="Try it again.", field=name) from error
            except TroupeError as error:
                error.field = name
                raise
        return found

    def _form(self, draft: FormDraft, person: Person) -> FormView | Answer:
        """As it is to be filled in now; or why there is none."""
        answer = self._troupe.dispatcher.press(draft.action, person, _place(draft))
        return answer.outcome if isinstance(answer.outcome, FormView) else answer

    def _press(self, draft: FormDraft, person: Person, values: Mapping[str, Any], once: str) -> Answer:
        return self._troupe.dispatcher.press(draft.action, person, _place(draft), values, once=once)

    def _kept(self, user: str, action: str) -> FormDraft | None:
        with self._troupe.storage.reading() as work:
            return work.forms.get(user, action)

    def _keep(self, draft: FormDraft) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.forms.keep(draft, work.now)

    def _drop(self, draft: FormDraft) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.forms.drop(draft.user_id, draft.action)


def _place(draft: FormDraft) -> Place:
    return Place(SURFACE, draft.channel_id, draft.thread)
