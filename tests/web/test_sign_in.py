"""Signing in and out: links that work once, sessions that end at once."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient
from websockets.exceptions import InvalidStatus

from agents.people import Role
from bot import wiring
from bot.settings import load
from bot.web import sessions
from storage import migrate
from tests.web.console import Console, Socket


def test_a_link_asks_before_it_signs_in_and_works_once(console: Console) -> None:
    link = console.sign_in_link("Alice")
    with console.browser() as stranger:
        for _ in range(3):  # as previews of chats and mail programs do
            asked = stranger.get(link)
            assert asked.status_code == 200
            assert "form" in asked.text
            assert not stranger.cookies
        assert stranger.get("/").status_code == 401
        done = stranger.post(link)
        assert (done.status_code, done.headers["location"]) == (303, "/")
        cookie = done.headers["set-cookie"]
        assert all(word in cookie for word in ("HttpOnly", "SameSite=lax", "Path=/"))
        assert "Secure" not in cookie  # over http a browser would drop it
        assert stranger.get("/").status_code == 200
    with console.browser() as other:
        again = other.post(link)
        assert again.status_code == 403
        assert "used already" in again.text
        assert "./troupe sign-in" in again.text
        assert not other.cookies


def test_an_expired_link_says_so(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        alice = work.people.by_name("Alice")
        code = work.access.new_code(alice.id, work.now, lives=timedelta(seconds=-1))
    with console.browser() as stranger:
        answer = stranger.post(f"/sign-in/{code}")
    assert answer.status_code == 403
    assert "expired" in answer.text
    assert "./troupe sign-in" in answer.text


@pytest.mark.parametrize("code", ["nonsense", "%00", "a" * 3000, "<script>"])
def test_a_foreign_link_says_so(console: Console, code: str) -> None:
    with console.browser() as stranger:
        asked, answer = stranger.get(f"/sign-in/{code}"), stranger.post(f"/sign-in/{code}")
    assert "<script>" not in asked.text
    assert answer.status_code == 403
    assert not answer.cookies


def test_a_link_of_another_purpose_does_not_sign_in(console: Console) -> None:
    with console.troupe.storage.unit_of_work() as work:
        code = work.access.new_code(work.people.by_name("Alice").id, work.now, purpose="link")
    with console.browser() as stranger:
        assert stranger.post(f"/sign-in/{code}").status_code == 403


def test_somebody_who_was_removed_is_out_at_once(console: Console) -> None:
    gone = console.newcomer()
    link, open_page = console.sign_in_link(gone.name), console.browser(gone.name)
    with open_page:
        assert open_page.get("/").status_code == 200
        with console.troupe.storage.unit_of_work() as work:
            work.people.change(gone, removed_at=work.now)
        assert open_page.get("/").status_code == 401
        assert open_page.post(link).status_code == 403


def test_signing_out_ends_this_browser_only(console: Console) -> None:
    with console.browser("Bob") as here, console.browser("Bob") as there:
        assert here.post("/sign-out").status_code == 200
        assert here.get("/").status_code == 401
        assert there.get("/").status_code == 200


def test_signing_out_everywhere_stops_open_pages_at_once(console: Console) -> None:
    bob, alice = console.newcomer(Role.MANAGER), console.page("Alice")
    page, link = console.page(bob.name), console.sign_in_link(bob.name)
    with console.browser(bob.name) as here, console.browser(bob.name) as there:
        here.post("/sign-out?everywhere=true")
        assert page.push("signed_out", timeout_s=10) == {"signed_out": True}
        with pytest.raises(EOFError):
            page.push("anything", timeout_s=10)
        assert there.get("/").status_code == 401
        assert there.post(link).status_code == 403
    assert "options" in alice.ask("complete", text="/he")
    alice.close()


def test_what_a_page_asks_after_its_session_ended_is_not_done(console: Console) -> None:
    token = console.session("Bob")
    page = Socket(console, token)
    with console.troupe.storage.unit_of_work() as work:  # tells nobody, as a row that simply expires
        work.access.sign_out(token, work.now)
    said = page.ask("say", channel=console.general.id, text="I should not be heard")
    assert said == {"signed_out": True}
    with console.troupe.storage.reading() as work:
        texts = [m.text for m in work.messages.in_channel(console.general.id, "")]
    assert "I should not be heard" not in texts


def test_no_socket_without_a_session(console: Console) -> None:
    with pytest.raises(InvalidStatus) as refused:
        Socket(console, "nobody")
    assert refused.value.response.status_code == 403
    assert httpx.get(f"{console.address}/_nicegui_ws/socket.io/?EIO=4&transport=polling").status_code == 401


def test_sign_ins_stand_in_the_audit_trail_without_their_secrets(console: Console) -> None:
    who = console.newcomer()
    link = console.sign_in_link(who.name)
    with console.browser() as stranger:
        stranger.post(link)
        stranger.post("/sign-out")
    with console.troupe.storage.reading() as work:
        trail = work.events.latest(actor=who.id)
    assert [r.event.name for r in trail] == ["session.ended", "session.opened"]
    log = (console.settings.troupe_home / "web.log").read_text()
    assert link.rpartition("/")[2] not in log
    assert not re.search(r"Set-Cookie|troupe_\d+=", log)


def test_over_https_the_cookie_is_for_this_host_and_https_alone(tmp_path: Path) -> None:
    settings = load(_env_file=None, troupe_home=tmp_path, public_url="https://troupe.example.com")
    migrate.upgrade(settings.database_url)
    app = FastAPI()
    app.state.troupe = troupe = wiring.build(settings)
    app.include_router(sessions.router)
    with troupe.storage.unit_of_work() as work:
        code = work.access.new_code(work.people.add("Alice", Role.OWNER, work.now).id, work.now)
    with TestClient(app, base_url="https://troupe.example.com", follow_redirects=False) as browser:
        cookie = browser.post(f"/sign-in/{code}").headers["set-cookie"]
        assert cookie.startswith("__Host-troupe=")
        assert all(word in cookie for word in ("HttpOnly", "Secure", "SameSite=lax", "Path=/"))
        assert "Domain" not in cookie
        assert "Max-Age=0" in browser.post("/sign-out").headers["set-cookie"]
        assert not browser.cookies
    troupe.close()
