"""The buttons and forms of rotas and of how people are reached, in the stories in which people press them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from tests.oncall.post_office import PostOffice, opened
from tests.servers.pds import Pds
from tests.surfaces.hands import Card, Hands
from tests.surfaces.stories import presses

MAIL = "nora@example.com"
MASKED = "n…@example.com"
HOOK = "https://hooks.example.com"


@presses("rota.take_over", "rota.give_back", "rota.change", "rota.remove", "rota.import")
def a_rota_is_lived_with(at: Hands, pds: Pds) -> None:
    at.ask("mia", "/oncall rota-new", "Mia is on call", name="primary", every="week", with_="@mia, @bob")
    card, now = at.shows(at.general, "Mia is on call: primary"), at.crew.troupe.clock()
    take = "Take my shift until…"
    form = at.opens("bob", take, card, "Take a shift")
    again = form.fill({"Until when?": at.moment(now - timedelta(days=1))}).refused("Until when?")
    again.fill({"Until when?": at.moment(now + timedelta(days=1))}).sends()
    at.has(card, "Bob is on call: primary", "Bob has it until")
    at.presses("bob", "Give it back", card)
    at.has(card, "Mia is on call: primary")

    form = at.opens("mia", "Change…", card, "Change a rota")
    assert form.value("Who, in turn") == "Mia, Bob"
    again = form.fill({"At": "noon or so"}).refused("At")
    again.fill({"At": "10:00"}).sends()
    at.until(lambda: "at 10:00" in at.reads(card))

    told = at.ask("mia", "/oncall import", "Import a calendar into primary", rota="primary")
    form = at.opens("mia", "Paste it…", told, "Import a calendar")
    shift = calendar("Bob", now + timedelta(days=2))
    form.fill({"Name of the calendar": "holidays", "iCalendar": shift}).sends()
    at.told("mia", "1 shift of holidays")
    at.has(card, "Bob takes it, by the calendar holidays")

    at.confirms("mia", "Remove", card, "Nobody is on call in layer 1 then")
    at.has(card, "no such rota")


def calendar(who: str, day: datetime) -> str:
    """Somebody has that whole day."""
    event = f"BEGIN:VEVENT\nUID:1\nDTSTAMP:{day:%Y%m%dT%H%M%SZ}\nDTSTART;VALUE=DATE:{day:%Y%m%d}\nSUMMARY:{who}\nEND:VEVENT"
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:tests\n{event}\nEND:VCALENDAR"


@presses("reach.email", "reach.webhook", "reach.confirm", "reach.quiet", "reach.test", "reach.remove")
def somebody_is_reached_outside_of_chat(at: Hands, pds: Pds) -> None:
    with mails(at) as office:
        form = at.opens("charlie", "Add an e-mail…", reach(at), "Add an e-mail")
        again = form.fill({"Address": "nora at home"}).refused("Address", "no e-mail address")
        again.fill({"Address": MAIL}).sends()
        at.told("charlie", "A code is on its way to you")
        form = at.opens("charlie", "Enter the code…", reach(at, "not confirmed"), "Confirm an e-mail")
        again = form.fill({"Code": "guessed"}).refused("Code", "confirms no address of yours")
        again.fill({"Code": at.until(lambda: _code(office))}).sends()
        used = at.told("charlie", f"{MASKED} is used from high on")
        at.presses("charlie", "Send a test", used)
        at.told("charlie", "A test is on its way")
        at.until(lambda: office.mails[-1]["Subject"] == "TEST: Troupe reaches you here")

    at.fill("charlie", "Add a webhook…", reach(at), "Add a webhook", {"Address": f"{HOOK}/secret"})
    assert HOOK in at.told("charlie", "whsec_").words
    at.fill("charlie", "Quiet hours…", reach(at), "Quiet hours", {"Quiet hours": "22:00-07:00"})
    assert "22:00-07:00" in at.reads(at.told("charlie", "Your quiet hours are"))
    at.confirms("charlie", f"Remove {MASKED}", reach(at, MASKED, HOOK), f"Remove {MASKED}?")
    assert MASKED not in at.until(lambda: _one_left(at)).words


def reach(at: Hands, *words: str) -> Card:
    card = at.ask("charlie", "/reach me", "How you are reached")
    assert all(word in card.words for word in words), card.words
    return card


def _one_left(at: Hands) -> Card | None:
    """The card as it is after the removal, new or redrawn."""
    cards = [card for card in at.private("charlie") if "How you are reached" in card.words]
    return next((card for card in cards if HOOK in card.words and MASKED not in card.words), None)


def _code(office: PostOffice) -> str | None:
    for mail in office.mails:
        body = mail.get_body(("plain",))
        if body is not None and (found := re.search(r"/reach confirm (\S+)", body.get_content())):
            return found[1]
    return None


@contextmanager
def mails(at: Hands) -> Iterator[PostOffice]:
    """The mail server that the team's settings tell of."""
    office, port = PostOffice(), urlsplit(at.crew.troupe.settings.smtp_url).port
    assert port is not None
    with opened(office, port=port):
        yield office
