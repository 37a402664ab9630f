"""The whole life of posts, in any order of events, with a worker that may die anywhere and a platform that misbehaves.

Whatever happens, what leaves is what a quorum of entitled people saw, once, at its time, and never while halted; and
nobody is left without a way on.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from agents import halt
from agents.approvals import decide
from agents.approvals.approval import Approval, ApprovalState, Verdict
from agents.approvals.fingerprint import SHOWN, fingerprint
from agents.approvals.policy import Policy
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import TroupeError
from agents.people import Person, Role
from agents.publishing import mend
from agents.publishing.platform import (
    Account,
    Minted,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Sent,
    SignInNeeded,
)
from agents.writing import draft
from agents.writing.content import Content
from agents.writing.post import State, Variant
from bot.platforms import RULES
from storage.unit_of_work import UnitOfWork
from tests.approvals.house import CAST, House, Killed, open_house, words
from tests.publishing.fake import FakePublisher

S, A, E = State, ApprovalState, EffectState
STAND_STILL = (S.PUBLISHED, S.TAKEN_DOWN, S.REJECTED, S.FAILED)
ACTIVE = {
    S.WRITING: "write",
    S.SCHEDULED: "publish",
    S.APPROVED: "publish",
    S.PUBLISHING: "publish",
    S.TAKING_DOWN: "take_down",
}
"""The job that each state waits for."""
OF_EFFECT = {
    S.SCHEDULED: E.DUE,
    S.APPROVED: E.DUE,
    S.PUBLISHING: E.SENDING,
    S.PUBLISHED: E.DONE,
    S.UNKNOWN: E.UNKNOWN,
    S.FAILED: E.FAILED,
    S.MISSED: E.CANCELLED,
}
"""The state of the effect that goes with the post's."""


class Witness(FakePublisher):
    """The outside world. It asks, at the moment when something arrives, whether that was to happen."""

    def __init__(self) -> None:
        super().__init__()
        self.may_send: Callable[[Account, Content, Minted], str] = lambda *_: ""
        self.may_delete: Callable[[], None] = lambda: None
        self.where: dict[str, tuple[str, int]] = {}
        """Which post and which segment every key belongs to."""
        self.wrongs: list[AssertionError] = []
        """What was done that never must be."""

    def send(self, account: Account, content: Content, plan: Minted, before: Sequence[Sent]) -> Sent:
        with self._watching():
            self.where[plan.key] = (self.may_send(account, content, plan), plan.position)
        return super().send(account, content, plan, before)

    def delete(self, account: Account, sent: Sent) -> None:
        with self._watching():
            self.may_delete()
        super().delete(account, sent)

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """The worker that is being watched must not hear of it: it would try again, as it does when anything fails."""
        try:
            yield
        except AssertionError as error:
            self.wrongs.append(error)

    def out_of(self, variant_id: str) -> list[str]:
        return [key for key in self.out if self.where[key][0] == variant_id]


@dataclass(frozen=True)
class Glance:
    """Everything that there is about one post."""

    variant: Variant
    approvals: list[Approval]
    effects: list[Effect]
    alerts: int
    owed: set[tuple[str, str]]
    """(subject, job)"""
    shown: tuple[str, ...]
    """What its card shows."""

    @property
    def approval(self) -> Approval | None:
        return next((a for a in self.approvals if a.id == self.variant.approval_id), None)

    def effect(self, kind: EffectKind = EffectKind.PUBLISH) -> Effect | None:
        mine = (e for e in self.effects if e.approval_id == self.variant.approval_id and e.kind is kind)
        return next(mine, None)


ENDINGS: dict[str, Callable[[], BaseException]] = {
    "rejected": lambda: Rejected("No."),
    "signed out": lambda: SignInNeeded("Who are you?"),
    "rate limited": lambda: RateLimited("Wait.", retry_after_s=90),
    "unknown": lambda: OutcomeUnknown("No answer."),
    "killed": Killed,
    "stumbles": lambda: ZeroDivisionError(),
}


