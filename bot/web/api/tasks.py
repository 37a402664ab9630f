"""/api/tasks: work that is handed over by a program, followed, decided on, and fetched when it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from starlette.responses import Response

from agents.errors import NotFound
from agents.money import from_dollars
from agents.tasks import decide, request, steer
from agents.tasks.task import State, Task
from bot.ports import Ports
from bot.web.api.access import Asking, Caller, troupe_of
from bot.web.api.bodies import KeyedRoute
from bot.web.api.seen import channel_seen
from bot.web.api.shapes import EventOut, Name, event_of
from bot.web.api.task_shapes import DecisionIn, TaskIn, TaskOut, WholeTaskOut, task_of, whole_task
from bot.web.downloads import download
from storage.unit_of_work import UnitOfWork

router = APIRouter(route_class=KeyedRoute, tags=["Tasks"])


@router.post("/tasks", summary="Hand over a piece of work")
def new(asking: Request, caller: Asking, asked: Annotated[TaskIn, Body()]) -> WholeTaskOut:
    """It is queued, and begun by the persona named, or by the free one that it fits best."""

    def hand_over(ports: Ports) -> str:
        person, work = replace(caller.person, via=caller.via), ports.work
        channel = channel_seen(asked.channel, person, work).id if asked.channel else ""
        persona = work.personas.by_handle(asked.persona.removeprefix("@")) if asked.persona else None
        wish = request.Request(
            by=person,
            title=asked.title or request.title_of(asked.brief),
            brief=asked.brief,
            origin=channel,
            asked_for=persona,
            criteria=tuple(asked.criteria),
            complexity=asked.complexity,
            priority=asked.priority,
            deadline=asked.deadline.astimezone(UTC) if asked.deadline else None,
            formats=tuple(asked.formats),
            budget=None if asked.budget_usd is None else from_dollars(asked.budget_usd),
            reviewed=asked.reviewed,
            via=caller.via,
        )
        return request.request(wish, work).id

    return _after(hand_over, asking, caller)


@router.get("/tasks", summary="Tasks, the newest first")
def listing(
    asking: Request,
    caller: Asking,
    state: Annotated[State | None, Query(description="Only those.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=100_000)] = 0,
) -> list[TaskOut]:
    with troupe_of(asking).storage.reading() as work:
        if state is None:
            found = work.tasks.latest(limit=limit, offset=offset)
        else:
            found = work.tasks.in_states([state], limit=limit + offset)[offset:]
        return [task_of(task, work) for task in found]


@router.get("/tasks/{id}", summary="A task with its plan, steps, questions and files")
def one(asking: Request, caller: Asking, id: Name) -> WholeTaskOut:
    with troupe_of(asking).storage.reading() as work:
        return whole_task(id, work)


@router.get("/tasks/{id}/events", summary="What happened to a task")
def events(asking: Request, caller: Asking, id: Name) -> list[EventOut]:
    """Newest first."""
    with troupe_of(asking).storage.reading() as work:
        subject = work.tasks.get(id).subject
        return [event_of(recorded) for recorded in work.events.about(subject)]


@router.post("/tasks/{id}/decisions", summary="Decide about a task, or steer it")
def decision(asking: Request, caller: Asking, id: Name, made: DecisionIn) -> WholeTaskOut:
    """A key decides about plans and results only where the persona's policy lets keys."""

    def carry_out(ports: Ports) -> str:
        return _decide(id, made, caller, ports.work).id

    return _after(carry_out, asking, caller)


@router.get("/tasks/{id}/files/{file}", summary="A file that a task handed over", response_class=Response)
def fetched(asking: Request, caller: Asking, id: Name, file: Name) -> Response:
    found, data = troupe_of(asking).handed_over(file)
    if found.task_id != id:
        raise NotFound("There is no such file.", remedy=f"GET /api/tasks/{id} lists what there is.")
    return download(found, data)


def _decide(id: str, made: DecisionIn, caller: Caller, work: UnitOfWork) -> Task:
    person, seen, via = replace(caller.person, via=caller.via), made.fingerprint, caller.via
    match made.decision:
        case "approve_plan":
            return decide.approve_plan(id, person, seen, work, via=via)
        case "change_plan":
            return decide.change_plan(id, person, seen, made.words, work, via=via)
        case "accept":
            return decide.accept(id, person, seen, work, via=via)
        case "change_result":
            return decide.change_result(id, person, seen, made.words, work, via=via)
        case "pause":
            return steer.pause(id, person, work)
        case "resume":
            return steer.resume(id, person, work)
        case "retry":
            return steer.retry(id, person, work)
        case "stop":
            return steer.stop(id, person, work, reason=made.words)


def _after(verb: Callable[[Ports], str], asking: Request, caller: Caller) -> WholeTaskOut:
    """The task as it is after it.  verb: answers its id."""
    troupe, correlation = troupe_of(asking), asking.state.correlation
    id = troupe.dispatcher.act(verb, caller.person, "task.refused", via=caller.via, correlation=correlation)
    with troupe.storage.reading() as work:
        return whole_task(id, work)
