"""A page on its way to somebody outside of chat, by the real jobs, to real servers, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook

from agents.oncall import care
from agents.oncall.kinds import Severity
from agents.oncall.page import PageState
from agents.oncall.reach import Outside
from agents.team import remove
from tests.integrations.town import redirect, reply
from tests.oncall.outside import HOOK, MAIL, World, opened_world
from tests.publishing.desk import Dies, Killed


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    with opened_world(database_url, tmp_path) as made:
        yield made


def test_the_page_arrives_by_mail_and_webhook_and_says_what_the_card_says(world: World) -> None:
    world.ward.now.moment = datetime.now(UTC)  # by which the receiver's library judges
    world.contact("email", MAIL)
    world.contact("webhook", HOOK)
    alert = world.ward.raises(Severity.HIGH, "The feed is <silent>.")
    world.ward.work_off()
    [mail], [heard] = world.office.mails, world.heard
    assert mail["To"] == MAIL and mail["Subject"].startswith("[high] ")
    assert mail["References"] == f"<alert-{alert.id}@troupe.test>"
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and "The feed is <silent>." in text.get_content()
    assert html is not None and "The feed is &lt;silent&gt;." in html.get_content()
    told = Webhook(world.secret).verify(heard.body, heard.headers)
    assert told["type"] == "alert.page" and told["data"]["alert"]["what"] == "The feed is <silent>."
    pages = world.outside(alert)
    assert {(p.way, p.state, p.tries, p.trouble) for p in pages} == {
        ("email", PageState.SENT, 1, ""),
        ("webhook", PageState.SENT, 1, ""),
    }
    assert {mail["Message-ID"], heard.headers["webhook-id"]} == {
        f"<{page.id}@troupe.test>" if page.way == "email" else page.id for page in pages
    }
    assert not world.failed()


def test_a_server_that_puts_it_off_is_asked_again_after_growing_pauses(world: World) -> None:
    world.contact("email", MAIL)
    world.office.at_rcpt = ["451 4.7.1 Come back later"] * 3
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    [page] = world.outside(alert)
    assert (page.state, page.tries, page.trouble) == (PageState.OWED, 1, "451 4.7.1 Come back later")
    callers = []
    for seconds in (14, 2, 61, 230, 10):
        world.ward.later(seconds=seconds)
        callers.append(world.office.callers)
    assert callers == [1, 2, 3, 3, 4] and len(world.office.mails) == 1
    [page] = world.outside(alert)
    assert (page.state, page.tries) == (PageState.SENT, 4)


def test_after_half_an_hour_it_has_failed_and_an_alert_says_so_once(world: World) -> None:
    world.contact("email", MAIL)
    world.office.at_rcpt = ["451 Later"] * 99
    alert = world.ward.raises(Severity.HIGH)
    world.ward.later(minutes=40)
    [page] = world.outside(alert)
    assert (page.state, page.tries) == (PageState.FAILED, 6)
    assert page.trouble == "451 Later"
    [failed] = world.failed()
    assert "Nora could not be reached by e-mail (n…@example.com). 451 Later" in failed.what
    assert MAIL not in failed.what + failed.remedy
    world.ward.later(hours=3)
    assert [one.id for one in world.failed()] == [failed.id], (
        "a page about that alert failed too, and began a chain"
    )
    assert world.ward.alert(failed).count == 1


def test_a_refusal_uses_the_next_address_at_once_whatever_it_is_for(world: World) -> None:
    mail = world.contact("email", MAIL)
    world.contact("webhook", HOOK, Severity.CRITICAL)
    world.office.at_rcpt = ["550 5.1.1 No such user"] * 2  # the second is about the alert that says so
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    assert [(p.way, p.state) for p in world.outside(alert)] == [
        ("email", PageState.FAILED),
        ("webhook", PageState.SENT),
    ]
    [failed] = world.failed()
    assert failed.subject == mail.about
    world.ward.raises(Severity.HIGH, "Another one.", "other")
    world.ward.work_off()
    assert not world.failed(), "the address works again, and nobody said so"


def test_what_may_have_arrived_is_sent_once_more_with_the_same_id_and_then_no_more(world: World) -> None:
    world.contact("email", MAIL)
    world.office.hang_up = "after data"
    alert = world.ward.raises(Severity.HIGH)
    world.ward.later(minutes=50)
    about = [mail for mail in world.office.mails if alert.id in mail["References"]]
    assert len(about) == 2 and len({mail["Message-ID"] for mail in about}) == 1
    [page] = world.outside(alert)
    assert page.state is PageState.FAILED and "may have arrived" in page.trouble


class AfterSending(Dies):
    """Killed once, when something went out and was not noted yet."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self.world, self.killed = world, False

    def __call__(self, where: str) -> None:
        if not self.killed and (self.world.office.mails or self.world.heard):
            self.killed = True
            raise Killed(where)