def enough(policy: Policy) -> bool:
    """Whether a quorum of people could say yes to a post that Bob asked for and nobody edited."""
    named = policy.approvers or [name for name, role in CAST.items() if role.covers(policy.approver_role)]
    return len([name for name in named if policy.requester_may_approve or name != "Bob"]) >= policy.quorum


policies = st.builds(
    Policy,
    quorum=st.sampled_from([1, 1, 1, 2, 2, 3]),
    approver_role=st.sampled_from([Role.MANAGER, Role.EDITOR]),
    approvers=st.sampled_from([(), (), ("Alice", "Bob"), ("Mia", "Max", "Charlie")]),
    vetoers=st.sampled_from([(), ("Charlie",)]),
    requester_may_approve=st.booleans(),
    author_may_approve=st.sampled_from([None, True, False]),
    keys_may_decide=st.booleans(),
).filter(enough)
people = st.sampled_from(sorted(CAST))
keys = st.sampled_from(["", "", "", "robot"])
old = st.sampled_from([0, 0, 0, 1, 2])
"""How many cards ago the button was drawn that somebody presses."""
parts = st.integers(1, 3)


WAITS = (
    *["all_approve"] * 6,
    *["trouble"] * 8,
    *(
        "misbehave",
        "meanwhile",
        "approve",
        "schedule",
        "schedule",
        "reject",
        "request_changes",
        "edit",
        "days",
    ),
)
IN_HAND = (
    *["work"] * 3,
    *["misbehave"] * 3,
    *("meanwhile", "time", "edit", "veto", "halt", "schedule", "all_is_down"),
)
AGAIN = ("ask_again", "ask_again", "write_again", "edit")
MEANWHILE = ("halt", "halt", "edit", "veto", "post now")
CALLS = {
    S.PUBLISHING: ("find", "find", "send"),
    S.PUBLISHED: ("delete", "delete", "find"),
    S.TAKING_DOWN: ("delete", "delete", "find"),
}
"""Which calls come next."""
LIKELY: dict[State, tuple[str, ...]] = {
    S.WRITING: ("work", "edit"),
    S.WRITE_FAILED: ("write_again",),
    S.IN_REVIEW: WAITS,
    S.SCHEDULED: (
        "time",
        "time",
        "days",
        "misbehave",
        "unschedule",
        "edit",
        "veto",
        "schedule",
        "halt",
        "all_is_down",
    ),
    S.APPROVED: IN_HAND,
    S.PUBLISHING: ("time", "time", "misbehave", "behave", "halt", "edit", "work", "days"),
    S.PUBLISHED: ("take_down", "take_down", "misbehave", "another_post", "edit"),
    S.FAILED: ("retry", "retry", "behave", "edit", "take_down", "misbehave"),
    S.UNKNOWN: ("look_at_the_account", "look_at_the_account", "behave"),
    S.MISSED: ("schedule", "drop", "ask_again", "edit"),
    S.TAKING_DOWN: ("time", "misbehave", "behave", "halt"),
    S.TAKEN_DOWN: ("another_post",),
    S.REJECTED: (*AGAIN, "another_post"),
    S.EXPIRED: AGAIN,
}
"""What people do, and what happens, in each state; what stands twice does so twice as often."""
ALWAYS = ("work", "time", "time", "behave")
PEOPLE_DO = {name for names in LIKELY.values() for name in names}
ANYTHING = tuple(sorted(PEOPLE_DO | {"wipe_redis", "another_policy", "work"}))


