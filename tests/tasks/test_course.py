"""A task's way through its stages: what each must show, where people are asked, and what goes back, blocks or fails."""

from __future__ import annotations

import pytest

from agents.errors import Conflict, Invalid, Stale
from agents.events import Actor
from agents.jobs import Later
from agents.oncall.kinds import AlertKind
from agents.personas import manage
from agents.tasks import course, decide, moves, steer
from agents.tasks.artifact import Artifact
from agents.tasks.plan import Check, Outline, Tick, Verdict
from agents.tasks.proof import below_output
from agents.tasks.task import Stage, State, Task, Wait
from agents.tasks.tools import Entry
from storage.unit_of_work import UnitOfWork
from tests.tasks.office import OUTLINE, REPORT, Office, stage_of

S = State


def lacks(office: Office, task: Task, *files: Entry) -> tuple[str, ...]:
    with office.looking() as work:
        return course.lacks(task, files, work)


def outline(**more: object) -> Outline:
    return Outline.model_validate(OUTLINE.model_dump() | more)


def test_a_small_task_goes_from_stage_to_stage_and_is_looked_at(office: Office) -> None:
    task = office.begin()
    assert lacks(office, task) == ("There is no plan yet: write one with write_plan.",)
    assert stage_of(office.plans(task)) == (Stage.BUILD, S.WORKING)
    assert stage_of(office.builds(task)) == (Stage.TEST, S.WORKING)
    assert stage_of(office.tests(task)) == (Stage.REVIEW, S.WORKING)
    waiting = office.forward(task)
    assert (waiting.state, waiting.waits_for) == (S.WAITING, Wait.REVIEW)
    assert "work" not in office.owed(task.subject)
    done = office.accepts(task)
    assert (done.state, done.finished_at is not None) == (S.COMPLETE, True)
    assert office.owed(task.subject) == {"tidy"}
    with office.looking() as work:
        assert work.tasks.held_by(office.personas["ada"].id) == []


def test_what_nobody_has_to_look_at_is_complete_by_itself(office: Office) -> None:
    task = office.to_review(reviewed=False)
    assert office.task(task).state is S.COMPLETE


def test_a_stage_ends_only_with_what_it_must_show(office: Office) -> None:
    task = office.begin(formats=("pdf", "md"))
    office.does(lambda work: course.write_plan(task, OUTLINE, work))
    assert lacks(office, task) == ("The plan names no file that ends with .pdf, which was asked for.",)
    both = outline(files=["report.md", "output/report.pdf"])
    office.does(lambda work: course.write_plan(office.now_of(task, work), both, work))
    assert lacks(office, task) == ()
    office.forward(task)
    pdf, empty = Entry("output/report.pdf", 10, False), Entry("output/report.md", 0, False)
    assert lacks(office, task, empty) == (
        "output/report.md is empty.",
        "output/report.pdf is in the plan, but there is no such file.",
        "There is no .pdf file below output/.",
        "There is no .md file below output/.",
        "There is no file below output/ to hand over.",
        "Step 1 is not done: Read",
        "Step 2 is not done: Write",
    )
    for number in (1, 2):
        with office.storage.unit_of_work() as work:
            course.tick(office.now_of(task, work), number, Tick.DONE, work)
    assert lacks(office, task, pdf, *REPORT) == ()
    office.forward(task)

    def check(work: UnitOfWork, exit: int) -> None:
        work.tasks.add_check(office.now_of(task, work), Check("make test", exit, "…", work.now))

    assert lacks(office, task, pdf, *REPORT) == (
        "No check ran: run at least one with run_check.",
        "Criterion 1 is not answered: It compares three libraries.",
    )
    office.does(lambda work: check(work, 2))
    office.does(lambda work: work.tasks.set_verdict(office.now_of(task, work), Verdict(1, False, "two")))
    assert lacks(office, task, pdf, *REPORT) == (
        "The check `make test` failed with 2.",
        "Criterion 1 is not met: It compares three libraries.",
    )
    office.does(lambda work: check(work, 0))
    office.does(lambda work: work.tasks.set_verdict(office.now_of(task, work), Verdict(1, True, "three")))
    assert lacks(office, task, pdf, *REPORT) == ()
    office.forward(task)
    assert lacks(office, task, pdf) == (
        "output/report.md is in the plan, but there is no such file.",
        "There is no .md file below output/.",
    )


