"""What others do to Troupe: a platform that fails, hangs, refuses or loses its answer, and models that do not answer.

Real servers, real clients, real jobs; only the pauses between two tries pass at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.oncall.kinds import AlertKind
from agents.people import Role
from agents.writing.post import State
from bot.calls import Place
from tests.faults.hasty import Desk, desk
from tests.servers.aimock import Aimock
from tests.servers.pds import Pds

WRITES, READS = "putRecord", "getRecord"


@pytest.fixture
def here(tmp_path: Path, pds: Pds) -> Iterator[Desk]:
    with desk(tmp_path / "home", pds) as made:
        yield made


def test_a_platform_that_answers_500(here: Desk) -> None:
    post = here.post()
    here.pds.fails(500)
    here.approve(post)
    told = here.alert(AlertKind.PUBLISH_UNKNOWN)
    assert "may or may not be out" in told.what and here.state(post) is State.UNKNOWN
    here.pds.calm()
    assert not here.pds.records(here.at_pds.did)
    here.press(here.button(told, "It is not — send again"))
    here.is_out(post)
    here.is_over(told)


def test_a_platform_that_fails_to_write_and_can_be_read(here: Desk) -> None:
    post = here.post()
    here.pds.fails(500, path=WRITES, times=2)
    here.approve(post)
    here.is_out(post)
    assert here.alerts() == [], "what mends itself wakes nobody"


def test_a_platform_that_hangs_and_did_it_all_the_same(here: Desk) -> None:
    post = here.post()
    here.pds.relay.hang(delivered=True, path=WRITES, times=1)
    here.approve(post)
    here.is_out(post)
    assert here.alerts() == []


def test_an_account_that_is_no_longer_let_in(here: Desk) -> None:
    post = here.post()
    here.pds.unauthorized()
    here.approve(post)
    told = here.alert(AlertKind.SIGN_IN_NEEDED)
    here.pds.calm()
    assert not here.pds.records(here.at_pds.did)
    at_pds = here.at_pds
    values = {"base_url": here.pds.url, "handle": at_pds.handle, "app_password": at_pds.app_password}
    here.press(here.button(told, f"Reconnect {at_pds.handle}…"), **values)
    here.until(lambda: len(here.alerts()) == 2, "what failed meanwhile can be sent again")
    first, second = here.alerts()
    assert (first.id, first.state.value, second.kind) == (told.id, "resolved", AlertKind.PUBLISH_FAILED)
    here.press(here.button(second, "Retry"))
    here.is_out(post)
    here.until(lambda: all(alert.resolved_at for alert in here.alerts()), "all is well")


def test_the_answer_is_lost_after_the_post_was_taken(here: Desk) -> None:
    """Nobody can read what is there either, so a person has to look."""
    post = here.post()
    here.pds.relay.drop(delivered=True, path=WRITES)
    here.pds.relay.drop(path=READS)
    here.approve(post)
    told = here.alert(AlertKind.PUBLISH_UNKNOWN)
    here.pds.calm()
    assert len(here.pds.records(here.at_pds.did)) <= 1, "the first of three, and only once"
    here.press(here.button(told, "It is not — send again"))
    here.is_out(post)
    here.is_over(told)


@pytest.mark.parametrize("fails", [Aimock.rate_limit, Aimock.fail], ids=["429", "500"])
def test_a_model_that_does_not_answer(
    tmp_path: Path, pds: Pds, aimock: Aimock, fails: Callable[[Aimock], None]
) -> None:
    model = {"openai_api_key": "sk-test-0123456789", "openai_base_url": aimock.url}
    with desk(tmp_path / "home", pds, **model) as here:
        fails(aimock)
        with here.troupe.storage.reading() as work:
            owner = next(person for person in work.people.everyone() if person.role is Role.OWNER)
        asked = here.troupe.dispatcher.command(
            '/post draft @ada "our new release" on bluesky', owner, Place("console")
        )
        assert asked.error is None
        told = here.alert(AlertKind.PROVIDER_DOWN)
        aimock.reset()
        aimock.answer("our new release", {"segments": ["Written by a real client."]})
        here.press(here.button(told, "Write again"))
        here.is_over(told)
        with here.troupe.storage.reading() as work:
            (variant,) = work.posts.in_states([State.IN_REVIEW])
            version = work.posts.version(variant.id, variant.version)
        assert version.content.segments[0].text.startswith("Written by a real client.")
