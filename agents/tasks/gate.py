"""The gate: every call of a tool goes through it, and nothing leaves the workspace that a person did not approve.

What it stands on is our rows alone. A run that goes on after a pause or a crash makes the same call again, and the gate
looks up how it stands: proposed, approved, in the middle, done, refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, NoReturn, cast

from pydantic import BaseModel

from agents.effects.effect import Effect, EffectKind
from agents.errors import BudgetExhausted, Raced, Stale, TroupeError
from agents.jobs import Later
from agents.tasks import moves, steps
from agents.tasks.action import Action, ActionState, fingerprint
from agents.tasks.sealed import sealed
from agents.tasks.stopping import Stuck
from agents.tasks.task import Task, Wait
from agents.tasks.toolbox.offer import called, given
from agents.tasks.tools import Asking, Bench, Leaving, Risk, Tool, ToolFailed, Unsure, Waits, Wish
from agents.work import Work

TOLD_LIMIT = 40_000
"""Characters of a result that a model is told at most; tools keep to less themselves."""

Open = Callable[[], AbstractContextManager[Work]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a model is told."""

    text: str
    failed: bool = False


@dataclass(frozen=True, slots=True)
class _Call:
    """One call that would leave the workspace.  arguments: exactly those that would run, as JSON values."""

    tool: Leaving
    given: BaseModel
    bench: Bench

    @property
    def arguments(self) -> dict[str, Any]:
        return self.given.model_dump(mode="json")

    def fingerprint(self) -> str:
        """Of what would run at this moment. Raises ToolFailed if it could not run any more."""
        attachments = self.tool.wish(self.given, self.bench).attachments
        return fingerprint(self.tool.name, self.arguments, attachments)


@dataclass(frozen=True, slots=True)
class Reading:
    """One call of a tool that reads and that a person has to see first, as a tool that leaves: read again, it does no harm."""

    tool: Asking
    wished: Wish

    @property
    def name(self) -> str:
        return self.tool.name

    def wish(self, given: Any, bench: Bench) -> Wish:
        return self.wished

    def act(self, given: Any, bench: Bench, key: str) -> str:
        return self.tool.run(given, bench)

    def find(self, given: Any, bench: Bench, key: str) -> str | None:
        return None


