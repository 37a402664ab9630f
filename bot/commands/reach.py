"""/reach …: how you are reached outside of chat, and when not. Everybody's own business, so always about whoever asks."""

from __future__ import annotations

from typing import Annotated

from agents.errors import Invalid, NotFound
from agents.oncall import reach
from agents.oncall.kinds import Severity
from agents.oncall.quiet import Quiet
from bot.calls import Call, Click
from bot.cards import Card
from bot.forms import Form, Option, Prefill, asked
from bot.kinds import ONE_OF, Reads
from bot.parameters import TEXT, WORD
from bot.ports import Ports
from bot.present import reach as present
from bot.present.answers import done
from bot.registry import button, command

Asked = Call | Click
MILDEST = Severity.HIGH
"""Unless somebody says otherwise: what is milder can wait until they look."""
SEVERITY: Reads[Severity] = ONE_OF(Severity, "severity")
_SEVERITIES = tuple(Option(one.value, f"from {one.value} on") for one in Severity)


class EmailForm(Form):
    title = "Add an e-mail"
    submit = "Send the code"
    address: str = asked("Address", hint="A code is sent there first.", min_length=3, max_length=254)
    severity: Severity = asked("Used", "choice", default=MILDEST, options=_SEVERITIES)


class WebhookForm(Form):
    title = "Add a webhook"
    submit = "Add"
    address: str = asked(
        "Address",
        hint="https://…, on the public internet. You get the secret that signs what is sent.",
        min_length=9,
        max_length=reach.URL_LIMIT,
    )
    severity: Severity = asked("Used", "choice", default=MILDEST, options=_SEVERITIES)


class CodeForm(Form):
    title = "Confirm an e-mail"
    submit = "Confirm"
    code: str = asked("Code", hint="From the newest mail.", min_length=1, max_length=100)


class QuietForm(Form):
    title = "Quiet hours"
    hours: str = asked(
        "Quiet hours",
        hint="Such as 22:00-07:00, in your time zone; empty for none.",
        default="",
        max_length=20,
    )


def unwrapped(text: str) -> str:
    """As it was typed, without what Slack puts around it: <mailto:ada@example.com|ada@example.com>."""
    return text.strip().removeprefix("<").removesuffix(">").partition("|")[0].removeprefix("mailto:")


ADDRESS: Reads[str] = Reads("address", lambda text, _: unwrapped(text))


@command("reach me", "How you are reached outside of chat, and your quiet hours")
def reach_me(call: Call, ports: Ports) -> Card:
    return _own(call, ports)


@command("reach email", "Have alerts sent to an e-mail address of yours")
def reach_email(
    call: Call,
    ports: Ports,
    address: Annotated[str, ADDRESS],
    *,
    for_: Annotated[Severity, SEVERITY] = MILDEST,
) -> Card:
    """for: the mildest that is sent there."""
    return _email(address, for_, call, ports)


@command("reach webhook", "Have alerts posted to an address of yours, signed")
def reach_webhook(
    call: Call,
    ports: Ports,
    address: Annotated[str, ADDRESS],
    *,
    for_: Annotated[Severity, SEVERITY] = MILDEST,
) -> Card:
    return _webhook(address, for_, call, ports)


@command("reach confirm", "Say the code that came to your e-mail address")
def reach_confirm(call: Call, ports: Ports, code: Annotated[str, WORD]) -> Card:
    return present.added(reach.confirm(code, call.person, ports.work, via=call.via))


@command("reach quiet", "Your quiet hours, such as 22:00-07:00; “off” for none")
def reach_quiet(call: Call, ports: Ports, hours: Annotated[str, TEXT]) -> Card:
    return _quiet("" if hours.strip().lower() in ("off", "none") else hours, call, ports)


@command("reach remove", "Send nothing to one of your addresses any more")
def reach_remove(call: Call, ports: Ports, address: Annotated[str, ADDRESS]) -> Card:
    """address: whole, or as the card of /reach me shows it."""
    every = ports.work.contacts.every(call.person.id)
    wanted = address.lower()
    fitting = [one for one in every if wanted in (one.address.lower(), one.masked.lower())]
    if len(fitting) != 1:
        known = ", ".join(one.masked for one in every) or "none yet"
        raise NotFound(
            "That is not one of your addresses."
            if not fitting
            else "That could be several of your addresses.",
            remedy=f"You have {known}. /reach me has a button for each.",
            field="address",
        )
    return _removed(fitting[0].id, call, ports)


@command("reach test", "Send a test to every address of yours")
def reach_test(call: Call, ports: Ports) -> Card:
    return _tested(call, ports)


@button("reach.email", form=EmailForm)
def add_email(click: Click, ports: Ports, form: EmailForm) -> Card:
    return _email(form.address, form.severity, click, ports)


@button("reach.webhook", form=WebhookForm)
def add_webhook(click: Click, ports: Ports, form: WebhookForm) -> Card:
    return _webhook(form.address, form.severity, click, ports)


@button("reach.confirm", form=CodeForm)
def confirm(click: Click, ports: Ports, form: CodeForm) -> Card:
    return present.added(reach.confirm(form.code, click.person, ports.work, via=click.via))


def _hours(click: Click, ports: Ports) -> Prefill:
    quiet = ports.work.contacts.quiet(click.person.id)
    return Prefill({"hours": str(quiet) if quiet else ""})


@button("reach.quiet", form=QuietForm, prefill=_hours)
def set_quiet(click: Click, ports: Ports, form: QuietForm) -> Card:
    return _quiet(form.hours, click, ports)


@button("reach.remove")
def remove(click: Click, ports: Ports) -> Card:
    return _removed(click.id, click, ports)


@button("reach.test")
def test(click: Click, ports: Ports) -> Card:
    return _tested(click, ports)


def _own(asked: Asked, ports: Ports) -> Card:
    contacts = ports.work.contacts
    return present.card(asked.person, contacts.every(asked.person.id), contacts.quiet(asked.person.id))


def _email(address: str, severity: Severity, asked: Asked, ports: Ports) -> Card:
    if ports.mail_misses:
        raise Invalid(
            "Troupe cannot send e-mail here.",
            remedy=f"Whoever runs it sets {ports.mail_misses}; ./troupe doctor mail says whether that works.",
            field="address",
        )
    contact = reach.add_email(unwrapped(address), severity, asked.person, ports.work, via=asked.via)
    return present.waiting(contact) if contact.confirmed_at is None else present.added(contact)


def _webhook(address: str, severity: Severity, asked: Asked, ports: Ports) -> Card:
    by = asked.person
    contact, secret = reach.add_webhook(unwrapped(address), severity, by, ports.work, via=asked.via)
    return present.webhook(contact, secret)


def _quiet(hours: str, asked: Asked, ports: Ports) -> Card:
    quiet = Quiet.parse(hours) if hours.strip() else None
    reach.set_quiet(quiet, asked.person, ports.work, via=asked.via)
    if quiet is None:
        return done("You have no quiet hours")
    return done(f"Your quiet hours are {quiet}, {asked.person.zone}", present.CRITICAL_ONLY)


def _removed(id: str, asked: Asked, ports: Ports) -> Card:
    reach.remove(id, asked.person, ports.work, via=asked.via)
    return _own(asked, ports)


def _tested(asked: Asked, ports: Ports) -> Card:
    return present.tested(reach.test(asked.person, ports.work, via=asked.via), asked.person)
