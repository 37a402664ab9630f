"""The outbox's own reading and writing of rows: what is to be sent, how it looks now, what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta

from agents.events import Actor, Subject
from agents.oncall.kinds import AlertKind
from agents.people import Person, Role
from agents.talk.delivery import Delivery, DeliveryState
from agents.talk.message import Channel
from bot.cards import Author, Card, files
from bot.outbox.wire import Letter
from bot.present.draw import draw
from storage.unit_of_work import Storage, UnitOfWork

EVERYBODY = Person("", "everybody", Role.VIEWER)
"""For whom a card in a channel is drawn: it shows nothing that somebody there may not see."""
SENDING = timedelta(seconds=60)
"""How long an attempt may take before somebody looks what became of it. Longer than any request of a wire."""
REMEMBERED = timedelta(days=1)
"""How long it is known what a surface sent us. Slack sends again what we did not acknowledge for about an hour."""
LONGEST_S = 300.0
"""The longest pause between two tries."""
TRIES = 12
"""After these, about half an hour, people are told. It is tried on: whatever troubles a surface may end."""


def take_over(storage: Storage, surface: str) -> list[tuple[int, str]]:
    """What a process that begins to send has to look after: (message, channel) that may show what is no longer true."""
    with storage.unit_of_work() as work:
        work.deliveries.hurry(surface, work.now)
        return work.deliveries.behind(surface)


def to_do(
    storage: Storage, surface: str, changed: Collection[Subject], found: Collection[Subject]
) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What is owed, and what shows one of these subjects.  found: drawn again only if more happened since it was drawn."""
    with storage.reading() as work:
        owed = work.deliveries.owed(surface, work.now)
        showing = work.deliveries.showing(surface, changed) if changed else []
        if found:
            showing += work.deliveries.showing(surface, found, newer=True)
        return owed, showing


def write(storage: Storage, message_id: int, *, new: bool) -> Letter | None:
    """The letter as it is to stand now, None if it stands so already or waits for what it hangs under. One that is new is noted
    as being sent before it is.

    new: False for one that stands there. Whoever looks after the one kind leaves the other alone.
    """
    with storage.reading() as work:
        delivery = work.deliveries.get(message_id)
        if delivery is None or delivery.state in (DeliveryState.GONE, DeliveryState.FAILED):
            return None
        if new == (delivery.state is DeliveryState.SENT):
            return None
        if not new and not (delivery.external_id and _is_ours(delivery)):
            return None
        if new and _waits(delivery, work):
            return None
        events = work.events.count(delivery.message.card) if delivery.message.card else 0
        letter = _letter(replace(delivery, events=events), work)
    if delivery.state is DeliveryState.SENT:
        return letter if look(letter) != delivery.look else None
    with storage.unit_of_work() as work:
        if not work.deliveries.move(delivery, state=DeliveryState.SENDING.value, due_at=work.now + SENDING):
            return None
    tried = delivery.state is DeliveryState.SENDING
    return replace(letter, delivery=replace(letter.delivery, state=DeliveryState.SENDING), tried=tried)


def read(storage: Storage, message_id: int) -> Letter | None:
    """The letter as it would look now; changes nothing."""
    with storage.reading() as work:
        delivery = work.deliveries.get(message_id)
        return _letter(delivery, work) if delivery else None


def look(letter: Letter) -> str:
    """Two letters that look alike are the same to whoever reads them."""
    shown = repr((letter.card, letter.text, letter.done))
    return hashlib.sha256(shown.encode()).hexdigest()[:16]


def sent(storage: Storage, letter: Letter, external_id: str) -> None:
    before = letter.delivery
    live = not letter.done or bool(letter.card and letter.card.all_buttons)
    with storage.unit_of_work() as work:
        work.deliveries.move(
            before,
            state=DeliveryState.SENT.value,
            external_id=external_id,
            look=look(letter),
            events=before.events,
            live=live,
            tries=0,
            trouble="",
        )
        if before.tries:
            work.resolve_about(_about(before), "Troupe")


def not_yet(storage: Storage, letter: Letter) -> None:
    """Nothing was done."""
    with storage.unit_of_work() as work:
        _take_back(letter, work)


