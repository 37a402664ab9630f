"""Where alerts come from: what fails by one cause is one alert, and ends where it is mended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from agents.errors import BudgetExhausted
from agents.events import Subject
from agents.jobs import Later
from agents.money import FREE
from agents.oncall import remedy
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.personas import accounts, manage
from agents.publishing import mend
from agents.publishing.platform import OutcomeUnknown, PublishError, RateLimited, SignInNeeded
from agents.publishing.publish import GRACE, PATIENCE
from agents.writing import draft
from agents.writing.post import State, Variant
from agents.writing.writer import ContentType, Draft, Lack, Usage, WritingFailed
from bot.platforms import STAGE
from bot.ports import Connected
from storage.unit_of_work import Storage
from tests.publishing.desk import Desk
from tests.storage.cast import Bell, Now, opened


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def desk(database_url: str, now: Now) -> Iterator[Desk]:
    storage: Storage = opened(database_url, now, Bell())
    yield Desk(storage, now)
    storage.engine.dispose()


def unresolved(desk: Desk) -> list[Alert]:
    with desk.storage.reading() as work:
        return work.alerts.unresolved()


def fails(desk: Desk, error: PublishError, how_many: int) -> list[Variant]:
    """So many approved posts, each published with that outcome until a person is asked."""
    made = [desk.approved(f"Text {n}") for n in range(how_many)]
    for post in made:
        again: Later | None = Later("", desk.now())
        while again is not None:
            desk.now.moment = max(desk.now.moment, again.at)
            desk.fake.fails("send", error)
            again = desk.publish(post)
    desk.fake.calm()
    return made


def test_an_account_that_is_signed_out_is_one_alert(desk: Desk) -> None:
    made = fails(desk, SignInNeeded("The session is over."), 3)
    [alert] = unresolved(desk)
    assert (alert.kind, alert.count, alert.persona_id) == (AlertKind.SIGN_IN_NEEDED, 3, desk.ada.id)

    with desk.storage.unit_of_work() as work:
        mend.retry(made[0].id, desk.bob, work)
        assert work.alerts.suffering(alert.id) == 2, "one of three was dealt with"

    with desk.storage.unit_of_work() as work:
        connected = Connected(desk.account.handle, "", "", {"token": "t1"})
        accounts.connect(desk.ada.id, "stage", connected, desk.alice, work)
    with desk.storage.reading() as work:
        assert work.alerts.get(alert.id).state is AlertState.RESOLVED
        assert work.alerts.get(alert.id).handled_by == "Alice"
    [left] = unresolved(desk)
    assert (left.kind, left.severity, left.count) == (AlertKind.PUBLISH_FAILED, Severity.LOW, 2)
    with desk.storage.unit_of_work() as work:
        assert remedy.retry_all(left.id, desk.bob, work) == remedy.Done(2, 0)
    assert unresolved(desk) == []
    for post in made:
        desk.publish(post)
    assert sorted(desk.fake.texts) == ["Text 0", "Text 1", "Text 2"]


def test_posts_that_an_outage_leaves_in_doubt_are_one_alert(desk: Desk) -> None:
    made = fails(desk, OutcomeUnknown("The server failed."), 2)
    [alert] = unresolved(desk)
    assert (alert.kind, alert.count, alert.cause) == (
        AlertKind.PUBLISH_UNKNOWN,
        2,
        f"publish_unknown/account:{desk.account.id}",
    )
    with desk.storage.unit_of_work() as work:
        mend.is_live(made[0].id, desk.alice, work)
    assert [a.id for a in desk.alerts(made[1])] == [alert.id]
    assert desk.alerts(made[0]) == []


def test_what_waits_long_for_an_allowance_is_told_of_until_it_is_out(desk: Desk) -> None:
    patience = PATIENCE.total_seconds()
    post = desk.approved("Hello")
    desk.fake.fails("send", RateLimited("Too many posts.", retry_after_s=patience - 30))
    later = desk.publish(post)
    assert later is not None
    assert unresolved(desk) == [], "a few minutes are nobody's business"
    desk.now.moment = later.at
    desk.fake.fails("send", RateLimited("Too many posts.", retry_after_s=60))
    later = desk.publish(post)
    assert later is not None
    [alert] = unresolved(desk)
    assert (alert.kind, alert.severity) == (AlertKind.PUBLISH_LIMITED, Severity.LOW)
    assert "goes out by itself" in alert.remedy
    desk.now.moment = later.at
    assert desk.publish(post) is None
    assert unresolved(desk) == []


def test_what_a_persona_missed_is_one_alert(desk: Desk) -> None:
    at = desk.now() + timedelta(hours=1)
    made = [desk.approved(f"Text {n}", at=at) for n in range(3)]
    desk.now.moment = at + GRACE + timedelta(minutes=1)
    for post in made:
        desk.publish(post)
    [alert] = unresolved(desk)
    assert (alert.kind, alert.count) == (AlertKind.PUBLISH_MISSED, 3)
    with desk.storage.unit_of_work() as work:
        seen = remedy.mark(remedy.suffering(alert, work))
        assert remedy.post_all(alert.id, seen, desk.alice, work).posts == 3
    assert unresolved(desk) == []
    for post in made:
        desk.publish(post)
    assert len(desk.fake.texts) == 3


def requested(desk: Desk) -> Variant:
    with desk.storage.unit_of_work() as work:
        [made] = draft.request(
            draft.Request(desk.ada, (desk.account,), "our release", ContentType.POST, desk.bob), work
        )
    return made


def written(desk: Desk, post: Variant, usage: Usage) -> Variant:
    drafted = Draft((f"A text of {post.id}",), usage)
    with desk.storage.unit_of_work() as work:
        variant = work.posts.variant(post.id)
        content = draft.content_of(drafted, None, "en")
        found = draft.run_checks(variant, content, None, STAGE, work)
        return draft.written(variant, drafted, content, found, work)


REHEARSED = Usage("rehearsal", "rehearsal", 1, 1, FREE, rehearsal=True)
SILENT = Usage(
    "rehearsal",
    "rehearsal",
    1,
    1,
    FREE,
    rehearsal=True,
    lack=Lack.SILENCE,
    notes=("m: too many requests (429)",),
)
NONSENSE = Usage(
    "rehearsal", "rehearsal", 1, 1, FREE, rehearsal=True, lack=Lack.NONSENSE, notes=("m: it refused",)
)
MODEL = Usage("openai", "m", 1, 1, FREE)


def test_no_model_that_answers_is_one_alert_until_one_does(desk: Desk) -> None:
    made = [requested(desk) for _ in range(3)]
    for post in made:
        written(desk, post, SILENT)
    [alert] = unresolved(desk)
    assert (alert.kind, alert.count) == (AlertKind.PROVIDER_DOWN, 3)
    assert "429" in alert.why
    with desk.storage.unit_of_work() as work:
        assert remedy.write_all(alert.id, desk.bob, work).posts == 3
        assert {work.posts.variant(post.id).state for post in made} == {State.WRITING}
    written(desk, made[0], SILENT)
    [back] = unresolved(desk)
    assert (back.id, back.reopened) == (alert.id, 1)
    written(desk, made[1], MODEL)
    assert unresolved(desk) == [], "the provider is back"


def test_a_brief_that_models_refuse_is_that_posts_own(desk: Desk) -> None:
    made = [requested(desk) for _ in range(2)]
    for post in made:
        written(desk, post, NONSENSE)
    assert [a.kind for a in unresolved(desk)] == [AlertKind.WRITING_FAILED] * 2
    with desk.storage.unit_of_work() as work:
        draft.write_again(made[0].id, desk.bob, work)
    [left] = unresolved(desk)
    assert left.subject == made[1].subject


def test_where_nobody_was_asked_nobody_is_told(desk: Desk) -> None:
    """Without a key the rehearsal model is the writer."""
    written(desk, requested(desk), REHEARSED)
    assert unresolved(desk) == []


def test_a_budget_that_is_used_up_is_one_alert_and_raising_it_writes_what_waits(desk: Desk) -> None:
    made = [requested(desk) for _ in range(2)]
    with desk.storage.unit_of_work() as work:
        for post in made:
            spent = BudgetExhausted("@ada has $0 left.", remedy="Raise it.")
            draft.writing_failed(work.posts.variant(post.id), spent, work)
    [alert] = unresolved(desk)
    assert (alert.kind, alert.count) == (AlertKind.BUDGET_EXHAUSTED, 2)
    with desk.storage.unit_of_work() as work:
        ada = work.personas.get(desk.ada.id)
        more = ada.profile.monthly_budget_usd * 2
        manage.edit(ada.id, ada.profile.model_copy(update={"monthly_budget_usd": more}), desk.alice, work)
    assert unresolved(desk) == []
    assert {desk.post(post).state for post in made} == {State.WRITING}


def test_a_job_that_gave_up_writing_is_that_posts_own(desk: Desk) -> None:
    post = requested(desk)
    with desk.storage.unit_of_work() as work:
        draft.writing_failed(work.posts.variant(post.id), WritingFailed("write failed 6 times"), work)
    [alert] = unresolved(desk)
    assert (alert.kind, alert.cause) == (AlertKind.WRITING_FAILED, f"writing_failed/{post.subject}")
    assert alert.cause.endswith(str(Subject("post", post.id)))
