"""Credentials: sealed at rest, read and kept outside of any transaction, one renewal at a time over all processes."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from agents.errors import NotFound
from agents.publishing.platform import Account
from storage.accounts import LOCK_LIVES, Vault
from storage.tables import AccountRow
from storage.unit_of_work import Storage
from tests.storage.cast import Now, account, at_once, opened, persona
from tests.storage.processes import in_processes


@pytest.fixture
def ada(storage: Storage) -> Account:
    with storage.unit_of_work() as work:
        return account(work, persona(work))


def vault_of(storage: Storage, now: Now | None = None) -> Vault:
    return Vault(storage.engine, storage.box, now or (lambda: datetime.now(UTC)))


def test_what_is_kept_is_sealed(storage: Storage, ada: Account) -> None:
    vault = vault_of(storage)
    vault.write(ada.id, {"access_jwt": "very-secret"})
    assert vault.read(ada.id) == {"access_jwt": "very-secret"}
    with storage.reading() as work:
        stored = work.connection.execute(select(AccountRow.credentials)).scalar_one()
    assert b"very-secret" not in stored and b"access_jwt" not in stored


def test_an_account_that_is_not_there_is_not_found(storage: Storage) -> None:
    with pytest.raises(NotFound):
        vault_of(storage).read("nobody")


def test_connecting_again_keeps_the_account_and_takes_the_fresh_credentials(
    storage: Storage, ada: Account
) -> None:
    with storage.unit_of_work() as work:
        work.accounts.mark(ada.id, "sign_in_needed")
        again = work.accounts.connect(ada.persona_id, "stage", "ada", {"token": "t1"}, work.now)
    assert (again.id, again.state) == (ada.id, "connected")
    assert vault_of(storage).read(ada.id) == {"token": "t1"}


def test_disconnecting_forgets_the_credentials(storage: Storage, ada: Account) -> None:
    with storage.unit_of_work() as work:
        work.accounts.mark(ada.id, "disconnected")
        assert work.accounts.of(ada.persona_id) == []
    assert vault_of(storage).read(ada.id) == {}


def test_a_handle_as_long_as_a_dns_name_fits(storage: Storage, ada: Account) -> None:
    handle = ".".join(["a" * 62] * 4)[:253]
    with storage.unit_of_work() as work:
        made = work.accounts.connect(ada.persona_id, "bluesky", handle, {}, work.now, external_id="did:plc:x")
    assert made.handle == handle


def test_one_thread_holds_the_lock_at_a_time(storage: Storage, ada: Account) -> None:
    inside, most = 0, 0
    guard = threading.Lock()

    def renew() -> None:
        nonlocal inside, most
        vault = vault_of(storage)
        with vault.locked(ada.id):
            with guard:
                inside += 1
                most = max(most, inside)
            counted = int(vault.read(ada.id).get("count", "0"))
            time.sleep(0.005)
            vault.write(ada.id, {"count": str(counted + 1)})
            with guard:
                inside -= 1

    assert at_once(*[renew] * 6) == [None] * 6
    assert most == 1
    assert vault_of(storage).read(ada.id) == {"count": "6"}


def count_up(url: str, account_id: str, times: int) -> None:
    """A renewal that reads, thinks and writes: two at once would lose one."""
    storage = opened(url)
    vault = vault_of(storage)
    for _ in range(times):
        with vault.locked(account_id):
            counted = int(vault.read(account_id).get("count", "0"))
            time.sleep(0.002)
            vault.write(account_id, {"count": str(counted + 1)})
    storage.engine.dispose()


def test_one_process_holds_the_lock_at_a_time(
    tmp_path: Path, storage: Storage, ada: Account, database_url: str
) -> None:
    vault_of(storage).write(ada.id, {})
    in_processes(3, count_up, database_url, ada.id, 4)
    assert vault_of(storage).read(ada.id) == {"count": "12"}


def test_the_lock_is_free_again_after_an_error(storage: Storage, ada: Account) -> None:
    vault = vault_of(storage)
    with pytest.raises(ZeroDivisionError), vault.locked(ada.id):
        raise ZeroDivisionError
    with vault.locked(ada.id):
        pass


def test_a_holder_that_died_is_overtaken_and_cannot_free_what_is_not_its_own(
    storage: Storage, ada: Account, now: Now
) -> None:
    vault = vault_of(storage, now)
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        now.forward(LOCK_LIVES)

    patient = Vault(storage.engine, storage.box, now, sleep)
    died = vault.locked(ada.id)
    died.__enter__()
    with patient.locked(ada.id):
        assert len(slept) == 1
        died.__exit__(
            None, None, None
        )  # it was not dead, only slow: the lock stays with the one who overtook it
        with storage.reading() as work:
            holder = work.connection.execute(select(AccountRow.locked_by, AccountRow.locked_until)).one()
        assert holder.locked_by and holder.locked_until > now.moment + timedelta(seconds=1)
    with vault.locked(ada.id):
        pass


def test_who_waits_too_long_is_told(storage: Storage, ada: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.accounts.LOCK_LIVES", timedelta(milliseconds=60))
    stopped = datetime(2026, 11, 21, tzinfo=UTC)
    vault = Vault(storage.engine, storage.box, lambda: stopped)
    with vault.locked(ada.id), pytest.raises(TimeoutError), vault.locked(ada.id):
        pytest.fail("two at once")