def later(storage: Storage, message_id: int, trouble: str) -> float:
    """It may have arrived. How many seconds to wait before it is tried again; people are told when that does not help."""
    with storage.unit_of_work() as work:
        delivery = work.deliveries.get(message_id)
        if delivery is None:
            return 0.0
        tries = delivery.tries + 1
        after_s = min(2.0**tries, LONGEST_S)
        values = {"tries": tries, "due_at": work.now + timedelta(seconds=after_s), "trouble": trouble}
        if tries == TRIES:
            _tell(delivery, trouble, work)
        work.deliveries.move(delivery, **values)
        return after_s


def gone(storage: Storage, letter: Letter) -> bool:
    """Somebody deleted it there. A card that waits for people comes back once; whoever deletes it twice means it.

    False if it was moved meanwhile, and then nothing is noted.
    """
    before = letter.delivery
    back = bool(letter.card and letter.card.buttons) and not before.back
    state = DeliveryState.OWED if back else DeliveryState.GONE
    with storage.unit_of_work() as work:
        return work.deliveries.move(
            before, state=state.value, back=before.back or back, external_id="", look="", due_at=work.now
        )


def anew(storage: Storage, letter: Letter) -> None:
    """What stands there stays as it is, and is none of ours any more."""
    with storage.unit_of_work() as work:
        work.deliveries.move(
            letter.delivery, state=DeliveryState.OWED.value, external_id="", look="", due_at=work.now
        )


def deleted(storage: Storage, surface: str, channel_id: str, external_id: str) -> bool:
    """The surface says that a message was deleted, by its own ids. Whether a card of ours is gone by that."""
    with storage.reading() as work:
        channel = work.channels.known_as(surface, channel_id)
        delivery = work.deliveries.at(channel.id, external_id) if channel else None
    if delivery is None or delivery.state is not DeliveryState.SENT or delivery.message.card is None:
        return False
    letter = read(storage, delivery.id)
    # It may have been redrawn at this very moment: then it is looked at again.
    return letter is None or gone(storage, letter) or deleted(storage, surface, channel_id, external_id)


def closed(storage: Storage, letter: Letter, reason: str) -> None:
    """What is owed there waits until the channel is open again; people are told elsewhere."""
    channel = letter.delivery.channel
    with storage.unit_of_work() as work:
        _take_back(letter, work)
        close(work, channel.id, reason)


def tidy(storage: Storage, surface: str) -> list[Channel]:
    """Forgets what nobody sends us again; which channels are closed."""
    with storage.unit_of_work() as work:
        work.deliveries.forget_received(work.now - REMEMBERED)
        work.forms.forget(work.now - REMEMBERED)
        return [channel for channel in work.channels.on(surface) if channel.closed]


def reopen(storage: Storage, channel: Channel) -> None:
    with storage.unit_of_work() as work:
        open_again(work, channel.id)


def close(work: UnitOfWork, channel_id: str, reason: str) -> None:
    if not work.channels.close(channel_id, reason):
        return
    channel = work.channels.get(channel_id)
    work.raise_alert(
        AlertKind.CHANNEL_CLOSED,
        Subject("channel", channel_id),
        f"Nothing can be said in #{channel.name} on {channel.surface.capitalize()}. {reason}",
        kept="What is owed there is kept, and sent when the channel is open again. The console shows it meanwhile.",
        remedy=f"Open #{channel.name} again or invite Troupe into it, or route the persona's cards to another channel.",
    )


def open_again(work: UnitOfWork, channel_id: str) -> None:
    """What stands there may be old by now, and what is owed there is sent."""
    if work.channels.open(channel_id):
        work.resolve_about(Subject("channel", channel_id), "Troupe")
        for card in work.deliveries.cards_in(channel_id):
            work.touch(card)
        work.touch(Subject("channel", channel_id))


def refused(storage: Storage, letter: Letter, reason: str) -> None:
    with storage.unit_of_work() as work:
        work.deliveries.move(letter.delivery, state=DeliveryState.FAILED.value, trouble=reason)
        _tell(letter.delivery, reason, work)


def signed_out(storage: Storage, surface: str, reason: str) -> None:
    name = surface.capitalize()
    with storage.unit_of_work() as work:
        work.raise_alert(
            AlertKind.SURFACE_DOWN,
            Subject("surface", surface),
            f"{name} does not let Troupe in. {reason}",
            kept="Nothing is lost: what is owed there is sent when it does. The console works on.",
            remedy=f"./troupe doctor {surface} says what to do.",
        )


