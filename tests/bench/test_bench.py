"""The bench in miniature, so that it never rots. What it measures is not asserted here: this machine may be doing anything."""

from __future__ import annotations

import importlib
import json
import math
from collections import Counter
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import func, inspect, select

from storage.columns import Table
from tests.bench import report, run, transaction
from tests.bench.figures import Figure, Options, Sample, against, at_most, in_turns
from tests.bench.house import House, Unrung, house
from tests.servers.processes import ServerError

TINY = Options(scale=0.01)
BARE_PEERS = {
    "transaction": 4,
    "jobs": 2,
    "claim": 2,
    "due": 4,
    "click": 2,
    "up": 1,
    "memory": 5,
    "slack": 7,
    "discord": 5,
    "oncall": 0,
    "tasks": 3,
}
"""Figures of each part that stand beside a peer."""


@pytest.mark.timeout(180)
@pytest.mark.parametrize("part", run.PARTS)
def test_every_part_runs(part: str) -> None:
    figures = list(importlib.import_module(f"tests.bench.{part}").figures(TINY))
    assert {figure.part for figure in figures} == {part}
    assert sum(figure.bare is not None for figure in figures) == BARE_PEERS[part]
    for figure in figures:
        assert math.isfinite(figure.value)
        assert figure.ours.median <= figure.ours.p99
        assert report.row(figure).startswith(part)
    counted = [figure.value for figure in figures if figure.limit == 0]
    assert not any(counted), "a count that has to be zero does not depend on the machine"


def test_the_bare_transaction_leaves_the_rows_that_a_click_leaves() -> None:
    with house("sqlite", kind=Unrung) as home:
        mine, bare = home.drafts(2)
        left = []
        for click, draft in ((transaction.press, mine), (transaction.write, bare)):
            before = _rows(home)
            click(home, draft)
            left.append(_rows(home) - before)
        assert left[0] == left[1]
        assert left[0] == Counter(decisions=1, events=1, effects=1, jobs=1)
        with home.troupe.storage.reading() as work:
            variants = [work.posts.variant(draft.variant.id) for draft in (mine, bare)]
            approvals = [work.approvals.get(draft.approval.id) for draft in (mine, bare)]
        assert len({variant.state for variant in variants}) == 1
        assert len({approval.state for approval in approvals}) == 1


def _rows(home: House) -> Counter[str]:
    with home.troupe.storage.engine.connect() as connection:
        tables = inspect(connection).get_table_names()
        return Counter(
            {
                name: connection.execute(
                    select(func.count()).select_from(Table.metadata.tables[name])
                ).scalar_one()
                for name in tables
                if name in Table.metadata.tables
            }
        )


def test_a_figure_knows_whether_it_met_its_target() -> None:
    ratio = against("part", "what", [3.0, 2.0, 4.0], [1.0, 1.5, 2.0], 2.0)
    assert (ratio.value, ratio.met) == (2.0, True)
    slow = [1.0] * 98 + [500.0, 600.0]
    late = at_most("part", "what", slow, 250)
    assert (late.value, late.met) == (500.0, False)
    assert at_most("part", "what", slow, 250, of="median").met is True
    assert at_most("part", "what", slow, None).met is None


def test_a_sample_is_median_and_nearest_rank() -> None:
    assert Sample.of([5.0]) == Sample(5.0, 5.0, 1)
    assert Sample.of([float(number) for number in range(1, 101)]) == Sample(50.5, 99.0, 100)


def test_each_side_has_its_turn_in_every_round() -> None:
    order: list[str] = []

    def side(name: str) -> float:
        order.append(name)
        return float(len(order))

    first, second = in_turns(50, partial(side, "a"), partial(side, "b"))
    assert sorted(first + second) == [float(number) for number in range(1, 101)]
    rounds = {tuple(order[i : i + 2]) for i in range(0, 100, 2)}
    assert rounds == {("a", "b"), ("b", "a")}


def test_the_report_is_a_table_and_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Part:
        @staticmethod
        def figures(_: Options) -> list[Figure]:
            return [
                against("part", "one", [1.0], [2.0], 1.0),
                at_most("part", "two", [9.0], 1.0, note="because"),
            ]

    monkeypatch.setattr(importlib, "import_module", lambda name: Part)
    assert run.bench(["part"], TINY, tmp_path / "figures.json") is False
    printed = capsys.readouterr().out
    assert "MISSED" in printed and "because" in printed and "1 missed" in printed
    written = json.loads((tmp_path / "figures.json").read_text())
    assert [figure["met"] for figure in written["figures"]] == [True, False]
    assert written["figures"][0]["ratio"] == 0.5
    assert {"Python", "processor", "load before", "load after"} <= written["machine"].keys()


def test_a_part_that_cannot_be_measured_is_told_and_the_others_go_on(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing:
        @staticmethod
        def figures(_: Options) -> list[Figure]:
            raise ServerError("There is no browser here.")

    class Part:
        @staticmethod
        def figures(_: Options) -> list[Figure]:
            return [against("b", "one", [1.0], [2.0], 1.0)]

    parts = {"tests.bench.a": Missing, "tests.bench.b": Part}
    monkeypatch.setattr(importlib, "import_module", parts.__getitem__)
    assert run.bench(["a", "b"], TINY, tmp_path / "figures.json") is False
    assert "a could not be measured: There is no browser here." in capsys.readouterr().out
    written = json.loads((tmp_path / "figures.json").read_text())
    assert written["unmeasured"] == {"a": "There is no browser here."}
    assert len(written["figures"]) == 1
