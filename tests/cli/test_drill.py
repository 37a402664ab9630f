"""./troupe drill."""

from __future__ import annotations

from collections.abc import Callable

from agents.oncall.kinds import AlertKind
from bot.wiring import Troupe
from tests.cli.desk import Done

Run = Callable[..., Done]


def test_a_drill_is_raised_in_somebodys_name(run: Run, troupe: Troupe) -> None:
    done = run("drill", "publish_failed", "--severity", "critical")
    assert done.returncode == 0, done.stderr
    with troupe.storage.reading() as work:
        alert = work.alerts.get(done.stdout.strip())
        [drilled] = work.events.latest(matching="alert.drilled")
    assert (alert.kind, alert.severity.value, alert.drill) == (AlertKind.PUBLISH_FAILED, "critical", True)
    assert drilled.event.actor.kind == "person"
    assert "A post could not be published" in done.stderr


def test_every_kind_is_listed(run: Run) -> None:
    listed = run("drill", "--list").stdout
    assert [line.split()[0] for line in listed.splitlines()] == [kind.value for kind in AlertKind]


def test_the_nearest_kind_is_named(run: Run) -> None:
    done = run("drill", "publish_faild")
    assert done.returncode == 1 and done.stdout == ""
    assert "publish_failed" in done.stderr
