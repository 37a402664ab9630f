"""How somebody is reached outside of chat. For that person alone, so without a subject: it stands in no channel."""

from __future__ import annotations

from collections.abc import Sequence

from agents.oncall.kinds import Severity
from agents.oncall.quiet import Quiet
from agents.oncall.reach import Contact
from agents.people import Person
from bot.cards import Button, Card, Confirm, Field, Fields, Menu, Text, Tone, action
from bot.present.words import listed

NAMES = {"email": "E-mail", "webhook": "Webhook"}
CRITICAL_ONLY = "In quiet hours only what is critical reaches you; the rest waits until they end."


def card(person: Person, contacts: Sequence[Contact], quiet: Quiet | None) -> Card:
    """contacts: unconfirmed ones too."""
    hours = f"{quiet}, {person.zone}" if quiet else "none"
    lines = [Fields((*(Field(NAMES[one.way], _line(one)) for one in contacts), Field("Quiet hours", hours)))]
    words = CRITICAL_ONLY if quiet else ""
    if not contacts:
        words = f"Alerts reach you in chat alone, so not while a chat is away. {words}".strip()
    return Card(
        "How you are reached",
        (*lines, *([Text(words, "muted")] if words else [])),
        _buttons(person, contacts),
        _removals(contacts),
        audience=person.id,
    )


def waiting(contact: Contact) -> Card:
    return Card(
        "A code is on its way to you",
        (
            Text(
                f"Say /reach confirm CODE when it is there ({contact.masked}). Until then the address is not used."
            ),
        ),
        (_confirm(contact.person_id),),
        tone=Tone.WAITING,
        audience=contact.person_id,
    )


def added(contact: Contact) -> Card:
    """Of an address that is used from now on."""
    return Card(
        f"{contact.masked} is used {_from(contact.severity)}",
        (Text("Send a test to see what it looks like."),),
        (_test(contact.person_id),),
        tone=Tone.GOOD,
        audience=contact.person_id,
    )


def webhook(contact: Contact, secret: str) -> Card:
    """The secret is shown this once, to whoever added it."""
    return Card(
        f"{contact.masked} is used {_from(contact.severity)}",
        (
            Text(
                "Every message is signed as Standard Webhooks has it. Check that with this secret, which is shown once:"
            ),
            Text(secret, "code", whole=True),
        ),
        (_test(contact.person_id),),
        tone=Tone.GOOD,
        audience=contact.person_id,
    )


def tested(contacts: Sequence[Contact], person: Person) -> Card:
    return Card(
        "A test is on its way",
        (Text(f"To {listed([one.masked for one in contacts])}. You are told what became of each."),),
        tone=Tone.BUSY,
        audience=person.id,
    )


def _line(contact: Contact) -> str:
    """ "a…@example.com, from high on"."""
    unsure = ", not confirmed: its code was sent" if contact.confirmed_at is None else ""
    return f"{contact.masked}, {_from(contact.severity)}{unsure}"


def _from(severity: Severity) -> str:
    return "when it is critical" if severity is Severity.CRITICAL else f"from {severity.value} on"


def _buttons(person: Person, contacts: Sequence[Contact]) -> tuple[Button, ...]:
    buttons = []
    if any(one.confirmed_at is None for one in contacts):
        buttons.append(_confirm(person.id))
    buttons += [
        Button("Add an e-mail…", action("reach.email", person.id)),
        Button("Add a webhook…", action("reach.webhook", person.id)),
        Button("Quiet hours…", action("reach.quiet", person.id)),
    ]
    if any(one.confirmed_at is not None for one in contacts):
        buttons.append(_test(person.id))
    return tuple(buttons)


def _removals(contacts: Sequence[Contact]) -> Menu | None:
    if not contacts:
        return None
    sure = "Remove {}? Nothing is sent there any more."
    return Menu(
        "Remove",
        tuple(
            Button(
                f"Remove {one.masked}",
                action("reach.remove", one.id),
                "danger",
                Confirm(sure.format(one.masked), "Remove"),
            )
            for one in contacts
        ),
    )


def _confirm(person_id: str) -> Button:
    return Button("Enter the code…", action("reach.confirm", person_id), "primary")


def _test(person_id: str) -> Button:
    return Button("Send a test", action("reach.test", person_id))
