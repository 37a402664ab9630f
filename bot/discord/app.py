"""The Discord client: answers first, then works. Nothing of it is kept in memory that a restart would lose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import discord
import structlog

from agents.errors import TroupeError
from bot.cards import Card, Text, Tone, action
from bot.chat import halting
from bot.chat.desk import Desk
from bot.chat.intake import Intake, Settled, Speech, What
from bot.discord import commands, ids, parse
from bot.discord.ear import Ear
from bot.discord.forms import Forms
from bot.discord.offers import Offers
from bot.discord.tell import CHOICES, EPHEMERAL, THINKING, UPDATING, Teller
from bot.outbox.wire import WireError
from bot.present import answers
from bot.present.home import BLANK
from bot.registry import REGISTRY
from storage.unit_of_work import UnitOfWork

if TYPE_CHECKING:
    from bot.wiring import Troupe

log = structlog.get_logger()

Kind = discord.InteractionType


class DiscordApp:
    """One for a process."""

    def __init__(
        self,
        troupe: Troupe,
        teller: Teller,
        desk: Desk[Ear],
        forms: Forms,
        intake: Intake,
        words: Callable[[str, UnitOfWork], str],
        bot_user_id: int,
    ) -> None:
        self._troupe, self._teller, self._desk, self._forms = troupe, teller, desk, forms
        self._intake, self._words, self._bot_user_id = intake, words, bot_user_id
        self._offers = Offers(troupe)

    async def interaction(self, interaction: discord.Interaction) -> None:
        ear = parse.ear_of(interaction)
        try:
            match interaction.type:
                case Kind.autocomplete:
                    await self._complete(interaction, ear)
                case Kind.application_command:
                    await self._command(interaction, ear)
                case Kind.component:
                    await self._press(interaction, ear)
                case Kind.modal_submit:
                    await self._submit(interaction, ear)
        except TroupeError as error:
            await self._teller.whisper(ear, answers.not_done(error))
        except WireError as error:
            log.warning("discord.not_answered", kind=interaction.type.name, reason=str(error))
        except Exception:
            log.exception("discord.stumbled", user=ear.user)
            await self._teller.whisper(ear, _STUMBLED)

    async def message(self, message: discord.Message) -> None:
        speech = parse.speech_of(message, self._bot_user_id)
        if speech is not None:
            try:
                await self._settled(speech, await self._intake.take(speech))
            except Exception:
                log.exception("discord.stumbled", user=speech.user)
                await self._teller.whisper(Ear(speech.user), _STUMBLED)

    async def reacted(self, added: discord.RawReactionActionEvent, channel: Any) -> None:
        """A sign was put under something; a stop sign halts the task that it is about."""
        if str(added.emoji) not in halting.SIGNS:
            return
        room, _ = parse.room_of(channel)
        user, message = str(added.user_id), str(added.message_id)
        # Discord gives a reaction no id of its own; whoever puts it there twice means it twice, a minute apart.
        once = f"reaction:{user}:{message}:{int(self._troupe.clock().timestamp()) // 60}"
        try:
            told = await asyncio.to_thread(halting.halt, self._troupe, room, user, message, once=once)
        except Exception:
            log.exception("discord.stumbled", user=user)
            told = _STUMBLED
        if told is not None:
            await self._teller.whisper(Ear(user), told)

    # ---- interactions ----

    async def _command(self, interaction: discord.Interaction, ear: Ear) -> None:
        data: Any = interaction.data or {}
        room, _ = parse.room_of(interaction.channel)
        if data.get("type", 1) != 1:  # under a message: its form has to be the first answer
            verb, field, text = commands.under_message(data)
            blank = action(verb, BLANK)
            form = self._desk.open_form(
                blank, ear.user, room, ear, lambda work: {field: self._words(text, work)}
            )
            return await form
        await self._teller.answer(ear, THINKING, {"flags": EPHEMERAL})
        line = commands.line(data)
        await self._desk.command(line, ear.user, room, ear, once=f"command:{ear.id}")
        return await self._teller.settle(ear)

    async def _complete(self, interaction: discord.Interaction, ear: Ear) -> None:
        typing = commands.completes(interaction.data or {})
        options = await self._offers.of(ear.user, typing)
        await self._teller.answer(ear, CHOICES, {"choices": commands.choices(typing, options)})

    async def _press(self, interaction: discord.Interaction, ear: Ear) -> None:
        id = parse.id_of(interaction)
        if id.action == ids.DISMISS:
            await self._teller.answer(ear, UPDATING)
            return await self._teller.dismiss(ear)
        if id.page:
            person = await self._desk.who(ear.user, ear)
            return await self._forms.open_again(id, person, ear) if person else None
        if not (id.asks_first or _has_form(id.action)):  # a form or a question is the first answer itself
            await self._teller.answer(ear, UPDATING)
            if parse.answers_question(interaction):
                await self._teller.dismiss(ear)
        return await self._desk.press(parse.pressed(id, interaction), ear.user, ear)

    async def _submit(self, interaction: discord.Interaction, ear: Ear) -> None:
        sent = parse.sent_of(interaction)
        if sent.id.page and interaction.message is not None:  # what opened that page has served
            await self._teller.answer(ear, UPDATING)
            await self._teller.dismiss(ear)
        else:
            await self._teller.answer(ear, THINKING, {"flags": EPHEMERAL})
        person = await self._desk.who(ear.user, ear)
        if person is not None:
            place = await self._desk.place(parse.room_of(interaction.channel)[0], person)
            await self._forms.submit(sent, person, ear, place)
        return await self._teller.settle(ear)

    # ---- words ----

    async def _settled(self, speech: Speech, settled: Settled) -> None:
        ear = Ear(speech.user)
        match settled.what:
            case What.COMMAND:
                await self._desk.said_command(speech, settled, ear)
            case What.STRANGER:
                if await self._desk.meet(speech, settled, ear) is not None:
                    await self._settled(speech, await self._intake.take_again(speech))
            case What.REFUSED if settled.error and settled.person:
                await self._teller.whisper(ear, answers.problem(settled.error, settled.person))
            case What.NOBODY:
                await self._teller.whisper(ear, await asyncio.to_thread(self._who_could_answer))

    def _who_could_answer(self) -> Card:
        with self._troupe.storage.reading() as work:
            return answers.whom(work.personas.all())


_STUMBLED = Card(
    "Something went wrong on Troupe's side",
    (Text("Look whether it was done, and try it again if not. The log of discord says why."),),
    tone=Tone.BAD,
    badge="not done",
)


def _has_form(act: str) -> bool:
    button = REGISTRY.buttons.get(act.partition(":")[0])
    return button is not None and button.form is not None
