"""The chat models of a persona at work: every link of its chain, each call paid out of the budgets of the task.

The ledger is inside the model, so that whatever asks it is counted: the agent's own loop, a retry, a fallback, a summary.
Imports LangChain: for workers only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import BaseMessage
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import PrivateAttr, SecretStr

from agents.tasks.stopping import ModelFailed
from agents.writing.writer import Budget, Reservation, Usage
from integrations.llm.build import Access, Spec, usable_specs
from integrations.llm.http_client import deadline_client
from integrations.llm.link import MAX_OUTPUT_TOKENS, Again, CallFailed, Malformed, Price, TimedOut, Tokens
from integrations.llm.openai_chat import NO_KEY, read_usage
from integrations.llm.outcomes import read_outcome
from integrations.llm.prices import ENVELOPE_TOKENS, WORST, Rates, price_of

TIMEOUT_S = 120.0
"""Of one call. A model that thinks before it writes a file takes a minute."""


def chat_models(
    access: Access,
    models: Sequence[str],
    budget: Budget,
    *,
    timeout_s: float = TIMEOUT_S,
    worst: Rates = WORST,
) -> tuple[BaseChatModel, ...]:
    """First choice first; the rehearsal model alone where no other can be asked.

    It does not stand in for a model that fails in the middle of a task: half a task's work would then be a rehearsal's, and
    look like the rest. models: links as a persona names them; the team's own unless given.  Raises Invalid.
    """
    usable, _ = usable_specs(access, models)
    if usable:
        return tuple(_paid(spec, key, budget, timeout_s, worst) for spec, key in usable)
    from integrations.llm.rehearsal.worker import RehearsalWorker

    return (RehearsalWorker(),)


def _paid(spec: Spec, key: str, budget: Budget, timeout_s: float, worst: Rates) -> PaidChat:
    made = PaidChat(
        model=spec.model,
        base_url=spec.base_url,
        api_key=SecretStr(key or NO_KEY),
        max_retries=0,  # every try has a reservation of its own
        timeout=timeout_s,
        max_completion_tokens=MAX_OUTPUT_TOKENS,
        http_client=deadline_client(),
        disable_streaming=True,  # whoever asks for a stream has the answer whole: every call goes through the ledger
        use_responses_api=False,  # what every compatible server speaks is chat completions
    )
    price = price_of(spec.provider, spec.model, spec.base_url, worst)
    made._pays(spec.provider, price, budget)
    return made


class PaidChat(ChatOpenAI):
    """Reserves the most that a call can take, makes it, and settles what it took.

    Raises ModelFailed or BudgetExhausted. What nobody can tell is counted at its most: a call that broke off, timed out or
    was stopped, and an answer without usage.
    """

    _provider: str = PrivateAttr()
    _price: Price = PrivateAttr()
    _budget: Budget = PrivateAttr()

    def _pays(self, provider: str, price: Price, budget: Budget) -> None:
        self._provider, self._price, self._budget = provider, price, budget

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **options: Any,
    ) -> ChatResult:
        most = self._most(messages, stop, options)
        failed: CallFailed | None = None
        with self._budget.reserve(self._price.cost(most), self.model_name) as reservation:
            self._settle(reservation, most)  # stopped in the middle, it may be answered and billed
            try:
                with read_outcome(self._read):
                    made = super()._generate(messages, stop, run_manager, **options)
                    if not made.generations:
                        raise Malformed("the server sent no answer", spent=None)
            except CallFailed as failure:
                failed, took = failure, failure.spent
            else:
                took = self._read((made.llm_output or {}).get("token_usage"))
            if took is not None:
                self._settle(reservation, took)
        if (
            failed is not None
        ):  # raised out here: settling must not look like an error to the ledger's transaction
            raise ModelFailed(f"{self.model_name}: {failed.reason}", again=_passes(failed)) from failed
        return made

    def _most(self, messages: list[BaseMessage], stop: list[str] | None, options: dict[str, Any]) -> Tokens:
        """No tokenizer makes more tokens than there are bytes in what is sent."""
        sent = self._get_request_payload(messages, stop=stop, **options)
        size = len(json.dumps(sent, default=str, ensure_ascii=False).encode("utf-8", "replace"))
        return Tokens(size + ENVELOPE_TOKENS, MAX_OUTPUT_TOKENS)

    def _read(self, usage: Any) -> Tokens | None:
        return read_usage(self._provider, usage)

    def _settle(self, reservation: Reservation, tokens: Tokens) -> None:
        cost = self._price.cost(tokens)
        reservation.settle(Usage(self._provider, self.model_name, tokens.input, tokens.output, cost))


def _passes(failed: CallFailed) -> bool:
    """Whether it is worth asking the same model again."""
    return isinstance(failed, Again | TimedOut | Malformed)