def signed_in(storage: Storage, surface: str) -> None:
    with storage.unit_of_work() as work:
        work.resolve_about(Subject("surface", surface), "Troupe")


def author_of(actor: Actor) -> Author:
    return Author(actor.name, "troupe" if actor.kind == "system" else actor.kind, actor.id)


def _letter(delivery: Delivery, work: UnitOfWork) -> Letter:
    message = delivery.message
    card: Card | None = None
    if message.card:
        card = draw(message.card, work, EVERYBODY)
    thread = work.deliveries.root(message.channel_id, message.thread) if message.thread else None
    return Letter(
        delivery=delivery,
        author=card.author if card else author_of(message.author),
        card=card,
        text=message.text,
        done=message.done,
        thread=thread.external_id if thread else "",
        thread_name=_name_of(thread, work) if thread else "",
        people=_readers(message.audience, delivery, work),
        asked_by="" if message.done else _asked_by(delivery, work),
        files_at=_files_at(delivery, card, work),
    )


def _files_at(delivery: Delivery, card: Card | None, work: UnitOfWork) -> Delivery | None:
    """People take files once: where everybody does."""
    if card is None or card.subject is None or not delivery.channel.direct_to or not files(card):
        return None
    return work.deliveries.in_a_channel(card.subject, delivery.channel.surface)


def _is_ours(delivery: Delivery) -> bool:
    """Not what a person said there themselves."""
    return delivery.message.card is not None or delivery.message.author.kind != "person"


def _readers(person_id: str, delivery: Delivery, work: UnitOfWork) -> tuple[str, ...]:
    """By the surface's own ids: whom it is for alone, or whose own channel it stands in."""
    whose = person_id or delivery.channel.direct_to
    if not whose:
        return ()
    surface = delivery.channel.surface
    return tuple(one.user_id for one in work.people.identities(whose) if one.surface == surface)


def _waits(delivery: Delivery, work: UnitOfWork) -> bool:
    """For what it hangs under, which is still to be said: without that it would stand at the top of the channel."""
    thread = delivery.message.thread
    root = work.deliveries.root(delivery.message.channel_id, thread) if thread else None
    coming = (DeliveryState.OWED, DeliveryState.SENDING)
    return root is not None and root.id != delivery.id and root.state in coming and not root.external_id


def _name_of(root: Delivery, work: UnitOfWork) -> str:
    """What a thread under that message is called."""
    if root.message.card is not None:
        return draw(root.message.card, work, EVERYBODY).title
    return " ".join(root.message.text.split())


def _asked_by(delivery: Delivery, work: UnitOfWork) -> str:
    """Who spoke last in the thread before it, by the surface's own id."""
    for earlier in reversed(work.messages.in_thread(delivery.message.thread)):
        if earlier.author.kind == "person" and earlier.id < delivery.id:
            return next(iter(_readers(earlier.author.id, delivery, work)), "")
    root = work.deliveries.root(delivery.channel.id, delivery.message.thread)
    author = root.message.author if root else delivery.message.author
    return next(iter(_readers(author.id, delivery, work)), "") if author.kind == "person" else ""


def _take_back(letter: Letter, work: UnitOfWork) -> None:
    """It was not sent. What an earlier attempt may have left there is still to be looked for."""
    if letter.delivery.state is DeliveryState.SENDING:
        state = DeliveryState.SENDING if letter.tried else DeliveryState.OWED
        work.deliveries.move(letter.delivery, state=state.value, due_at=work.now)


def _about(delivery: Delivery) -> Subject:
    """Not the card's own subject: what troubles a post is another matter than what troubles its card."""
    return Subject("delivery", str(delivery.id))


def _tell(delivery: Delivery, trouble: str, work: UnitOfWork) -> None:
    channel = delivery.channel
    work.raise_alert(
        AlertKind.DELIVERY_FAILED,
        _about(delivery),
        f"A message could not be shown in #{channel.name} on {channel.surface.capitalize()}. {trouble}",
        kept="It stands in the console as ever; nothing else depends on it.",
        remedy=f"Look at it in the console; ./troupe doctor {channel.surface} says whether {channel.surface.capitalize()} answers.",
    )
