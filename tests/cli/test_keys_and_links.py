"""api-key, sign-in and say."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from agents.people import Role
from bot.wiring import Troupe
from tests.cli.desk import Desk, Done

Run = Callable[..., Done]


def test_a_key_stands_alone_on_its_line(run: Run, troupe: Troupe) -> None:
    done = run("api-key", "create", "nightly", "--role", "editor")
    assert done.returncode == 0
    assert re.fullmatch(r"troupe_[\w-]{43}\n", done.stdout)
    with troupe.storage.reading() as work:
        key = work.access.key(done.stdout.strip(), work.now)
        assert (key.name, key.role, key.last_used_at) == ("nightly", Role.EDITOR, None)
        assert work.people.get(key.person_id).role is Role.OWNER
        [made] = work.events.latest(matching="key.made")
    assert made.event.after == {"role": "editor"}
    assert done.stdout.strip() not in str(made)


def test_a_key_may_act_for_somebody_else_but_not_above_them(run: Run, troupe: Troupe) -> None:
    with troupe.storage.unit_of_work() as work:
        bob = work.people.add("Bob", Role.EDITOR, work.now)
    assert run("api-key", "create", "b", "--role", "viewer", "--as", "bob").returncode == 0
    with troupe.storage.reading() as work:
        assert [key.person_id for key in list(work.access.keys())] == [bob.id]
    above = run("api-key", "create", "c", "--role", "owner", "--as", "Bob")
    assert above.returncode == 1 and above.stdout == ""
    assert "editor" in above.stderr and "--as" in above.stderr


def test_keys_are_listed_and_revoked(run: Run, troupe: Troupe) -> None:
    key = run("api-key", "create", "nightly", "--role", "editor").stdout.strip()
    listed = run("api-key", "list").stdout
    assert listed.startswith("nightly") and "editor" in listed and "unused" in listed
    assert key not in listed
    assert run("api-key", "revoke", "nightly").returncode == 0
    assert "revoked" in run("api-key", "list").stdout
    again = run("api-key", "revoke", "nightly")
    assert again.returncode == 1 and "There is no API key called nightly" in again.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("create", "two words", "--role", "editor"), "one word"),
        (("create", "", "--role", "editor"), "one word"),
        (("create", "x" * 61, "--role", "editor"), "60 characters"),
        (("create", "n", "--role", "editor", "--as", "Nobody"), "no person called Nobody"),
        (("revoke", "never-made"), "never-made"),
    ],
)
def test_what_cannot_be_used_is_said_in_one_sentence(run: Run, words: tuple[str, ...], told: str) -> None:
    done = run("api-key", *words)
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr and done.stdout == ""


def test_a_taken_name_is_refused(run: Run) -> None:
    assert run("api-key", "create", "n", "--role", "viewer").returncode == 0
    again = run("api-key", "create", "n", "--role", "viewer")
    assert again.returncode == 1 and "already" in again.stderr


def test_a_link_signs_in_once(run: Run, troupe: Troupe) -> None:
    done = run("sign-in")
    link = re.fullmatch(r"(http://127\.0\.0\.1:8420)/sign-in/([\w-]+)\n", done.stdout)
    assert link, done.stdout
    with troupe.storage.unit_of_work() as work:
        assert work.people.get(work.access.use_code(link[2], work.now)).role is Role.OWNER


def test_a_link_for_somebody_else_at_the_public_address(run: Run, troupe: Troupe) -> None:
    with troupe.storage.unit_of_work() as work:
        bob = work.people.add("Bob", Role.EDITOR, work.now)
    done = run("sign-in", "bob", PUBLIC_URL="https://troupe.example.com")
    assert done.stdout.startswith("https://troupe.example.com/sign-in/")
    with troupe.storage.unit_of_work() as work:
        assert work.access.use_code(done.stdout.strip().rpartition("/")[2], work.now) == bob.id


def test_a_command_of_the_chat_is_run_from_here(run: Run, troupe: Troupe) -> None:
    with troupe.storage.reading() as work:
        persona = work.personas.all()[0]
    done = run("say", f'/post draft @{persona.handle} "our new release"', "--channel", "general")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"{persona.profile.name} is writing")
    with troupe.storage.reading() as work:
        assert [m.card.kind for m in work.messages.after(0) if m.card] == ["post"]
    wrong = run("say", "/psot", "draft")
    assert wrong.returncode == 1 and "/post" in wrong.stderr and wrong.stdout == ""
    assert run("say", "hello").returncode == 1


@pytest.mark.parametrize("words", [("sign-in",), ("api-key", "list"), ("say", "/status"), ("rotate-key",)])
def test_before_there_is_an_installation_it_says_so_and_makes_none(
    desk: Desk, words: tuple[str, ...]
) -> None:
    done = desk.run(*words)
    assert done.returncode == 1
    assert "./troupe up" in done.stderr
    assert not desk.home.exists()


def test_a_database_that_is_away_is_said_to_be(desk: Desk) -> None:
    done = desk.run("sign-in", DATABASE_URL="postgresql://troupe:hunter22@127.0.0.1:1/troupe")
    assert done.returncode == 1
    assert "database does not answer" in done.stderr and "hunter22" not in done.stderr
