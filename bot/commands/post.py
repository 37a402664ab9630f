"""/post …: from the draft to the published post, and what stands in between. How one is asked for: `post_new`."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from agents.approvals import decide
from agents.errors import Invalid
from agents.events import Subject
from agents.people import Role
from agents.personas.persona import Persona
from agents.publishing import mend
from agents.writing import draft
from agents.writing.content import Picture
from agents.writing.post import State, Variant
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Prefill, asked
from bot.parameters import PERSONA, POST, TEXT, WHEN, parse_moment
from bot.platforms import RULES
from bot.ports import Ports
from bot.present import post_lists
from bot.present.draw import draw
from bot.registry import button, command

TEXT_LIMIT = 20_000
"""Longest text that a form takes: a thread of 25 posts with room to be too long and be told so."""


class EditForm(Form):
    title = "Edit the post"
    text: str = asked(
        "Text",
        "multiline",
        hint="A line of three dashes --- parts the posts of a thread.",
        max_length=TEXT_LIMIT,
    )
    note: str = asked("Why (optional)", "text", default="", max_length=300)


class ChangesForm(Form):
    title = "Ask for changes"
    submit = "Ask"
    feedback: str = asked("What should be different?", "multiline", min_length=1, max_length=2000)


class ReasonForm(Form):
    title = "Reject the post"
    submit = "Reject"
    reason: str = asked("Why? The persona is told.", "multiline", default="", max_length=1000)


class VetoForm(Form):
    title = "Veto the post"
    submit = "Veto"
    reason: str = asked("Why?", "multiline", default="", max_length=1000)


class ScheduleForm(Form):
    title = "Schedule the post"
    submit = "Approve for then"
    at: str = asked("When, in your own time zone", "datetime", max_length=60)


class PictureForm(Form):
    title = "Add a picture"
    submit = "Add"
    picture: str = asked("Picture", "picture", hint="PNG, JPEG or WebP, at most 8 MB.", max_length=40)
    alt: str = asked("What it shows", "multiline", hint="For people who cannot see it.", max_length=2000)


@command("post show", "Show a post's card")
def post_show(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    return draw(post.subject, ports.work, call.person)


@command("post queue", "What waits for a decision, and what is scheduled")
def post_queue(call: Call, ports: Ports, persona: Annotated[Persona | None, PERSONA] = None) -> Card:
    """A batch reviewed in one card: each post with its own Approve, bound to exactly what is shown."""
    return post_lists.queue(call.person, ports.work, persona)


@command("post history", "Every version of a post, and who did what to it")
def post_history(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    return post_lists.history(post, ports.work)


@command("post approve", "Approve the version that is shown", role=Role.VIEWER)
def post_approve(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    decide.approve(post.id, call.person, _present(post, ports), ports.work, via=call.via)
    return draw(post.subject, ports.work, call.person)


@command("post reject", "End this version", role=Role.VIEWER)
def post_reject(
    call: Call, ports: Ports, post: Annotated[Variant, POST], because: Annotated[str, TEXT] = ""
) -> Card:
    decide.reject(post.id, call.person, _present(post, ports), because, ports.work, via=call.via)
    return draw(post.subject, ports.work, call.person)


@command("post changes", "Have the next version written, with your feedback")
def post_changes(
    call: Call, ports: Ports, post: Annotated[Variant, POST], feedback: Annotated[str, TEXT]
) -> Card:
    decide.request_changes(post.id, call.person, _present(post, ports), feedback, ports.work, via=call.via)
    return draw(post.subject, ports.work, call.person)


@command("post edit", "Put your own text in place of the draft's", role=Role.EDITOR)
def post_edit(call: Call, ports: Ports, post: Annotated[Variant, POST], text: Annotated[str, TEXT]) -> Card:
    draft.edit(post.id, call.person, "", text, RULES[post.platform], ports.work, moderated=ports.moderated)
    return draw(post.subject, ports.work, call.person)


@command("post schedule", "Approve a post for a time to come")
def post_schedule(
    call: Call, ports: Ports, post: Annotated[Variant, POST], at: Annotated[datetime, WHEN]
) -> Card:
    decide.schedule(post.id, call.person, _present(post, ports), at, ports.work, via=call.via)
    return draw(post.subject, ports.work, call.person)


@command("post unschedule", "Take a post's time away; it waits for approval again", role=Role.EDITOR)
def post_unschedule(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    decide.unschedule(post.id, call.person, _present(post, ports), ports.work)
    return draw(post.subject, ports.work, call.person)


@command("post retry", "Send a failed post again, under the same approval", role=Role.EDITOR)
def post_retry(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    mend.retry(post.id, call.person, ports.work)
    return draw(post.subject, ports.work, call.person)


@command("post take-down", "Remove a post from where it was published")
def post_take_down(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    mend.take_down(post.id, call.person, ports.work)
    return draw(post.subject, ports.work, call.person)


@command("post add-image", "Add a picture to a draft, through a form", role=Role.EDITOR)
def post_add_image(call: Call, ports: Ports, post: Annotated[Variant, POST]) -> Card:
    """A picture cannot be typed: the answer is the card, whose menu has Add a picture…"""
    if not post.may(State.IN_REVIEW):
        raise Invalid(
            "This post cannot be changed any more.", remedy="Its card shows what can be done with it."
        )
    return post_lists.add_image(post, _present(post, ports))


@button("post.approve")
def approve(click: Click, ports: Ports) -> Card:
    decide.approve(click.id, click.person, click.fingerprint, ports.work, via=click.via)
    return _card(click, ports)


@button("post.reject", form=ReasonForm)
def reject(click: Click, ports: Ports, form: ReasonForm) -> Card:
    decide.reject(click.id, click.person, click.fingerprint, form.reason, ports.work, via=click.via)
    return _card(click, ports)


@button("post.changes", form=ChangesForm)
def changes(click: Click, ports: Ports, form: ChangesForm) -> Card:
    decide.request_changes(
        click.id, click.person, click.fingerprint, form.feedback, ports.work, via=click.via
    )
    return _card(click, ports)


@button("post.veto", form=VetoForm)
def veto(click: Click, ports: Ports, form: VetoForm) -> Card:
    decide.veto(click.id, click.person, click.fingerprint, form.reason, ports.work, via=click.via)
    return _card(click, ports)


def _text_now(click: Click, ports: Ports) -> Prefill:
    variant = ports.work.posts.variant(click.id)
    return Prefill({"text": ports.work.posts.version(variant.id, variant.version).content.text})


@button("post.edit", role=Role.EDITOR, form=EditForm, prefill=_text_now)
def edit(click: Click, ports: Ports, form: EditForm) -> Card:
    variant = ports.work.posts.variant(click.id)
    rules = RULES[variant.platform]
    draft.edit(
        click.id,
        click.person,
        click.fingerprint,
        form.text,
        rules,
        ports.work,
        note=form.note,
        moderated=ports.moderated,
    )
    return _card(click, ports)


def _time_now(click: Click, ports: Ports) -> Prefill:
    at = ports.work.posts.variant(click.id).publish_at
    return Prefill({"at": at} if at and at > ports.now else {})


@button("post.schedule", form=ScheduleForm, prefill=_time_now)
def schedule(click: Click, ports: Ports, form: ScheduleForm) -> Card:
    try:
        at = parse_moment(form.at, ports, field="at")
    except Invalid as error:
        error.field = "at"
        raise
    decide.schedule(click.id, click.person, click.fingerprint, at, ports.work, via=click.via)
    return _card(click, ports)


@button("post.post_now")
def post_now(click: Click, ports: Ports) -> Card:
    decide.schedule(click.id, click.person, click.fingerprint, None, ports.work, via=click.via)
    return _card(click, ports)


@button("post.unschedule", role=Role.EDITOR)
def unschedule(click: Click, ports: Ports) -> Card:
    decide.unschedule(click.id, click.person, click.fingerprint, ports.work)
    return _card(click, ports)


@button("post.add_image", role=Role.EDITOR, form=PictureForm)
def add_image(click: Click, ports: Ports, form: PictureForm) -> Card:
    found = ports.work.pictures.get(form.picture)
    picture = Picture(found.id, found.sha256, found.kind, found.width, found.height, found.bytes, form.alt)
    rules = RULES[ports.work.posts.variant(click.id).platform]
    draft.add_picture(
        click.id, click.person, picture, rules, ports.work, seen=click.fingerprint, moderated=ports.moderated
    )
    return _card(click, ports)


@button("post.remove_images", role=Role.EDITOR)
def remove_images(click: Click, ports: Ports) -> Card:
    rules = RULES[ports.work.posts.variant(click.id).platform]
    draft.remove_pictures(
        click.id, click.person, click.fingerprint, rules, ports.work, moderated=ports.moderated
    )
    return _card(click, ports)


@button("post.write_again", role=Role.EDITOR)
def write_again(click: Click, ports: Ports) -> Card:
    draft.write_again(click.id, click.person, ports.work)
    return _card(click, ports)


@button("post.ask_again", role=Role.EDITOR)
def ask_again(click: Click, ports: Ports) -> Card:
    decide.ask_again(click.id, click.person, ports.work)
    return _card(click, ports)


@button("post.drop", role=Role.EDITOR)
def drop(click: Click, ports: Ports) -> Card:
    decide.drop(click.id, click.person, click.fingerprint, ports.work)
    return _card(click, ports)


@button("post.retry", role=Role.EDITOR)
def retry(click: Click, ports: Ports) -> Card:
    mend.retry(click.id, click.person, ports.work)
    return _card(click, ports)


@button("post.is_live")
def is_live(click: Click, ports: Ports) -> Card:
    mend.is_live(click.id, click.person, ports.work)
    return _card(click, ports)


@button("post.is_not_live")
def is_not_live(click: Click, ports: Ports) -> Card:
    mend.is_not_live(click.id, click.person, ports.work)
    return _card(click, ports)


@button("post.take_down")
def take_down(click: Click, ports: Ports) -> Card:
    mend.take_down(click.id, click.person, ports.work)
    return _card(click, ports)


@button("post.show")
def show(click: Click, ports: Ports) -> Card:
    """The whole card, for a list that shows only a part of it."""
    return _card(click, ports)


@button("post.history")
def history(click: Click, ports: Ports) -> Card:
    return post_lists.history(ports.work.posts.variant(click.id), ports.work)


def _card(click: Click, ports: Ports) -> Card:
    return draw(Subject("post", click.id), ports.work, click.person)


def _present(post: Variant, ports: Ports) -> str:
    """A typed command decides on the version that its card shows at this moment."""
    return ports.work.approvals.get(post.approval_id).fingerprint if post.approval_id else ""
