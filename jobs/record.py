"""What a persona's tools note about its task: each call a transaction of its own, seen by people at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256

from agents.events import Actor, Event
from agents.personas.persona import Persona
from agents.tasks import course, moves, questions, words
from agents.tasks import split as splitting
from agents.tasks.artifact import Artifact, Note, Source
from agents.tasks.plan import Check, Outline, Plan, Tick, Verdict
from agents.tasks.question import Question
from agents.tasks.task import Task
from agents.tasks.tools import Part
from storage.unit_of_work import Storage, UnitOfWork


class OpenRecord:
    """Of one task in one stage. Everything raises moves.Stopped once that stage is not this worker's any more.

    progress: is told of the plan whenever that, or a tick in it, changed.
    """

    def __init__(
        self,
        storage: Storage,
        task: Task,
        persona: Persona,
        progress: Callable[[Task, Plan], None] = lambda task, plan: None,
    ) -> None:
        self._storage, self._task, self._persona = storage, task, persona
        self._progress = progress

    def plan(self, outline: Outline) -> Plan:
        with self._open() as (task, work):
            plan = course.write_plan(task, outline, work)
        self._progress(task, plan)
        return plan

    def tick(self, number: int, tick: Tick) -> Plan:
        with self._open() as (task, work):
            plan = course.tick(task, number, tick, work)
        self._progress(task, plan)
        return plan

    def check(self, check: Check) -> None:
        with self._open() as (task, work):
            work.tasks.add_check(task, check)
            work.record(
                Event(
                    "task.checked",
                    task.subject,
                    self._actor,
                    after={"command": check.command, "exit": check.exit},
                )
            )

    def verdict(self, verdict: Verdict) -> None:
        with self._open() as (task, work):
            work.tasks.set_verdict(task, verdict)
            work.touch(task.subject)

    def cite(self, url: str, title: str) -> Source:
        with self._open() as (task, work):
            return work.sources.cite(task.id, url, title, work.now)

    def sources(self) -> Sequence[Source]:
        with self._storage.reading() as work:
            return work.sources.of_task(self._task.id)

    def see(self, urls: Sequence[str]) -> None:
        with self._open() as (task, work):
            work.sources.see(task.id, urls)

    def has_seen(self, url: str) -> bool:
        with self._storage.reading() as work:
            return work.sources.seen([task.id for task in words.family(self._task, work)], url)

    def words(self) -> Sequence[str]:
        with self._storage.reading() as work:
            return words.of_people(self._task, work)

    def searched(self, query: str) -> None:
        with self._open() as (task, work):
            work.record(Event("task.searched", task.subject, self._actor, after={"query": query}))

    def remember(self, text: str, *, beyond: bool) -> Note:
        with self._open() as (task, work):
            of = "" if beyond else task.id
            known = (note for note in work.notes.find(self._persona.id, task.id, "") if note.task_id == of)
            same = next((note for note in known if note.text == text), None)
            return same or work.notes.add(self._persona.id, of, text, work.now)

    def recall(self, words: str) -> Sequence[Note]:
        with self._storage.reading() as work:
            return work.notes.find(self._persona.id, self._task.id, words)

    def ask(self, call_id: str, text: str, options: Sequence[str]) -> Question:
        with self._open() as (task, work):
            return questions.ask(task, call_id, text, tuple(options), work)

    def split(self, call_id: str, parts: Sequence[Part]) -> Sequence[Task]:
        with self._open() as (task, work):
            return splitting.split(task, call_id, parts, work)

    def handed_over(self, part: Task) -> Sequence[Artifact]:
        with self._storage.reading() as work:
            return work.artifacts.of_task(part.id)

    def contents(self, artifact: Artifact) -> bytes:
        with self._storage.reading() as work:
            return work.artifacts.data(artifact.id)

    def say(self, text: str) -> None:
        """A worker that died right after it said so is followed by one that says it again: that is heard once."""
        with self._open() as (task, work):
            said = [m.text for m in work.messages.in_thread(task.thread) if m.author == self._actor]
            if said[-1:] != [text]:
                moves.say(task, text, work, self._actor)

    def deliver(self, path: str, data: bytes, kind: str, preview: bytes = b"") -> Artifact:
        with self._open() as (task, work):
            shown = _kept(preview, self._persona, work) if preview else ""
            made = Artifact(
                work.new_id(), task.id, path, kind, len(data), sha256(data).hexdigest(), work.now, shown
            )
            work.artifacts.put(made, data)
            work.touch(task.subject)
            return made

    def deliverables(self) -> Sequence[Artifact]:
        with self._storage.reading() as work:
            return work.artifacts.of_task(self._task.id)

    @property
    def _actor(self) -> Actor:
        return Actor("persona", self._persona.id, self._persona.name)

    @contextmanager
    def _open(self) -> Iterator[tuple[Task, UnitOfWork]]:
        with self._storage.unit_of_work() as work:
            yield moves.present(self._task, work), work


def _kept(preview: bytes, persona: Persona, work: UnitOfWork) -> str:
    from integrations.images.prepare import fit

    fitted = fit(preview)
    picture = work.pictures.add(fitted.data, fitted.kind, fitted.width, fitted.height, persona.id, work.now)
    return picture.id
