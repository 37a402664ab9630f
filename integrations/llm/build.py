"""From the words of settings and personas to a chain of links.

A link is written `provider:model`, or `provider:model@address` for a server that is not the provider's usual one:
`openai:gpt-5-mini`, `openrouter:anthropic/claude-sonnet-4`, `ollama:llama3.2@http://127.0.0.1:11434/v1`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import import_module
from urllib.parse import urlsplit

from agents.errors import Invalid
from integrations.llm.chain import DEADLINE_S, Chain
from integrations.llm.link import Link
from integrations.llm.openai_chat import OpenAIChat
from integrations.llm.prices import WORST, Rates, is_loopback, price_of
from integrations.llm.rehearsal import Rehearsal

OPENAI_URL = "https://api.openai.com/v1"
USUAL = {
    "openai": OPENAI_URL,
    "openrouter": "https://openrouter.ai/api/v1",
    "ollama": "http://127.0.0.1:11434/v1",
    "vllm": "http://127.0.0.1:8000/v1",
}
TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class Access:
    """What an installation has: keys, and the one server that its OpenAI key is for (Azure's v1 address is one too)."""

    openai_api_key: str = field(default="", repr=False)
    openai_base_url: str = OPENAI_URL
    openai_model: str = "gpt-5-mini"
    openrouter_api_key: str = field(default="", repr=False)

    def key(self, provider: str, base_url: str) -> str:
        """The key for a server; never one that belongs to another server."""
        if _same(base_url, self.openai_base_url):
            return self.openai_api_key
        return self.openrouter_api_key if _same(base_url, USUAL["openrouter"]) else ""

    def models(self) -> tuple[str, ...]:
        """The team's own chain: what there is a key for, or a server of one's own."""
        asked = self.openai_api_key or not _same(self.openai_base_url, OPENAI_URL)
        chain = [f"openai:{self.openai_model}"] if asked else []
        if self.openrouter_api_key:
            chain.append(f"openrouter:{_on_openrouter(self.openai_model)}")
        return tuple(chain)


def _on_openrouter(model: str) -> str:
    """The name that OpenRouter has for the same model; for one that it cannot have, a model that it surely has."""
    if "/" in model:
        return model
    return f"openai/{model}" if model.startswith("gpt-") else "openai/gpt-5-mini"


@dataclass(frozen=True, slots=True)
class Spec:
    provider: str
    model: str
    base_url: str


def read_spec(text: str, access: Access) -> Spec:
    """Raises Invalid with the remedy when it names no provider of ours, no model, or a server it may not.

    Personas are written by editors, and a prompt holds what the team is working on. So a link goes only to the
    providers' own servers, to the one the settings name, or to this machine.
    """
    provider, colon, rest = text.strip().partition(":")
    model, _, address = rest.partition("@http")
    provider, base_url = provider.lower(), f"http{address}".rstrip("/") if address else ""
    if not colon or provider not in USUAL or not model:
        raise Invalid(
            f"“{text}” is no model.",
            remedy=f"Write provider:model, such as openai:gpt-5-mini; providers are {', '.join(USUAL)}.",
            field="models",
        )
    if not base_url:
        base_url = access.openai_base_url if provider == "openai" else USUAL[provider]
    elif not (
        is_loopback(base_url)
        or any(_same(base_url, known) for known in (access.openai_base_url, *USUAL.values()))
    ):
        raise Invalid(
            f"“{text}” leads to a server that this installation does not know: {urlsplit(base_url).netloc}.",
            remedy="An owner can name it in OPENAI_BASE_URL; then openai:MODEL leads there.",
            field="models",
        )
    return Spec(provider, model, base_url)


def build_chain(
    access: Access,
    models: Sequence[str] = (),
    *,
    timeout_s: float = TIMEOUT_S,
    deadline_s: float = DEADLINE_S,
    worst: Rates = WORST,
) -> Chain:
    """The chain of a persona, or the team's own if `models` is empty; the rehearsal model stands at its end.

    A link without its key is passed over with a note.  Raises Invalid for a spec that cannot be read.
    Imports no LangChain and connects to nothing.
    """
    usable, passed_over = usable_specs(access, models)
    links: list[Link] = [_link(spec, key, timeout_s, worst) for spec, key in usable]
    return Chain(links, Rehearsal(), passed_over=passed_over, deadline_s=deadline_s)


def usable_specs(access: Access, models: Sequence[str] = ()) -> tuple[list[tuple[Spec, str]], list[str]]:
    """Each link that may be asked, with its key; and why others were passed over.  Raises Invalid."""
    usable, passed_over = [], []
    for text in models or access.models():
        spec = read_spec(text, access)
        key = access.key(spec.provider, spec.base_url)
        if wanted := "" if key else _missing_key(spec):
            passed_over.append(f"{text} was passed over: {wanted} is not set")
        else:
            usable.append((spec, key))
    return usable, passed_over


def _missing_key(spec: Spec) -> str:
    """The variable without which this server does not answer, "" for one of one's own."""
    names = {OPENAI_URL: "OPENAI_API_KEY", USUAL["openrouter"]: "OPENROUTER_API_KEY"}
    return next((name for url, name in names.items() if _same(spec.base_url, url)), "")


@lru_cache(maxsize=32)
def _link(spec: Spec, key: str, timeout_s: float, worst: Rates) -> OpenAIChat:
    """Kept, so that the next call finds its connection open."""
    price = price_of(spec.provider, spec.model, spec.base_url, worst)
    return OpenAIChat(
        spec.provider, spec.model, base_url=spec.base_url, api_key=key, price=price, timeout_s=timeout_s
    )


def _same(one: str, other: str) -> bool:
    return one.rstrip("/").lower() == other.rstrip("/").lower()


PRELOADED = (
    "langchain_openai",
    "langchain_core.messages.block_translators.langchain_v0",  # from here on: what a first call would import
    "langchain_core.runnables.fallbacks",
    "langchain_core.tracers.context",
    "langchain_core.tracers.langchain",
    "langchain_core.tracers.run_collector",
    "langchain_core.tracers.stdout",
    "httpcore2",
    "openai.resources.chat.chat",
    "openai.resources.chat.completions.completions",
    "openai.resources.moderations",
    "genai_prices.data",
    "genai_prices.decompose",
    "integrations.llm.http_client",
    "integrations.llm.outcomes",
    "integrations.llm.streaming",
)


def preload() -> None:
    """Imports what links need. For the parent of forking workers: a child that imports LangChain itself takes seconds."""
    for name in PRELOADED:
        import_module(name)
