"""What programs send and get. The examples are those of /api/docs."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from agents.events import Subject
from agents.talk.message import Channel, Message
from bot import cards
from bot.cards import Card, parse_action
from bot.forms import FormField, FormView
from bot.registry import REGISTRY
from bot.web.api.blocks import Block, block_of
from storage.events import Recorded

TEXT_LIMIT = 8000
"""Characters of a command or of plain words, as long as a message may be. Longer text goes through a form."""
Name = Annotated[str, Field(max_length=100)]


class CommandIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    text: str = Field(
        max_length=TEXT_LIMIT,
        description="A command as people type it, with its slash; or plain words, which need a channel.",
        examples=['/post draft @ada "our new release" on bluesky'],
    )
    channel: Name | None = Field(
        None,
        description="Name or id of the channel where its card is to stand. Without one it stands nowhere.",
    )
    thread: Name | None = Field(
        None, description="What it is said about, as kind:id.", examples=["post:f3k9w2m7qd"]
    )


class ActionIn(BaseModel):
    model_config = ConfigDict(extra="forbid")
    action: Name = Field(
        description="Of a button: verb:id:fingerprint. It decides on exactly what the card showed.",
        examples=["post.approve:f3k9w2m7qd:9c1f0b7e"],
    )
    values: dict[str, Any] | None = Field(
        None,
        description="Of the form behind the button, by field name.",
        examples=[{"feedback": "Shorter, please."}],
    )


class SubjectOut(BaseModel):
    kind: str = Field(examples=["post"])
    id: str = Field(examples=["f3k9w2m7qd"])


class ConfirmOut(BaseModel):
    """What a person would be asked first. Pressing through the API asks nothing."""

    question: str
    yes: str
    no: str


class ButtonOut(BaseModel):
    label: str = Field(examples=["Approve"])
    action: str = Field(description='What POST /api/actions presses; "" for one that only opens `url`.')
    url: str
    style: Literal["plain", "primary", "danger"]
    opens_form: bool = Field(
        description="Whether it wants `values`; pressed without them it answers its form."
    )
    confirm: ConfirmOut | None


class MenuOut(BaseModel):
    label: str
    options: list[ButtonOut]


class AuthorOut(BaseModel):
    name: str = Field(examples=["Ada"])
    kind: Literal["persona", "person", "troupe"]
    id: str


class CardOut(BaseModel):
    """One message of the product. With a subject it is that subject's present state, and can be fetched again."""

    title: str
    text: str = Field(description="The whole card in words.")
    badge: str
    tone: Literal["neutral", "waiting", "busy", "good", "bad"]
    author: AuthorOut
    subject: SubjectOut | None
    private: bool = Field(description="Whether only the asker may see it.")
    blocks: list[Block]
    buttons: list[ButtonOut]
    menu: MenuOut | None


class FormOut(BaseModel):
    """A form to fill in: send `action` again with `values`."""

    title: str
    submit: str
    action: str
    fields: list[FormField]


class MessageOut(BaseModel):
    id: int
    author: str
    author_kind: Literal["person", "persona", "system"]
    text: str = Field(description='"" where a card stands; GET /api/cards/{kind}/{id} of `card` draws it.')
    done: bool = Field(
        description="False while its author still writes: `text` is then what there is of it so far."
    )
    at: datetime
    card: SubjectOut | None
    thread: str = Field(
        description="What hangs under it: for `thread` in a command, and in the messages' query."
    )


class Reply(BaseModel):
    """A card; or the form that a button opens; or what was said, when it was plain words."""

    card: CardOut | None = None
    form: FormOut | None = None
    message: MessageOut | None = None
    correlation_id: str = Field(description="Finds the request in the log and in the audit trail.")


class ChannelOut(BaseModel):
    id: str
    surface: Literal["console", "slack", "discord"]
    name: str
    direct: bool = Field(description="Whether it is where Troupe talks to you alone.")


class EventOut(BaseModel):
    id: int
    at: datetime
    name: str = Field(examples=["post.approved"])
    subject: SubjectOut
    actor: str = Field(examples=["Alice"])
    actor_kind: Literal["person", "persona", "system"]
    via: str = Field(description="The API key or surface it came through.")
    before: dict[str, Any]
    after: dict[str, Any]
    refused: str = Field(description='Why it was not allowed; "" when it happened.')
    correlation_id: str


class PictureOut(BaseModel):
    id: str = Field(description="For the `picture` field of a form.")
    width: int
    height: int
    bytes: int
    kind: str = Field(examples=["image/jpeg"])


class ErrorDetail(BaseModel):
    code: str = Field(description="Stable, for programs.", examples=["stale"])
    message: str = Field(examples=["The post has changed since that button was drawn; nothing was decided."])
    remedy: str = Field(examples=["The card now shows the present version: look at it and press again."])
    field: str | None = Field(description="What was wrong, where it was about one thing.")
    correlation_id: str
    fields: dict[str, str] = Field({}, description="Of a form: what is wrong with each field.")


class ErrorOut(BaseModel):
    """Every error of the API looks like this."""

    error: ErrorDetail


def card_of(card: Card) -> CardOut:
    return CardOut(
        title=card.title,
        text=cards.plain(card),
        badge=card.badge,
        tone=card.tone.value,
        author=AuthorOut(name=card.author.name, kind=card.author.kind, id=card.author.id),
        subject=subject_of(card.subject),
        private=bool(card.audience),
        blocks=[block_of(block) for block in card.blocks],
        buttons=[_button(button) for button in card.buttons],
        menu=MenuOut(label=card.menu.label, options=[_button(b) for b in card.menu.options])
        if card.menu
        else None,
    )


def form_of(form: FormView) -> FormOut:
    return FormOut(title=form.title, submit=form.submit, action=form.action, fields=list(form.fields))


def message_of(message: Message) -> MessageOut:
    return MessageOut(
        id=message.id,
        author=message.author.name,
        author_kind=message.author.kind,
        text=message.text,
        done=message.done,
        at=message.at,
        card=subject_of(message.card),
        thread=message.own_thread,
    )


def channel_of(channel: Channel) -> ChannelOut:
    return ChannelOut.model_validate(
        {
            "id": channel.id,
            "surface": channel.surface,
            "name": channel.name,
            "direct": bool(channel.direct_to),
        }
    )


def event_of(recorded: Recorded) -> EventOut:
    event = recorded.event
    return EventOut(
        id=recorded.id,
        at=recorded.at,
        name=event.name,
        subject=SubjectOut(kind=event.subject.kind, id=event.subject.id),
        actor=event.actor.name,
        actor_kind=event.actor.kind,
        via=event.actor.via,
        before=dict(event.before),
        after=dict(event.after),
        refused=event.refused,
        correlation_id=recorded.correlation,
    )


def subject_of(subject: Subject | None) -> SubjectOut | None:
    return SubjectOut(kind=subject.kind, id=subject.id) if subject else None


def _button(button: cards.Button) -> ButtonOut:
    asked = button.confirm
    return ButtonOut(
        label=button.label,
        action=button.action,
        url=button.url,
        style=button.style,
        opens_form=bool(button.action)
        and REGISTRY.find_button(parse_action(button.action)[0]).form is not None,
        confirm=ConfirmOut(question=asked.question, yes=asked.yes, no=asked.no) if asked else None,
    )
