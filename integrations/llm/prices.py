"""What a call costs: listed prices (`genai-prices`, its bundled data, no network), and the worst case before the call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from agents.money import MicroUSD, from_dollars
from agents.writing.prompts import Message
from integrations.llm.link import MAX_OUTPUT_TOKENS, Price, Tokens

LOCAL = frozenset({"ollama", "vllm"})
"""Servers that people run themselves."""

ENVELOPE_TOKENS = 600
"""Around the messages: the JSON schema of the answer (about 400 bytes) and each message's own marks."""


@dataclass(frozen=True, slots=True)
class Rates:
    """A price of our own, in micro-dollars per million tokens: $1.25 per million is 1,250,000."""

    input: int
    output: int
    note: str = ""

    def cost(self, tokens: Tokens) -> MicroUSD:
        return MicroUSD(-(-(tokens.input * self.input + tokens.output * self.output) // 1_000_000))


WORST = Rates(15_000_000, 75_000_000)
"""Taken for a model whose price nobody knows: dearer than 99 in 100 of those that are listed (2026-11)."""


class Listed:
    """The price that `genai-prices` knows for a model at an address; `unlisted` where it knows none."""

    def __init__(self, provider: str, model: str, base_url: str, unlisted: Rates) -> None:
        self._at: tuple[dict[str, str], ...] = ({"provider_api_url": base_url}, {"provider_id": provider})
        self._model, self._unlisted = model, unlisted

    @cached_property
    def _where(self) -> dict[str, str] | None:
        return next((where for where in self._at if self._listed(Tokens(1, 1), where) is not None), None)

    @property
    def note(self) -> str:
        return self._unlisted.note if self._where is None else ""

    def cost(self, tokens: Tokens) -> MicroUSD:
        if tokens.billed is not None:
            return tokens.billed
        listed = None if self._where is None else self._listed(tokens, self._where)
        return self._unlisted.cost(tokens) if listed is None else listed

    def _listed(self, tokens: Tokens, where: dict[str, str]) -> MicroUSD | None:
        from genai_prices import Usage, calc_price  # 0.5 s and 20 MB: only where models are asked

        usage = Usage(
            input_tokens=tokens.input,
            output_tokens=tokens.output,
            cache_read_tokens=min(tokens.cached, tokens.input),
        )
        try:
            return from_dollars(calc_price(usage, self._model, **where).total_price)  # type: ignore[call-overload]
        except LookupError:
            return None


def price_of(provider: str, model: str, base_url: str, worst: Rates = WORST) -> Price:
    """The price of a model.

    A server of one's own is free. So is one on this machine, unless it answers to the name of a model that is for sale
    elsewhere: then it is a gateway to it, and what stands behind it will be paid for.
    """
    if provider in LOCAL:
        return Rates(0, 0)
    unlisted = Rates(0, 0) if is_loopback(base_url) else _noted(worst, model)
    return Listed(provider, model, base_url, unlisted)


def _noted(worst: Rates, model: str) -> Rates:
    dollars = f"${worst.input / 1e6:g} and ${worst.output / 1e6:g} per million tokens in and out"
    return Rates(worst.input, worst.output, f"nobody lists a price for {model}; counted at {dollars}")


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def most_tokens(messages: Sequence[Message]) -> Tokens:
    """What a call can take at most. No tokenizer makes more tokens than there are bytes, and none is loaded for this:
    tiktoken would fetch its files from the network."""
    size = sum(len(message.text.encode("utf-8", "replace")) for message in messages)
    return Tokens(size + ENVELOPE_TOKENS, MAX_OUTPUT_TOKENS)
