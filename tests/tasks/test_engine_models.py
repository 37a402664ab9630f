"""What a model's failures cost, and who is asked next: the real client against a server that does what it is told."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import HumanMessage

from agents.errors import BudgetExhausted
from agents.money import MicroUSD
from agents.tasks.stopping import Interrupted, ModelFailed
from agents.tasks.task import State, Wait
from integrations.llm.agents import PaidChat, chat_models
from integrations.llm.build import Access
from tests.servers.model import Fault, ModelServer, Reply, broken_call, call, say
from tests.tasks.crew import Story, crew, story
from tests.tasks.scripts import BUILD, DESIGN, stages

ONE = ("openai:gpt-5-mini",)
TWO = ("openai:gpt-5-mini", "openai:gpt-5-nano")


def asked(of: Story, server: ModelServer, timeout_s: float = 5.0) -> BaseChatModel:
    access = Access(openai_api_key="k", openai_base_url=server.url)
    budget = of.troupe.storage.task_budget(of.ada, of.task)
    return chat_models(access, ONE, budget, timeout_s=timeout_s)[0]


def ask(of: Story, server: ModelServer, timeout_s: float = 5.0) -> str:
    return asked(of, server, timeout_s).invoke([HumanMessage("Hello")]).text


def test_a_call_that_is_answered_costs_what_it_took(at_work: Story, server: ModelServer) -> None:
    server.script = [say("Hello, too.")]
    assert ask(at_work, server) == "Hello, too."
    (row,) = at_work.spent()
    assert (row.state, row.provider, row.model) == ("settled", "openai", "gpt-5-mini")
    assert (row.input_tokens, row.output_tokens) == (100, 20)
    assert 0 < row.spent < row.reserved


def test_no_way_of_asking_passes_the_ledger(at_work: Story, server: ModelServer) -> None:
    server.script = [say("Hello, too.")] * 2
    model = asked(at_work, server)
    assert "".join(piece.text for piece in model.stream([HumanMessage("Hello")])) == "Hello, too."
    (result,) = model.generate([[HumanMessage("Hello")]]).generations
    assert result[0].text == "Hello, too."
    assert [row.state for row in at_work.spent()] == ["settled", "settled"]
    assert len(server.requests) == 2


def test_a_server_that_does_not_count_is_paid_the_most(at_work: Story, server: ModelServer) -> None:
    server.script = [Reply("Hello.", usage=None)]
    ask(at_work, server)
    (row,) = at_work.spent()
    assert row.spent == row.reserved > 0


def test_who_is_stopped_just_after_the_answer_has_paid_the_most(
    at_work: Story, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise Interrupted

    server.script = [say("Hello, too.")]
    monkeypatch.setattr(PaidChat, "_read", stop)
    with pytest.raises(Interrupted):
        ask(at_work, server)
    (row,) = at_work.spent()
    assert (row.state, row.spent) == ("settled", row.reserved)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_was_refused_is_free_and_worth_another_try(
    at_work: Story, server: ModelServer, status: int
) -> None:
    server.faults = [Fault(status)]
    with pytest.raises(ModelFailed) as failed:
        ask(at_work, server)
    assert failed.value.again
    (row,) = at_work.spent()
    assert (row.spent, row.input_tokens) == (0, 0)


def test_a_key_that_is_refused_is_not_tried_again(at_work: Story, server: ModelServer) -> None:
    server.faults = [Fault(401)]
    with pytest.raises(ModelFailed) as failed:
        ask(at_work, server)
    assert not failed.value.again


def test_what_hangs_is_given_up_and_paid_at_its_most(at_work: Story, server: ModelServer) -> None:
    server.faults = [Fault(hangs_s=20)]
    begun = time.monotonic()
    with pytest.raises(ModelFailed):
        ask(at_work, server, timeout_s=0.5)
    assert time.monotonic() - begun < 5
    (row,) = at_work.spent()
    assert row.spent == row.reserved > 0


@pytest.mark.parametrize(
    "body", ["{not JSON", "<html>", '{"object": "list"}', '{"choices": []}', "{}", "null"]
)
def test_nonsense_is_paid_at_its_most(at_work: Story, server: ModelServer, body: str) -> None:
    server.faults = [Fault(body=body)]
    with pytest.raises(ModelFailed):
        ask(at_work, server)
    (row,) = at_work.spent()
    assert row.spent == row.reserved > 0


def test_a_call_that_does_not_fit_is_not_made(tmp_path: Path, database_url: str, server: ModelServer) -> None:
    troupe = crew(tmp_path, database_url, server.url)
    poor = story(troupe, budget=poor_budget())
    with pytest.raises(BudgetExhausted):
        ask(poor, server)
    assert server.requests == []
    assert poor.spent() == []
    troupe.close()


def poor_budget() -> MicroUSD:
    return MicroUSD(10)


def test_a_task_without_money_waits_for_it(tmp_path: Path, database_url: str, server: ModelServer) -> None:
    troupe = crew(tmp_path, database_url, server.url)
    poor = story(troupe, budget=poor_budget())
    task = poor.work()
    assert (task.state, task.waits_for) == (State.WAITING, Wait.BUDGET)
    assert server.requests == []
    troupe.close()


def faults(count: int, status: int = 500) -> Sequence[Fault]:
    return [Fault(status)] * count


def test_a_hiccup_is_tried_again(at_work: Story, server: ModelServer) -> None:
    server.faults = [Fault(500), Fault(429)]
    assert at_work.work().state is State.COMPLETE
    assert len(at_work.spent()) == len(server.requests) == 12


def test_the_next_link_takes_over_and_is_paid_itself(
    tmp_path: Path, database_url: str, server: ModelServer
) -> None:
    troupe = crew(tmp_path, database_url, server.url)
    both = story(troupe)
    with troupe.storage.unit_of_work() as work:
        work.personas.change(both.ada, profile=both.ada.profile.model_copy(update={"models": TWO}))
    server.faults = [Fault(401)]
    assert both.work().state is State.COMPLETE
    models = [row.model for row in both.spent()]
    assert (models.count("gpt-5-nano"), models.count("gpt-5-mini")) == (1, 10)
    troupe.close()


def test_when_no_model_answers_the_work_is_owed_again_and_then_told(
    at_work: Story, server: ModelServer
) -> None:
    server.faults = list(faults(1000, 401))
    task = at_work.work(most=3)
    assert task.state is State.WORKING
    assert at_work.owed() is not None
    assert [row.spent for row in at_work.spent()] == [0] * len(server.requests)


def test_arguments_that_are_no_json_go_back_to_the_model(at_work: Story, server: ModelServer) -> None:
    server.script = stages(design=[broken_call("write_plan", '{"approach": "cut o'), *DESIGN])
    assert at_work.work().state is State.COMPLETE
    told = [m for body in server.requests for m in body["messages"] if m["role"] == "tool"]
    assert any("not valid JSON" in message["content"] for message in told)


def test_who_only_sends_what_nobody_can_read_is_stopped(at_work: Story, server: ModelServer) -> None:
    server.script = stages(design=[broken_call("write_plan", '{"approach": "cut o')] * 50)
    task = at_work.work()
    assert task.state is State.BLOCKED
    assert "same error 3 times" in task.trouble
    assert len(server.requests) == len(at_work.spent()) == 3


def test_arguments_that_do_not_fit_go_back_to_the_model(at_work: Story, server: ModelServer) -> None:
    server.script = stages(design=[call("write_plan", approach=7), *DESIGN])
    assert at_work.work().state is State.COMPLETE
    told = [m for body in server.requests for m in body["messages"] if m["role"] == "tool"]
    assert any("arguments are wrong" in message["content"] for message in told)


def test_a_tool_that_was_not_offered_does_not_run(at_work: Story, server: ModelServer) -> None:
    server.script = stages(design=[call("rm_rf", path="/"), *DESIGN])
    assert at_work.work().state is State.COMPLETE
    told = [m for body in server.requests for m in body["messages"] if m["role"] == "tool"]
    assert any("rm_rf" in message["content"] for message in told)


def test_going_in_circles_ends_in_words(at_work: Story, server: ModelServer) -> None:
    server.script = stages(build=[call("read_file", path="src/missing.md")] * 50)
    task = at_work.work()
    assert task.state is State.BLOCKED
    assert "same error 3 times" in task.trouble


def test_who_ends_a_stage_too_early_is_told_three_times(at_work: Story, server: ModelServer) -> None:
    server.script = stages(build=[say("Done!")] * 50)
    task = at_work.work()
    assert task.state is State.BLOCKED
    assert "report.md" in task.trouble
    builds = [body for body in server.requests if "stage *build*" in body["messages"][0]["content"]]
    assert len(builds) == 4
    assert "What is missing" in builds[-1]["messages"][-1]["content"]


def test_who_is_told_what_is_missing_can_mend_it(at_work: Story, server: ModelServer) -> None:
    server.script = stages(build=[say("Done!"), *BUILD])
    assert at_work.work().state is State.COMPLETE
