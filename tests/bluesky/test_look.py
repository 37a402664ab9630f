"""Whether an account would let us in, found out without signing in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents.publishing.platform import Account, OutcomeUnknown, SignInNeeded
from integrations.bluesky.connect import connect
from integrations.bluesky.look import look
from tests.bluesky.cast import FileVault, clock, joined, open_door
from tests.servers.pds import Pds


def logins(pds: Pds) -> int:
    return sum("createSession" in str(seen) for seen in pds.relay.seen)


def test_a_live_session_is_known_and_nothing_signs_in(pds: Pds, ada: Account, vault: FileVault) -> None:
    before, kept = logins(pds), vault.read(ada.id)
    assert look(ada, vault, open_door(), clock) == ada.handle
    assert (logins(pds), vault.read(ada.id)) == (before, kept)


def test_a_session_at_its_end_is_renewed_and_the_password_kept(pds: Pds, vault: FileVault) -> None:
    made = pds.account("eve")
    eve = joined(connect(pds.url, made.handle, made.app_password, door=open_door()), vault)
    before, kept = logins(pds), vault.read(eve.id)
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    assert look(eve, vault, open_door(), lambda: tomorrow) == eve.handle
    after = vault.read(eve.id)
    assert (
        after["refresh_jwt"] != kept["refresh_jwt"]
    )  # good for one refresh; the other one may be the same within a second
    assert after["app_password"] == made.app_password
    assert logins(pds) == before


def test_a_session_that_is_over_is_said_to_be_and_nothing_signs_in(pds: Pds, vault: FileVault) -> None:
    made = pds.account("fay")
    fay = joined(connect(pds.url, made.handle, made.app_password, door=open_door()), vault)
    vault.write(fay.id, vault.read(fay.id) | {"access_jwt": "over", "refresh_jwt": "over"})
    before = logins(pds)
    with pytest.raises(SignInNeeded, match=fay.handle):
        look(fay, vault, open_door(), clock)
    assert logins(pds) == before
    assert vault.read(fay.id)["app_password"] == made.app_password


def test_a_server_that_does_not_answer_is_said_to_be(pds: Pds, ada: Account, vault: FileVault) -> None:
    pds.fails(502)
    with pytest.raises(OutcomeUnknown):
        look(ada, vault, open_door(), clock)
