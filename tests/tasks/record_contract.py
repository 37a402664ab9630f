"""What every Record keeps to. A test class inherits from `RecordContract` and has a fixture `record`.

Of a task in design that has no plan, no notes and no parts yet, and money for two parts.
"""

from __future__ import annotations

import pytest

from agents.errors import TroupeError
from agents.money import MicroUSD
from agents.tasks.plan import Outline, Step, Tick
from agents.tasks.tools import Part, Record


def outline(*titles: str) -> Outline:
    steps = tuple(Step(title=title) for title in titles)
    return Outline(approach="As said.", steps=steps, files=("output/a.md",), criteria=("It is there",))


class RecordContract:
    def test_a_later_plan_takes_the_place_of_the_first(self, record: Record) -> None:
        first, second = record.plan(outline("Read")), record.plan(outline("Read", "Write"))
        assert second.number == first.number + 1
        assert second.ticks == (Tick.OPEN, Tick.OPEN)

    def test_the_same_plan_again_changes_nothing(self, record: Record) -> None:
        assert record.plan(outline("Read")) == record.plan(outline("Read"))

    def test_ticks_stay(self, record: Record) -> None:
        record.plan(outline("Read", "Write"))
        record.tick(1, Tick.DONE)
        assert record.tick(2, Tick.DOING).ticks == (Tick.DONE, Tick.DOING)

    def test_a_step_that_there_is_not_cannot_be_ticked(self, record: Record) -> None:
        record.plan(outline("Read"))
        for number in (0, 2):
            with pytest.raises(TroupeError):
                record.tick(number, Tick.DONE)

    def test_the_same_page_keeps_its_number(self, record: Record) -> None:
        one, two = record.cite("https://a.example/", "A"), record.cite("https://b.example/", "B")
        assert (one.number, two.number) == (1, 2)
        assert record.cite("https://a.example/", "A again").number == 1
        assert [source.url for source in record.sources()] == ["https://a.example/", "https://b.example/"]

    def test_what_a_page_showed_is_known_from_then_on_and_nothing_else(self, record: Record) -> None:
        assert not record.has_seen("https://a.example/1")
        record.see(["https://a.example/1", "https://a.example/2"])
        record.see(["https://a.example/2", "https://a.example/\U0001f600" + "é" * 2_000])
        assert record.has_seen("https://a.example/2")
        assert record.has_seen("https://a.example/\U0001f600" + "é" * 2_000)
        assert not record.has_seen("https://a.example/3")

    def test_notes_are_found_by_any_of_their_words(self, record: Record) -> None:
        record.remember("Alice wants Tables.", beyond=True)
        record.remember("Two are unmaintained.", beyond=False)
        assert [note.text for note in record.recall("tables zebra")] == ["Alice wants Tables."]
        assert {note.text for note in record.recall("")} == {"Alice wants Tables.", "Two are unmaintained."}
        assert record.recall("100%") == []

    def test_the_same_note_again_is_one_note(self, record: Record) -> None:
        first = record.remember("Alice wants tables.", beyond=False)
        assert record.remember("Alice wants tables.", beyond=False) == first
        assert record.remember("Alice wants tables.", beyond=True) != first
        assert len(record.recall("tables")) == 2

    def test_a_question_is_asked_once_for_each_call(self, record: Record) -> None:
        first = record.ask("call-1", "Which?", ["A", "B"])
        assert (first.text, first.options, first.answered_at) == ("Which?", ("A", "B"), None)
        assert record.ask("call-1", "Which?", ["A", "B"]).id == first.id
        assert record.ask("call-2", "Which?", []).id != first.id

    def test_parts_are_made_once_for_each_call(self, record: Record) -> None:
        parts = [Part("One", "Do one.", "", MicroUSD(1_000)), Part("Two", "Do two.", "", MicroUSD(1_000))]
        made = record.split("call-1", parts)
        assert [task.title for task in made] == ["One", "Two"]
        assert [task.id for task in record.split("call-1", parts)] == [task.id for task in made]
        assert list(record.handed_over(made[0])) == []

    def test_a_file_handed_over_again_takes_its_place(self, record: Record) -> None:
        record.deliver("a.md", b"first", "text/markdown")
        last = record.deliver("a.md", b"second", "text/markdown")
        (kept,) = record.deliverables()
        assert record.contents(kept) == b"second"
        assert (kept.path, kept.size, kept.sha256) == ("a.md", 6, last.sha256)
