"""What others do to Troupe: a platform that fails, hangs, refuses or loses its answer, and models that do not answer."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.oncall.kinds import AlertKind
from agents.writing.post import State
from tests.faults.site import LONG_AGO, Site, site
from tests.servers.aimock import Aimock
from tests.servers.pds import Pds

WRITES, READS = "putRecord", "getRecord"


def test_a_platform_that_answers_500(tmp_path: Path, pds: Pds) -> None:
    with site(tmp_path / "home", pds) as here:
        post = here.post()
        pds.fails(500)
        here.approve(post)
        told = here.alert(AlertKind.PUBLISH_FAILED)
        assert "could not be published" in told.what and here.state(post) is State.FAILED
        assert not pds.records(here.at_pds.did)
        pds.calm()
        here.press(here.button(told, "Retry"))
        here.is_out(post)
        here.is_over(told)


def test_a_platform_that_hangs(tmp_path: Path, pds: Pds) -> None:
    with site(tmp_path / "home", pds) as here:
        post = here.post()
        pds.relay.hang()
        here.approve(post)
        told = here.alert(AlertKind.PUBLISH_FAILED, within_s=120)
        assert here.state(post) is State.FAILED
        pds.calm()
        assert not pds.records(here.at_pds.did)
        here.press(here.button(told, "Retry"))
        here.is_out(post)
        here.is_over(told)


def test_an_account_that_is_no_longer_let_in(tmp_path: Path, pds: Pds) -> None:
    with site(tmp_path / "home", pds) as here:
        post = here.post()
        pds.revoke(here.at_pds)
        pds.unauthorized()
        here.approve(post)
        told = here.alert(AlertKind.SIGN_IN_NEEDED)
        assert not pds.records(here.at_pds.did)
        pds.calm()
        values = {"base_url": pds.url, "handle": here.at_pds.handle, "app_password": here.at_pds.app_password}
        here.press(here.button(told, f"Reconnect {here.at_pds.handle}…"), **values)
        here.is_out(post)
        here.is_over(told)


@pytest.mark.parametrize("answer", ["It is live", "It is not — send again"])
def test_the_answer_is_lost_after_the_post_was_taken(tmp_path: Path, pds: Pds, answer: str) -> None:
    """Nobody can read what is there either, so a person has to look."""
    with site(tmp_path / "home", pds) as here:
        post = here.post()
        taken = answer == "It is live"
        pds.relay.drop(delivered=taken, path=WRITES, times=3)
        pds.relay.drop(path=READS)
        here.approve(post)
        told = here.alert(AlertKind.PUBLISH_UNKNOWN, within_s=120)
        assert here.state(post) is State.UNKNOWN
        pds.calm()
        here.press(here.button(told, answer))
        here.is_out(post)
        here.is_over(told)


@pytest.mark.parametrize("fails", [Aimock.rate_limit, Aimock.fail], ids=["429", "500"])
def test_a_model_that_does_not_answer(
    tmp_path: Path, pds: Pds, aimock: Aimock, fails: Callable[[Aimock], None]
) -> None:
    model = {"OPENAI_API_KEY": "sk-test-0123456789", "OPENAI_BASE_URL": aimock.url}
    with site(tmp_path / "home", pds, **model) as here:
        fails(aimock)
        here.running.troupe("say", '/post draft @ada "our new release" on bluesky')
        told = here.alert(AlertKind.PROVIDER_DOWN)
        aimock.reset()
        aimock.answer("our new release", {"segments": ["Written by a real client."]})
        here.press(here.button(told, "Write again"))
        here.is_over(told)
        assert "Written by a real client." in words(here)


def words(here: Site) -> str:
    """Of the newest version of the only post."""
    with here.troupe.storage.reading() as work:
        (variant,) = work.posts.between(LONG_AGO, datetime.now(UTC))
        return work.posts.version(variant.id, variant.version).content.segments[0].text