class Gate:
    """For one run of one stage.

    task: as that stage began.  open: a unit of work.  look: the same for looking only.  now: the task as it stands, once
    all is written that a tool must not run without; what it is given if that still is so.  bench: what a tool has at hand, for the task as it stands and one call.
    shielded: while an effect happens, a stop waits for a moment, so that its outcome is noted.
    """

    def __init__(
        self,
        task: Task,
        tools: Sequence[Tool],
        open: Open,
        look: Open,
        now: Callable[[Task], Task],
        bench: Callable[[Task, str], Bench],
        shielded: Callable[[], AbstractContextManager[None]],
    ) -> None:
        self._of, self._tools, self._open, self._look_up = task, tools, open, look
        self._now, self._seen = now, task
        self._bench, self._shielded = bench, shielded

    def call(self, name: str, call_id: str, arguments: Mapping[str, Any]) -> Outcome:
        """call_id: the same whenever this call is made again.

        Raises Waits where somebody else has to act first, moves.Stopped when the task is not to be worked on any more,
        Later while nobody may work (the approval keeps), BudgetExhausted when a tool needs more money than there is.
        """
        try:
            tool = called(name, self._tools)
            return self._run(tool, given(tool, arguments), self._bench(self._task(), call_id))
        except (BudgetExhausted, Later, Raced, Stuck, moves.Stopped):
            raise
        except TroupeError as error:
            return Outcome(str(error), True)

    def _run(self, tool: Tool, taken: BaseModel, bench: Bench) -> Outcome:
        leaving = self._leaving(tool, taken, bench)
        if leaving is None:
            return Outcome(_bounded(tool.run(taken, bench)))
        call = _Call(leaving, taken, bench)
        return self._leave(call, self._asked(call))

    def _leaving(self, tool: Tool, taken: BaseModel, bench: Bench) -> Leaving | None:
        """As what it waits for a person; None if it just runs. What a person was asked about stays with that person."""
        if tool.risk is Risk.LEAVES:
            return cast(Leaving, tool)
        if not isinstance(tool, Asking):
            return None
        wish = tool.asks(taken, bench)
        if wish is None:
            with self._look_up() as work:
                action = work.actions.of_call(self._of.id, bench.call_id)
            if action is None:
                return None
            wish = Wish(action.title, action.shown)
        return cast(Leaving, Reading(tool, wish))

    def _task(self) -> Task:
        self._seen = moves.still_theirs(self._of, self._now(self._seen))
        return self._seen

    def _asked(self, call: _Call) -> Action:
        """The action of this call; a new one is put before a person."""
        call_id = call.bench.call_id
        with self._look_up() as work:
            action = work.actions.of_call(self._of.id, call_id)
        if action is not None:
            return action
        wish = call.tool.wish(call.given, call.bench)
        with self._open() as work:
            task = moves.present(self._of, work)
            return steps.propose(task, call.tool.name, call_id, call.arguments, wish, work)

    def _leave(self, call: _Call, action: Action) -> Outcome:
        is_another = (action.tool, dict(action.arguments)) != (call.tool.name, call.arguments)
        if is_another and action.state is not ActionState.APPROVED:
            # Some models give all calls of a message one id: what became of one is nothing to tell of another.
            return Outcome("It was not run: another call has the same id. Call it again by itself.", True)
        if action.state is ActionState.DONE:
            return Outcome(_bounded(action.result))
        if action.state is ActionState.APPROVED:
            return self._act(call, action)
        if action.state is ActionState.RUNNING:
            return self._look(call, action)
        if action.state in (ActionState.PROPOSED, ActionState.UNKNOWN):
            raise Waits(Wait.STEP)
        return Outcome(_bounded(action.result or f"It was not done: {action.state.value}."), True)

    def _act(self, call: _Call, action: Action) -> Outcome:
        """What was approved happens, if it is still exactly that."""
        try:
            effect = self._claimed(call, action)
        except (Stale, ToolFailed) as changed:
            self._drop(action, changed.what)
            return Outcome(
                f"It was not done. {changed.what} Call the tool again to ask for it as it is now.", True
            )
        bench = replace(call.bench, workspace=sealed(call.bench.workspace, action.attachments))
        return self._finish(action, effect, lambda: call.tool.act(call.given, bench, effect.id))

    def _drop(self, action: Action, why: str) -> None:
        """Its approval is used up without an effect."""
        with self._open() as work:
            effect = work.effects.of_approval(action.approval_id, EffectKind.ACT)
            if action.state is ActionState.RUNNING and effect is not None:
                steps.failed(action, effect, why, work)
            else:
                steps.changed(work.actions.get(action.id), why, work)

    def _claimed(self, call: _Call, action: Action) -> Effect:
        """Raises Stale or ToolFailed where it cannot happen any more as it was approved, Raced where another worker, whose
        lease we hold since it fell silent, has moved it after we looked: it may be doing it at this moment."""
        seen = call.fingerprint()
        with self._open() as work:
            if work.actions.get(action.id).revision != action.revision:
                raise Raced("Somebody else moved this step meanwhile.", remedy="Look again.")
            return steps.claim(action, seen, work)

    def _look(self, call: _Call, action: Action) -> Outcome:
        """An earlier run broke off in the middle: what did it leave behind? Only what surely did not happen is done again."""
        with self._open() as work:
            effect = work.effects.of_approval(action.approval_id, EffectKind.ACT)
        if effect is None:
            raise Stuck("A step is running of which there is no effect.")
        try:
            found = call.tool.find(call.given, call.bench, effect.id)
        except Unsure as error:
            self._unsure(action, effect, error)
        if found is None:
            return self._act(call, action)
        return self._finish(action, effect, lambda: found)

    def _finish(self, action: Action, effect: Effect, deed: Callable[[], str]) -> Outcome:
        """The outcome is noted, whatever it is. An error that nobody foresaw leaves it running, and the next run looks."""
        with self._shielded():
            try:
                result = _bounded(deed())
            except ToolFailed as error:
                with self._open() as work:
                    steps.failed(action, effect, str(error), work)
                return Outcome(str(error), True)
            except Unsure as error:
                self._unsure(action, effect, error)
            with self._open() as work:
                steps.done(action, effect, result, work)
            return Outcome(result)

    def _unsure(self, action: Action, effect: Effect, why: Unsure) -> NoReturn:
        with self._open() as work:
            steps.unsure(action, effect, str(why), work)
        raise Waits(Wait.STEP)


def _bounded(text: str) -> str:
    return text if len(text) <= TOLD_LIMIT else f"{text[:TOLD_LIMIT]}\n[… cut …]"