class Life(RuleBasedStateMachine):
    migrated: Path
    """A database as the migrations make it, to be copied."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(self.migrated, folder / "troupe.db")
        self.witness = Witness()
        self.house: House = self._stack.enter_context(
            open_house(f"sqlite:///{folder}/troupe.db", self.witness)
        )
        self.witness.may_send, self.witness.may_delete = self._may_send, self._may_delete
        self.halted = False
        self.post = ""
        self.state = S.WRITING
        """Of the post, when it was last looked at."""
        self.drawn: list[str] = []
        """Every fingerprint that ever stood on a button of the post, the newest last."""
        self.showed: dict[str, tuple[str, ...]] = {}
        """The texts that a card with that fingerprint showed."""
        self.said_yes: set[tuple[str, str]] = set()
        """(fingerprint, person) of every yes that was taken."""
        self._last_seen: object = None

    def teardown(self) -> None:
        self._stack.close()

    # ---- what people do, and what happens by itself ----

    @initialize(parts=parts, policy=policies)
    def begin(self, parts: int, policy: Policy) -> None:
        self._set_policy(policy)
        self._new_post(parts)

    @rule(data=st.data())
    def what_is_likely_happens(self, data: st.DataObject) -> None:
        getattr(self, data.draw(st.sampled_from(LIKELY[self.state])))(data)

    @rule(data=st.data())
    def time_goes_on(self, data: st.DataObject) -> None:
        getattr(self, data.draw(st.sampled_from(ALWAYS)))(data)

    @rule(data=st.data())
    def anything_happens(self, data: st.DataObject) -> None:
        """Whatever the state: an old card is still on somebody's screen."""
        getattr(self, data.draw(st.sampled_from(ANYTHING)))(data)

    def another_post(self, data: st.DataObject) -> None:
        if self.state in STAND_STILL:
            self._new_post(data.draw(parts))

    def another_policy(self, data: st.DataObject) -> None:
        self._set_policy(data.draw(policies))

    def approve(self, data: st.DataObject) -> None:
        self._approve(data.draw(people), self._button(data.draw(old)), data.draw(keys))

    def all_approve(self, _: st.DataObject) -> None:
        for name in CAST:
            self._approve(name, self._button(0), "")

    def schedule(self, data: st.DataObject) -> None:
        """Or post now."""
        by, seen, via = data.draw(people), self._button(data.draw(old)), data.draw(keys)
        gap = data.draw(st.sampled_from([None, timedelta(minutes=1), timedelta(hours=30)]))
        at = self.house.now.moment + gap if gap else None
        if self._does(lambda work: decide.schedule(self.post, self._person(by), seen, at, work, via=via)):
            self._draw()
            assert self.showed[self._button(0)] == self.showed[seen], "that is not what the button showed"
            self.said_yes.add((self._button(0), by))

    def reject(self, data: st.DataObject) -> None:
        self._say_no(decide.reject, data)

    def request_changes(self, data: st.DataObject) -> None:
        self._say_no(decide.request_changes, data)

    def veto(self, data: st.DataObject) -> None:
        self._say_no(decide.veto, data)

    def edit(self, data: st.DataObject) -> None:
        by, said = data.draw(people), "\n---\n".join(words() for _ in range(data.draw(parts)))
        self._does(lambda work: draft.edit(self.post, self._person(by), "", said, RULES["stage"], work))

    def unschedule(self, data: st.DataObject) -> None:
        self._press(lambda by, work: decide.unschedule(self.post, by, self._button(0), work), data)

    def ask_again(self, data: st.DataObject) -> None:
        self._press(lambda by, work: decide.ask_again(self.post, by, work), data)

    def drop(self, data: st.DataObject) -> None:
        self._press(lambda by, work: decide.drop(self.post, by, self._button(0), work), data)

    def write_again(self, data: st.DataObject) -> None:
        self._press(lambda by, work: draft.write_again(self.post, by, work), data)

    def retry(self, data: st.DataObject) -> None:
        self._press(lambda by, work: mend.retry(self.post, by, work), data)

    def take_down(self, data: st.DataObject) -> None:
        self._press(lambda by, work: mend.take_down(self.post, by, work), data)

    def look_at_the_account(self, data: st.DataObject) -> None:
        """And say what is there. People tell the truth: it is live when all of it is."""
        effect = self._glance().effect()
        if effect is not None:
            whole = all(plan.key in self.witness.out for plan in effect.minted)
            verb = mend.is_live if whole else mend.is_not_live
            self._press(lambda by, work: verb(self.post, by, work), data)

    def halt(self, _: st.DataObject) -> None:
        """Or resume."""
        mia = self._person("Mia")
        if self.halted:
            self.halted = not self._does(lambda work: halt.resume(mia, work))
        else:
            self.halted = self._does(lambda work: halt.halt("", mia, work))

    def work(self, _: st.DataObject | None = None) -> None:
        self.house.ring()
        self.house.work()

    def time(self, data: st.DataObject) -> None:
        self.house.now.forward(timedelta(seconds=data.draw(st.sampled_from([2, 6, 50, 50, 120]))))
        self.work()

    def days(self, data: st.DataObject) -> None:
        """With somebody at work all the while, but for what comes back every few seconds while Troupe is halted."""
        until = self.house.now.moment + timedelta(hours=data.draw(st.sampled_from([31, 73])))
        for _ in range(40):
            due = self._next_due()
            if due is None or due > until:
                break
            self.house.now.moment = max(due, self.house.now.moment + timedelta(seconds=1))
            self.work()
        self.house.now.moment = max(until, self.house.now.moment)

    def all_is_down(self, data: st.DataObject) -> None:
        self.wipe_redis(data)
        self.house.now.forward(timedelta(minutes=30))

    def wipe_redis(self, _: st.DataObject) -> None:
        self.house.ring()
        self.house.queue.clear()

    def misbehave(self, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(CALLS.get(self.state, ("send", "send", "send", "find", "find"))))
        ending, times = (
            data.draw(st.sampled_from(sorted([*ENDINGS, "killed", "unknown"]))),
            data.draw(st.sampled_from([1, 2, 9])),
        )
        # A platform that says no, or wait, has done nothing: that is what these words mean (`Publisher`).
        may_have = call != "find" and ending in ("unknown", "killed", "stumbles")
        did_it = may_have and data.draw(st.booleans())
        self.witness.fails(call, ENDINGS[ending](), delivered=did_it, times=times)

    def trouble(self, data: st.DataObject) -> None:
        """What else takes luck: it is sent while the platform is in that mood, and looked at again after that."""
        self.misbehave(data)
        if data.draw(st.booleans()):
            self.misbehave(data)
        self.all_approve(data)
        self.work()
        self.time(data)

    def meanwhile(self, data: st.DataObject) -> None:
        """Somebody presses something just while the platform is asked."""
        call, does = data.draw(st.sampled_from(["send", "delete"])), data.draw(st.sampled_from(MEANWHILE))
        by, said, seen = self._person("Alice"), words(), self._button(0)
        acts: dict[str, Callable[[UnitOfWork], object]] = {
            "halt": lambda work: halt.halt("", by, work),
            "edit": lambda work: draft.edit(self.post, by, "", said, RULES["stage"], work),
            "veto": lambda work: decide.veto(self.post, by, seen, "", work),
            "post now": lambda work: decide.schedule(self.post, by, seen, None, work),
        }

        def act() -> None:
            done = self._does(acts[does])
            self.halted = self.halted or (done and does == "halt")

        self.witness.meanwhile(call, act, delivered=data.draw(st.booleans()))

    def behave(self, _: st.DataObject) -> None:
        self.witness.calm()

    # ---- what must hold ----

    def _may_send(self, account: Account, content: Content, plan: Minted) -> str:
        """Asked by the outside world, when something arrives. Answers which post it belongs to."""
        assert not self.halted, "it was sent while halted"
        with self.house.looking() as work:
            query = text("select effect_id from effect_segments where key = :key")
            effect = work.effects.get(work.connection.execute(query, {"key": plan.key}).scalar_one())
            approval = work.approvals.get(effect.approval_id)
            variant = work.posts.variant(effect.subject.id)
            requested_by = work.posts.post(variant.post_id).requested_by
            now = work.now
        assert variant.approval_id == approval.id, "an older approval was acted on"
        assert approval.state is A.APPROVED, f"it was sent under an approval that is {approval.state}"
        assert effect.state is E.SENDING
        exactly = fingerprint(content, account.id, approval.publish_at)
        assert exactly == approval.fingerprint == effect.fingerprint
        assert self.showed[exactly[:SHOWN]] == _texts(content), "nobody ever saw that"
        yes = {d.person_name for d in approval.decisions if d.verdict is Verdict.APPROVE}
        assert len(yes) >= approval.policy.quorum
        for name in yes:
            assert (exactly[:SHOWN], name) in self.said_yes, f"{name} never said yes to that"
            self._must_be_entitled(name, approval, requested_by)
        assert all(not d.via or approval.policy.keys_may_decide for d in approval.decisions)
        assert approval.publish_at is None or now >= approval.publish_at, "it was sent before its time"
        assert plan.key not in self.witness.out, "it was out already"
        event("sent")
        return variant.id

    def _must_be_entitled(self, name: str, approval: Approval, requested_by: str) -> None:
        policy, person = approval.policy, self._person(name)
        named = person.id in policy.approvers
        assert named if policy.approvers else person.role.covers(policy.approver_role), f"{name} may not"
        assert policy.requester_may_approve or person.id != requested_by, f"{name} asked for it"
        # There are five people in the team, so None means no.
        assert policy.author_may_approve or person.id not in approval.authors, f"{name} wrote it"

    def _may_delete(self) -> None:
        assert not self.halted, "it was deleted while halted"
        event("deleted")

    @invariant()
    def all_is_well(self) -> None:
        if self.witness.wrongs:
            raise self.witness.wrongs[0]
        if not self.post or self._last_seen == (seen := self._pulse()):
            return
        self._last_seen = seen
        glance = self._glance()
        self.state = glance.variant.state
        event(self.state)
        self._draw(glance)
        self._nothing_is_out_twice()
        self._states_agree(glance)
        self._outside_agrees(glance)
        self._somebody_comes_back_for_it(glance)

    def _nothing_is_out_twice(self) -> None:
        live = Counter(self.witness.where[key] for key in self.witness.out)
        assert all(times == 1 for times in live.values()), f"out more than once: {live}"

    def _states_agree(self, glance: Glance) -> None:
        state, approval, effect = glance.variant.state, glance.approval, glance.effect()
        pending = [a for a in glance.approvals if a.state is A.PENDING]
        assert pending == ([approval] if state is S.IN_REVIEW else []), glance
        done = [e for e in glance.effects if e.kind is EffectKind.PUBLISH and e.state is E.DONE]
        assert len(done) <= 1, glance
        for one in glance.effects:
            if one.kind is EffectKind.PUBLISH and one.state in (E.DUE, E.SENDING):
                assert approval is not None and approval.state is A.APPROVED, glance
                assert (one.approval_id, one.fingerprint) == (approval.id, approval.fingerprint), glance
        if state in OF_EFFECT:
            assert effect is not None and effect.state is OF_EFFECT[state], glance
        if state is S.SCHEDULED:
            assert glance.variant.publish_at is not None, glance
        if state is S.TAKING_DOWN:
            removal = glance.effect(EffectKind.TAKE_DOWN)
            assert removal is not None and removal.state in (E.DUE, E.SENDING), glance

    def _outside_agrees(self, glance: Glance) -> None:
        state, effect = glance.variant.state, glance.effect()
        live = self.witness.out_of(self.post)
        if state in (S.WRITING, S.IN_REVIEW, S.REJECTED, S.EXPIRED, S.SCHEDULED, S.MISSED, S.TAKEN_DOWN):
            assert live == [], f"something is out that no button takes down: {glance}"
        if state in (S.APPROVED, S.FAILED) and effect is not None and not effect.partly_out:
            assert live == [], f"it can be edited, and would go out beside what is out: {glance}"
        if state is S.PUBLISHED and not glance.variant.trouble:
            assert effect is not None and live == [plan.key for plan in effect.minted], glance

    def _somebody_comes_back_for_it(self, glance: Glance) -> None:
        state = glance.variant.state
        if state in ACTIVE:
            assert (str(glance.variant.subject), ACTIVE[state]) in glance.owed, glance
        if state is S.IN_REVIEW:
            assert (f"approval:{glance.variant.approval_id}", "expire") in glance.owed, glance
        if state in (S.FAILED, S.UNKNOWN, S.MISSED, S.EXPIRED, S.WRITE_FAILED):
            assert glance.alerts, f"nobody was told: {glance}"

    # ---- how it is done ----

    def _does(self, verb: Callable[[UnitOfWork], object]) -> bool:
        """Whether it was done; what people may hear instead is an error that says what is true."""
        try:
            with self.house.storage.unit_of_work() as work:
                verb(work)
        except TroupeError as error:
            assert error.what and error.code not in ("error", "broken", "raced"), error
            return False
        return True

    def _approve(self, name: str, seen: str, via: str) -> None:
        if self._does(lambda work: decide.approve(self.post, self._person(name), seen, work, via=via)):
            self.said_yes.add((seen, name))

    def _say_no(self, verb: Callable[..., object], data: st.DataObject) -> None:
        by, seen, via = self._person(data.draw(people)), self._button(data.draw(old)), data.draw(keys)
        self._does(lambda work: verb(self.post, by, seen, "shorter", work, via=via))

    def _press(self, verb: Callable[[Person, UnitOfWork], object], data: st.DataObject) -> None:
        by = self._person(data.draw(people))
        self._does(lambda work: verb(by, work))

    def _set_policy(self, policy: Policy) -> None:
        named = {
            "approvers": tuple(self._person(name).id for name in policy.approvers),
            "vetoers": tuple(self._person(name).id for name in policy.vetoers),
        }
        with self.house.storage.unit_of_work() as work:
            work.personas.set_policy(self.house.personas["ada"].id, "", policy.model_copy(update=named))

    def _person(self, name: str) -> Person:
        return self.house.people[name]

    def _new_post(self, parts: int) -> None:
        self.drawn.clear()
        self.post = self.house.request("ada", parts, "Bob").id if not self.halted else self.post
        self.house.work_off()

    def _pulse(self) -> object:
        """Changes whenever anything that is looked at does."""
        query = (
            "select (select max(id) from events), (select sum(revision) from effects),"
            " (select sum(revision) from variants), (select sum(revision) from approvals),"
            " (select count(*) from jobs where done_at is null)"
        )
        with self.house.looking() as work:
            return tuple(work.connection.execute(text(query)).one()), len(self.witness.calls), self.post

    def _glance(self) -> Glance:
        with self.house.looking() as work:
            variant = work.posts.variant(self.post)
            version = work.posts.version(variant.id, variant.version) if variant.version else None
            rows = work.connection.execute(text("select subject, name from jobs where done_at is null"))
            return Glance(
                variant,
                work.approvals.history(variant.subject),
                work.effects.about(variant.subject),
                len(work.alerts.open_about(variant.subject)),
                {(row.subject, row.name) for row in rows},
                _texts(version.content) if version else (),
            )

    def _draw(self, glance: Glance | None = None) -> None:
        """Somebody looks at the card: what its buttons carry, and what it shows."""
        glance = glance or self._glance()
        if glance.approval is not None:
            button = glance.approval.fingerprint[:SHOWN]
            assert self.showed.setdefault(button, glance.shown) == glance.shown, "one fingerprint, two texts"
            if button not in self.drawn[-1:]:
                self.drawn.append(button)

    def _button(self, old: int) -> str:
        """The fingerprint on the button that is `old` cards back, or on the first there was."""
        return self.drawn[max(-1 - old, -len(self.drawn))] if self.drawn else ""

    def _next_due(self) -> datetime | None:
        with self.house.looking() as work:
            return work.jobs.next_due()


def _texts(content: Content) -> tuple[str, ...]:
    return tuple(segment.text for segment in content.segments)


def test_whatever_happens_only_what_was_approved_leaves_and_once(migrated_file: Path) -> None:
    Life.migrated = migrated_file
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=60, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
