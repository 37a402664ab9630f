"""What people say and press about how they are reached, and what then goes to their addresses."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from agents.people import Person
from bot import commands
from bot.calls import Place
from bot.dispatch import Dispatcher
from bot.ports import Ports
from storage.columns import new_id
from storage.secrets import Box
from tests.chat import Said
from tests.integrations.town import reply
from tests.oncall.outside import HOOK, MAIL, World, opened_world
from tests.storage.cast import KEY

PLACE = Place("console")


@pytest.fixture
def world(database_url: str, tmp_path: Path) -> Iterator[World]:
    commands.load()
    with opened_world(database_url, tmp_path) as made:
        yield made


def says(world: World, text: str, who: str = "Nora", *, mail_misses: str = "") -> Said:
    return Said(_desk(world, mail_misses).command(text, _person(world, who), PLACE))


def presses(world: World, on: Said, label: str, who: str = "Nora", **values: str) -> Said:
    action = on.button(label).action
    return Said(_desk(world).press(action, _person(world, who), PLACE, values or None))


def _desk(world: World, mail_misses: str = "") -> Dispatcher:
    @contextmanager
    def opens(correlation: str) -> Iterator[Ports]:
        with world.ward.troupe.open_ports(correlation) as ports:
            yield replace(ports, mail_misses=mail_misses)

    return Dispatcher(opens, new_id)


def _person(world: World, who: str) -> Person:
    with world.ward.looking() as work:
        return work.people.get(world.ward.people[who].id)


def code_in(world: World) -> str:
    body = world.office.mails[-1].get_body(("plain",))
    assert body is not None
    found = re.search(r"/reach confirm (\S+)", body.get_content())
    assert found
    return found[1]


def test_an_address_is_used_once_its_code_came_back(world: World) -> None:
    asked = says(world, f"/reach email <mailto:{MAIL}|{MAIL}> for critical")
    assert "A code is on its way to you" in asked and asked.card.audience == world.ward.people["Nora"].id
    with world.ward.looking() as work:
        assert work.contacts.of(world.ward.people["Nora"].id) == []
    world.ward.work_off()
    [mail] = world.office.mails
    assert mail["To"] == MAIL and mail["Subject"] == "Confirm this address for Troupe"
    assert "confirms no address of yours" in says(world, "/reach confirm guessed")
    assert "confirms no address of yours" in says(world, f"/reach confirm {code_in(world)}", "Ben")
    assert "not confirmed" in says(world, "/reach me")
    assert "n…@example.com is used when it is critical" in says(world, f"/reach confirm {code_in(world)}")
    assert "confirms no address of yours" in says(world, f"/reach confirm {code_in(world)}")
    [contact] = world.ward.does(lambda work: work.contacts.of(world.ward.people["Nora"].id))
    assert contact.address == MAIL and contact.severity == "critical"


def test_a_code_is_good_for_a_day_and_one_that_came_later_works_too(world: World) -> None:
    says(world, f"/reach email {MAIL}")
    world.ward.work_off()
    old = code_in(world)
    world.ward.later(hours=25)
    assert "not any more" in says(world, f"/reach confirm {old}")
    says(world, f"/reach email {MAIL}")
    world.ward.work_off()
    card = says(world, "/reach me")
    opened = presses(world, card, "Enter the code…")
    assert opened.form.title == "Confirm an e-mail"
    assert "is used from high on" in presses(world, card, "Enter the code…", code=code_in(world))


def test_a_code_that_cannot_be_sent_is_told_to_whoever_asked(world: World) -> None:
    world.office.at_rcpt = ["451 Greylisted", "550 No such user"]
    says(world, f"/reach email {MAIL}")
    world.ward.later(minutes=3)
    told = [line for line in world.ward.heard("Nora", "console") if "could not be sent" in line]
    assert len(told) == 1 and "550 No such user" in told[0] and MAIL not in told[0]


def test_the_secret_of_a_webhook_is_shown_once_kept_sealed_and_signs(world: World) -> None:
    shown = says(world, f"/reach webhook {HOOK}")
    found = re.search(r"whsec_\S+", shown.text)
    assert found and shown.card.audience == world.ward.people["Nora"].id
    assert found[0] not in says(world, "/reach me").text
    with world.ward.storage.engine.connect() as connection:
        rows = connection.exec_driver_sql("select secret from contacts").all()
    assert [Box(lambda: [KEY]).open(bytes(row.secret)) for row in rows] == [{"secret": found[0]}]
    assert world.ward.does(lambda work: work.contacts.reseal_all()) == 1
    [contact] = world.ward.does(lambda work: work.contacts.of(world.ward.people["Nora"].id))
    assert world.ward.does(lambda work: work.contacts.secret(contact.id)) == found[0]
    again = re.search(r"whsec_\S+", says(world, f"/reach webhook {HOOK}").text)
    assert again and again[0] != found[0]
    assert says(world, "/reach me").text.count("Webhook") == 1


@pytest.mark.parametrize(
    "address",
    [
        *(
            "http://hooks.example.com/x",
            "https://user:pass@hooks.example.com/",
            "https://",
            "hooks.example.com",
        ),
        *("https://hooks.example.com:0/", "ftp://hooks.example.com/", "javascript:alert(1)"),
    ],
)
def test_only_https_is_posted_to(world: World, address: str) -> None:
    assert "no address that Troupe could post to" in says(world, f"/reach webhook {address}")


@pytest.mark.parametrize(
    "address",
    [
        "nora",
        "nora@",
        "@example.com",
        "nora@localhost",
        "a..b@example.com",
        "nora@exa_mple.com",
        "ä@example.com",
    ],
)
def test_only_an_address_is_mailed_to(world: World, address: str) -> None:
    assert "no e-mail address" in says(world, f"/reach email {address}")


def test_no_address_stands_whole_in_what_is_recorded(world: World) -> None:
    says(world, f"/reach email {MAIL}")
    says(world, f"/reach webhook {HOOK}")
    says(world, "/reach test")
    world.ward.work_off()
    says(world, f"/reach remove {MAIL}")
    with world.ward.looking() as work:
        recorded = json.dumps(
            [asdict(one) for one in work.events.latest(limit=100)], default=str, ensure_ascii=False
        )
    assert "contact.added" in recorded and "contact.removed" in recorded and "n…@example.com" in recorded
    assert MAIL not in recorded and HOOK not in recorded and "/nora" not in recorded


def test_quiet_hours_are_said_shown_and_ended(world: World) -> None:
    assert "Your quiet hours are 22:00-07:00, UTC" in says(world, "/reach quiet 22:00-07:00")
    card = says(world, "/reach me")
    assert "22:00-07:00" in card and "only what is critical" in card
    assert [field.value for field in presses(world, card, "Quiet hours…").form.fields] == ["22:00-07:00"]
    assert "23:00-06:30" in presses(world, card, "Quiet hours…", hours="23:00 - 06:30")
    assert "no quiet hours" in says(world, "/reach quiet off")
    assert "Quiet hours: none" in says(world, "/reach me")
    assert "Write them like 22:00-07:00" in says(world, "/reach quiet at night")


def test_an_address_is_removed_by_its_owner_alone(world: World) -> None:
    contact = world.contact("email", MAIL)
    card = says(world, "/reach me")
    button = card.button("Remove n…@example.com")
    assert button.confirm is not None
    refused = Said(_desk(world).press(button.action, _person(world, "Olga"), PLACE))
    assert "You have no such address" in refused
    assert "not one of your addresses" in says(world, "/reach remove other@example.com")
    assert "in chat alone" in says(world, "/reach remove n…@example.com")
    with world.ward.looking() as work:
        assert work.contacts.every(contact.person_id) == []


def test_a_test_goes_every_way_and_its_person_is_told_what_became_of_it(world: World) -> None:
    assert "no address outside of chat" in says(world, "/reach test")
    world.contact("email", MAIL)
    world.contact("webhook", HOOK)
    world.answer = reply(status="500 Oh")
    presses(world, says(world, "/reach me"), "Send a test")
    world.ward.work_off()
    assert world.office.mails[0]["Subject"] == "TEST: Troupe reaches you here"
    assert json.loads(world.heard[0].body)["type"] == "reach.test"
    told = world.ward.heard("Nora", "console")
    assert any("n…@example.com was taken" in line for line in told)
    assert any("did not arrive. It answers 500." in line for line in told)


def test_forms_add_what_commands_do(world: World) -> None:
    card = says(world, "/reach me")
    assert "A code is on its way" in presses(world, card, "Add an e-mail…", address=MAIL, severity="low")
    assert "is used from high on" in presses(world, card, "Add a webhook…", address=HOOK)


def test_without_a_mail_server_nobody_waits_for_a_code(world: World) -> None:
    refused = says(world, f"/reach email {MAIL}", mail_misses="SMTP_URL")
    assert "sets SMTP_URL" in refused and "./troupe doctor mail" in refused


def test_nobody_makes_troupe_mail_many_strangers(world: World) -> None:
    for number in range(3):
        assert "A code is on its way" in says(world, f"/reach email stranger{number}@example.com")
    assert "3 of them not confirmed" in says(world, "/reach email stranger3@example.com")