@pytest.mark.parametrize(
    ("written", "path"),
    [
        ("report.md", "output/report.md"),
        ("output/a/b.csv", "output/a/b.csv"),
        ("./output/x.md", "output/x.md"),
        ("/output/x.md", "output/x.md"),
        ("outputs.md", "output/outputs.md"),
    ],
)
def test_a_plans_path_is_below_output(written: str, path: str) -> None:
    assert below_output(written) == path


def test_the_tasks_own_criteria_stand_in_every_plan(office: Office) -> None:
    task = office.begin(criteria=("It names prices.",))
    plan = office.does(lambda work: course.write_plan(task, OUTLINE, work))
    assert plan.outline.criteria == ("It names prices.",)


def test_the_same_plan_again_changes_nothing(office: Office) -> None:
    task = office.begin()
    first = office.does(lambda work: course.write_plan(task, OUTLINE, work))
    again = office.does(lambda work: course.write_plan(task, OUTLINE, work))
    other = office.does(lambda work: course.write_plan(task, outline(approach="Another."), work))
    assert (first.number, again, other.number) == (1, first, 2)


def test_a_plan_stands_once_it_is_built(office: Office) -> None:
    task = office.begin()
    office.plans(task)
    with pytest.raises(Conflict, match="design is over"):
        office.does(lambda work: course.write_plan(office.now_of(task, work), OUTLINE, work))
    with pytest.raises(Invalid, match="no step 3; the plan has 2"):
        office.does(lambda work: course.tick(office.now_of(task, work), 3, Tick.DONE, work))


def test_going_back_begins_a_round_of_its_own_and_forgets_what_was_answered(office: Office) -> None:
    task = office.begin()
    office.plans(task)
    office.builds(task)
    office.does(lambda work: work.tasks.set_verdict(office.now_of(task, work), Verdict(1, False, "")))
    back = office.does(lambda work: course.back(office.now_of(task, work), "Two, not three.", work))
    assert (stage_of(back), back.round) == ((Stage.BUILD, S.WORKING), 2)
    with office.looking() as work:
        assert work.tasks.verdicts(back) == []
        assert work.tasks.checks(back) == []


def test_what_goes_back_and_forth_for_ever_asks_a_person(office: Office) -> None:
    task = office.begin()
    office.plans(task)
    for _ in range(course.ROUNDS_LIMIT):
        office.builds(task)
        after = office.does(lambda work: course.back(office.now_of(task, work), "No.", work))
    assert after.state is S.BLOCKED
    assert office.alerts(task.subject) == [AlertKind.TASK_BLOCKED]
    assert "work" not in office.owed(task.subject)


def test_there_is_nothing_before_design(office: Office) -> None:
    task = office.begin()
    with pytest.raises(Conflict):
        office.does(lambda work: course.back(task, "No.", work))


def test_what_is_blocked_keeps_its_place_and_tries_again(office: Office) -> None:
    task = office.begin()
    office.does(lambda work: course.block(task, "No file.", work))
    with office.looking() as work:
        assert len(work.tasks.held_by(office.personas["ada"].id)) == 1
    again = office.does(lambda work: steer.retry(task.id, office.people["Bob"], work))
    assert (again.state, again.trouble) == (S.WORKING, "")
    assert (office.alerts(task.subject), office.owed(task.subject)) == ([], {"work"})