@pytest.mark.parametrize(("way", "address"), [("email", MAIL), ("webhook", HOOK)])
def test_a_worker_that_is_killed_between_sending_and_noting_sends_it_again_with_the_same_id(
    world: World, way: Outside, address: str
) -> None:
    world.contact(way, address)
    killer = AfterSending(world)
    world.ward.dies = killer
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    assert killer.killed and [page.state for page in world.outside(alert)] == [PageState.OWED]
    world.ward.later(seconds=40)
    [page] = world.outside(alert)
    assert (page.state, page.tries) == (PageState.SENT, 2)
    mails = [mail["Message-ID"] for mail in world.office.mails]
    posts = [heard.headers["webhook-id"] for heard in world.heard]
    assert mails + posts == [f"<{page.id}@troupe.test>" if way == "email" else page.id] * 2


def test_one_that_is_gone_for_good_is_removed_and_told(world: World) -> None:
    hook = world.contact("webhook", HOOK)
    world.answer = reply(status="410 Gone")
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    assert [page.state for page in world.outside(alert)] == [PageState.FAILED] and len(world.heard) == 1
    with world.ward.looking() as work:
        assert work.contacts.every(hook.person_id) == []
    [failed] = world.failed()
    assert "Troupe removed the address" in failed.what and HOOK not in failed.what


def test_who_asks_for_patience_gets_it_within_bounds(world: World) -> None:
    world.contact("webhook", HOOK)
    world.answer = reply(status="429 Slow", retry_after="120")
    world.ward.raises(Severity.HIGH)
    world.ward.later(seconds=110)
    assert len(world.heard) == 1
    world.answer = reply(status="503 No", retry_after="999999")
    world.ward.later(seconds=20)
    assert len(world.heard) == 2
    world.answer = reply()
    world.ward.later(minutes=16)
    assert len(world.heard) == 3 and not world.failed()


def test_a_receiver_that_leads_inside_gets_nothing(world: World) -> None:
    inside = world.town.serve("inside.example.com", reply())
    world.contact("webhook", HOOK)
    world.answer = redirect("https://inside.example.com/", "307 Temporary Redirect")
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    assert [page.state for page in world.outside(alert)] == [PageState.FAILED] and not inside.heard


def test_nothing_is_sent_for_what_somebody_has_or_to_who_left(world: World) -> None:
    world.contact("email", MAIL)
    world.office.at_rcpt = ["451 Later"]
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    world.ward.acknowledges("Ben", alert)
    world.ward.later(minutes=1)
    assert [page.state for page in world.outside(alert)] == [PageState.DROPPED] and not world.office.mails
    world.office.at_rcpt = ["451 Later"]
    other = world.ward.raises(Severity.HIGH, subject="other")
    world.ward.work_off()
    world.ward.does(lambda work: remove(world.ward.people["Nora"].id, world.ward.people["Olga"], work))
    world.ward.later(minutes=1)
    assert {page.state for page in world.outside(other)} == {PageState.DROPPED} and not world.office.mails


def test_a_silence_is_kept(world: World) -> None:
    world.contact("email", MAIL)
    world.office.at_rcpt = ["451 Later"]
    alert = world.ward.raises(Severity.HIGH)
    world.ward.work_off()
    world.ward.does(
        lambda work: care.silence(alert.id, work.now + timedelta(hours=1), world.ward.people["Ben"], work)
    )
    world.ward.later(minutes=59)
    assert not world.office.mails
    world.ward.later(minutes=2)
    assert alert.id in world.office.mails[0]["References"]
