"""Accounts are connected through a form. A password waits in no transaction and stands in no row, card or event."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.forms import FormView
from tests.chat import Chat, Said

SECRET = "abcd-2345-efgh-67ij"


def opened(chat: Chat, who: str = "mia") -> Said:
    chat.bluesky.password = SECRET
    chat.says(who, "/persona connect @ada")
    return chat.presses(who, "Connect Bluesky…")


def everything_kept(chat: Chat) -> str:
    """Every event, and every byte of the database."""
    events = json.dumps(
        [[event.name, dict(event.before), dict(event.after), event.refused] for event in chat.events]
    )
    path = Path(str(chat.storage.engine.url.database))
    files = [file for file in path.parent.iterdir() if file.name.startswith(path.name)]
    return events + "".join(file.read_bytes().decode("latin-1") for file in files)


def test_bluesky_is_connected_through_a_form(chat: Chat) -> None:
    form = opened(chat)
    fields = {field.name: field for field in form.form.fields}
    assert fields["base_url"].value == "https://bsky.social"
    assert (fields["app_password"].widget, fields["app_password"].value) == ("secret", None)
    card = chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET)
    assert "Accounts: ada on Stage and ada.bsky.social on Bluesky" in card
    assert "Connect Bluesky…" not in card.labels
    assert chat.bluesky.asked == [
        {"base_url": "https://bsky.social", "handle": "ada.bsky.social", "app_password": SECRET}
    ]
    with chat.storage.reading() as work:
        account = work.accounts.on(chat.ada.id, "bluesky")
    assert (account.external_id, account.state) == ("did:plc:ada.bsky.social", "connected")


def test_the_platform_is_asked_while_no_transaction_is_open(chat: Chat) -> None:
    chat.fills("mia", opened(chat), handle="ada.bsky.social", app_password=SECRET)
    assert chat.bluesky.while_asked == [False]


def test_no_secret_is_kept_in_the_clear(chat: Chat) -> None:
    form = opened(chat)
    chat.fills("mia", form, handle="ada.bsky.social", app_password="wrong-wrong-wrong")
    chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET)
    chat.fills("bob", form, handle="ada.bsky.social", app_password=SECRET)
    kept = everything_kept(chat)
    assert "persona.account_connected" in kept
    for secret in (SECRET, "wrong-wrong-wrong", "a-secret-session"):
        assert secret not in kept


def test_a_wrong_password_is_told_at_its_field_and_nothing_is_connected(chat: Chat) -> None:
    wrong = chat.fills("mia", opened(chat), handle="ada.bsky.social", app_password="nonsense")
    assert wrong.wrong == {"app_password": "That password was not accepted. Check it."}
    assert "Connect Bluesky…" in chat.says("mia", "/persona connect @ada").labels


def test_an_unfinished_form_asks_no_platform(chat: Chat) -> None:
    assert chat.fills("mia", opened(chat), handle="ada", app_password="").wrong == {
        "app_password": "This is needed."
    }
    assert chat.bluesky.asked == []


def test_whoever_may_not_connect_sends_no_password_out(chat: Chat) -> None:
    form = opened(chat)
    assert chat.fills("bob", form, handle="ada.bsky.social", app_password=SECRET).error.code == "forbidden"
    assert chat.bluesky.asked == []


def test_an_archived_persona_is_connected_to_nothing(chat: Chat) -> None:
    form = opened(chat)
    chat.says("mia", "/persona archive @ada")
    assert chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET).error.code == "conflict"
    assert chat.bluesky.asked == []


def test_the_form_opens_without_asking_the_platform(chat: Chat) -> None:
    assert isinstance(opened(chat).answer.outcome, FormView)
    assert chat.bluesky.asked == []


def test_a_fault_of_ours_outside_is_told_as_one(chat: Chat) -> None:
    def breaks(values: object) -> None:
        raise KeyError("session")

    form = opened(chat)
    chat.connectors["bluesky"] = breaks  # type: ignore[assignment]  # a connector with a mistake in it
    broken = chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET)
    assert broken.error.code == "broken"
    assert "Something went wrong on Troupe's side" in broken


def test_a_persona_has_one_account_on_a_platform(chat: Chat) -> None:
    form = opened(chat)
    chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET)
    assert "@ada is ada.bsky.social on bluesky already." in chat.fills(
        "mia", form, handle="eve.bsky.social", app_password=SECRET
    )
    again = chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET)
    assert "ada.bsky.social on Bluesky" in again
    with chat.storage.reading() as work:
        assert len(work.accounts.of(chat.ada.id)) == 2


def test_an_account_that_lost_its_session_is_connected_again(chat: Chat) -> None:
    form = opened(chat)
    chat.fills("mia", form, handle="ada.bsky.social", app_password=SECRET)
    with chat.storage.unit_of_work() as work:
        work.accounts.mark(work.accounts.on(chat.ada.id, "bluesky").id, "sign_in_needed")
    shown = chat.says("mia", "/persona connect @ada")
    assert "Bluesky: ada.bsky.social at https://bsky.social, has to be connected again" in shown
    chat.fills("mia", chat.presses("mia", "Connect Bluesky…"), handle="ada.bsky.social", app_password=SECRET)
    assert "ada.bsky.social at https://bsky.social, connected" in chat.says("mia", "/persona connect @ada")


def test_a_disconnected_account_keeps_no_credentials(chat: Chat) -> None:
    chat.fills("mia", opened(chat), handle="ada.bsky.social", app_password=SECRET)
    with chat.storage.reading() as work:
        account = work.accounts.on(chat.ada.id, "bluesky")
    shown = chat.says("mia", "/persona disconnect @ada bluesky")
    button = shown.button("Disconnect ada.bsky.social")
    assert button.confirm is not None
    assert "Connect Bluesky…" in chat.presses("mia", button.label).labels
    assert "disconnected already" in chat.acts("mia", button.action)
    from storage.accounts import Vault

    assert Vault(chat.storage.engine, chat.storage.box, chat.now).read(account.id) == {}
    assert chat.events[-2].before == {"platform": "bluesky", "account": "ada.bsky.social"}


def test_the_stage_needs_no_password(chat: Chat) -> None:
    chat.says("mia", "/persona new Zoe")
    assert "Accounts: zoe on Stage" in chat.presses("mia", "Connect the stage")


@pytest.mark.parametrize(
    "slip",
    [
        f"/persona connect @ada {SECRET}",
        f'/post draft @ada "the password is {SECRET}, do not tell"',
        "/halt sk-proj-abcdefghijklmnopqrstuvwxyz012345",
        "/people name troupe_abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHI",
        "/halt xoxb-1234567890-abcdefghij",
        "/halt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijklmnop",
        "/halt ghp_abcdefghijklmnopqrstuvwxyz0123456789",
    ],
)
@pytest.mark.parametrize("who", ["alice", "charlie"])
def test_a_secret_typed_into_a_channel_is_not_read(chat: Chat, slip: str, who: str) -> None:
    before = len(chat.events)
    refused = chat.says(who, slip)
    assert refused.error.code == "invalid"
    assert "nothing was kept of it" in refused
    secret = slip.split()[-1]
    assert secret not in refused.text + str(refused.error)
    assert len(chat.events) == before
    assert secret not in everything_kept(chat)


@pytest.mark.parametrize(
    "harmless",
    [
        "best-tips-from-ours",
        "https://example.com/best-tips-from-ours",
        "state-of-the-art",
        "2026-11-21",
        "sk-1",
        "a-b-c-d",
    ],
)
def test_ordinary_words_are_no_secrets(chat: Chat, harmless: str) -> None:
    line = harmless if "/" in harmless else f"make-{harmless}"
    assert "Troupe is halted" in chat.says("mia", f"/halt {line}")