def test_what_is_given_up_frees_its_persona_and_can_queue_again(office: Office) -> None:
    task = office.begin()
    office.does(lambda work: course.fail(task, "The page is gone.", work))
    assert office.alerts(task.subject) == [AlertKind.TASK_FAILED]
    other = office.begin()
    assert other.state is S.WORKING
    again = office.does(lambda work: steer.retry(task.id, office.people["Bob"], work))
    assert (again.state, again.persona_id, again.finished_at) == (S.QUEUED, "", None)
    office.works_off()
    assert office.task(task).state is S.QUEUED


def test_whoever_works_on_it_learns_that_it_is_not_theirs_any_more(office: Office) -> None:
    task = office.begin()
    office.does(lambda work: steer.pause(task.id, office.people["Bob"], work))
    verbs = (
        lambda work: course.write_plan(task, OUTLINE, work),
        lambda work: course.forward(task, work),
        lambda work: course.block(task, "No.", work),
        lambda work: course.wait(task, Wait.ANSWER, work),
        lambda work: course.fail(task, "No.", work),
    )
    for verb in verbs:
        with pytest.raises(moves.Stopped):
            office.does(verb)
    office.does(lambda work: steer.resume(task.id, office.people["Bob"], work))
    office.does(lambda work: course.write_plan(task, OUTLINE, work))
    office.hires("eve")
    office.does(lambda work: steer.give(task.id, office.people["Mia"], office.personas["eve"], work))
    office.works_off()
    assert office.task(task).persona_id == office.personas["eve"].id
    with pytest.raises(moves.Stopped):
        office.does(lambda work: course.forward(task, work))


def test_nobody_works_while_troupe_is_halted_or_the_persona_paused(office: Office) -> None:
    task = office.begin()
    office.does(lambda work: moves.must_be_free_to_work(task, work))
    office.does(lambda work: work.switches.set("halted", {"by": "Mia"}))
    with pytest.raises(Later):
        office.does(lambda work: moves.must_be_free_to_work(task, work))
    office.does(lambda work: work.switches.clear("halted"))
    office.does(lambda work: manage.pause(office.personas["ada"].id, office.people["Mia"], work))
    with pytest.raises(Later):
        office.does(lambda work: moves.must_be_free_to_work(task, work))


def test_waiting_for_what_came_meanwhile_is_going_on(office: Office) -> None:
    task = office.begin()
    after = office.does(lambda work: course.wait(task, Wait.PARTS, work))
    assert (after.state, office.owed(task.subject)) == (S.WORKING, {"work"})


def test_what_people_say_in_its_thread_reaches_whoever_works_on_it(office: Office) -> None:
    task = office.begin()
    alice, bob = office.people["Alice"], office.people["Bob"]

    def say(who: Actor, text: str) -> None:
        office.does(lambda work: work.messages.say(office.channel, task.thread, who, text, work.now))

    say(bob.actor, "In German, please.")
    office.does(lambda work: moves.say(task, "Half of it is gone.", work))
    say(alice.actor, "Please stop.")
    since = office.now()
    say(alice.actor, "And with prices.")
    with office.looking() as work:
        assert course.feedback(task, work) == ("Bob: In German, please.", "Alice: And with prices.")
        assert course.feedback(task, work, since) == ("Alice: And with prices.",)


def test_a_worker_that_stumbles_again_and_again_leaves_it_to_a_person(office: Office) -> None:
    task = office.begin()
    office.does(lambda work: course.give_up(task.id, "work failed 6 times: OSError", work))
    assert office.task(task).state is S.BLOCKED
    office.does(lambda work: course.give_up(task.id, "again", work))
    assert office.task(task).trouble == "work failed 6 times: OSError"


def test_a_result_that_changes_after_it_was_asked_about_is_asked_about_anew(office: Office) -> None:
    task = office.to_review()
    seen = office.button(task)
    office.does(
        lambda work: work.artifacts.put(
            Artifact(work.new_id(), task.id, "more.md", "text/markdown", 1, "0" * 64, work.now), b"x"
        )
    )

    with pytest.raises(Stale):
        office.does(lambda work: decide.accept(task.id, office.people["Mia"], seen, work))

    assert office.task(task).state is S.WAITING
