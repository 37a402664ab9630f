"""Specs, keys and prices; and what a process that asks no model never loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agents.errors import Invalid
from integrations.llm.build import Access, build_chain, read_spec
from integrations.llm.link import Tokens
from integrations.llm.openai_chat import OpenAIChat
from integrations.llm.prices import Rates, price_of
from tests.writing.cast import Purse, assignment

ROOT = Path(__file__).parents[2]
KEYS = Access(openai_api_key="sk-1", openrouter_api_key="sk-or-1")
LOCAL = "http://127.0.0.1:11434/v1"
THOUSAND = Tokens(1000, 1000)


def built(access: Access, *models: str) -> list[tuple[str, str, str]]:
    links = build_chain(access, models).links
    return [(link.provider, link.model, link.base_url) for link in links if isinstance(link, OpenAIChat)]


def test_every_way_to_write_a_model() -> None:
    assert built(
        KEYS, "openai:gpt-5-mini", "openrouter:anthropic/claude-sonnet-4", f"ollama:llama3.2:3b@{LOCAL}/"
    ) == [
        ("openai", "gpt-5-mini", "https://api.openai.com/v1"),
        ("openrouter", "anthropic/claude-sonnet-4", "https://openrouter.ai/api/v1"),
        ("ollama", "llama3.2:3b", LOCAL),
    ]
    assert built(KEYS, "ollama:llama3.2", "vllm:Qwen/Qwen3-8B") == [
        ("ollama", "llama3.2", LOCAL),
        ("vllm", "Qwen/Qwen3-8B", "http://127.0.0.1:8000/v1"),
    ]


def test_the_teams_own_chain_is_what_there_is_a_key_for() -> None:
    assert built(Access()) == []
    assert built(Access(openai_api_key="k", openai_model="gpt-5")) == [
        ("openai", "gpt-5", "https://api.openai.com/v1")
    ]
    assert [model for _, model, _ in built(KEYS)] == ["gpt-5-mini", "openai/gpt-5-mini"]
    azure = "https://acme.openai.azure.com/openai/v1"
    assert built(Access("k", azure, "our-deployment")) == [("openai", "our-deployment", azure)]
    assert built(Access("", LOCAL, "llama3.2", "k"))[0] == ("openai", "llama3.2", LOCAL)
    assert built(Access("", LOCAL, "llama3.2", "k"))[1][1] == "openai/gpt-5-mini"


@pytest.mark.parametrize(
    "spec", ["", "gpt-5-mini", "openai:", "acme:gpt", ":x", "llama3.2@http://127.0.0.1/v1"]
)
def test_a_spec_that_names_no_model_is_an_error_that_shows_how(spec: str) -> None:
    with pytest.raises(Invalid, match=r"openai:gpt-5-mini") as caught:
        read_spec(spec, KEYS)
    assert caught.value.field == "models"


@pytest.mark.parametrize(
    "url", ["https://evil.example/v1", "http://169.254.169.254/latest", "http://10.0.0.7:8000/v1"]
)
def test_a_persona_leads_to_no_server_that_the_settings_do_not_know(url: str) -> None:
    with pytest.raises(Invalid, match="does not know"):
        build_chain(KEYS, [f"openai:gpt-5@{url}"])
    assert built(Access("k", url, "m"), f"openai:gpt-5@{url}") == [("openai", "gpt-5", url)]


def test_a_key_goes_to_its_own_server_only() -> None:
    assert KEYS.key("openai", "https://api.openai.com/v1/") == "sk-1"
    assert KEYS.key("openai", LOCAL) == ""
    assert KEYS.key("ollama", "https://openrouter.ai/api/v1") == "sk-or-1"


def test_a_link_without_its_key_is_passed_over_and_said() -> None:
    draft = build_chain(Access(), ["openai:gpt-5", "openrouter:x/y"]).write(assignment(), Purse())
    assert draft.usage.rehearsal
    assert draft.usage.notes == (
        "openai:gpt-5 was passed over: OPENAI_API_KEY is not set",
        "openrouter:x/y was passed over: OPENROUTER_API_KEY is not set",
    )


# Prices


def test_listed_prices_are_used_wherever_the_model_is_sold() -> None:
    mini = price_of("openai", "gpt-5-mini", "https://api.openai.com/v1")
    assert (mini.cost(Tokens(1_000_000, 0)), mini.cost(Tokens(0, 1_000_000)), mini.note) == (
        250_000,
        2_000_000,
        "",
    )
    assert mini.cost(Tokens(1_000_000, 0, cached=1_000_000)) < 250_000
    assert price_of("openai", "gpt-5-mini", "https://acme.openai.azure.com/openai/v1").cost(THOUSAND) == 2_250
    assert (
        price_of("openrouter", "anthropic/claude-sonnet-4", "https://openrouter.ai/api/v1").cost(THOUSAND)
        == 18_000
    )


def test_what_the_provider_billed_is_what_it_cost() -> None:
    price = price_of("openrouter", "anthropic/claude-sonnet-4", "https://openrouter.ai/api/v1")
    assert price.cost(Tokens(1000, 1000, billed=price_of("ollama", "x", LOCAL).cost(THOUSAND))) == 0


def test_an_unknown_price_is_the_worst_one_and_says_so() -> None:
    unknown = price_of(
        "openai", "our-deployment", "https://acme.openai.azure.com/openai/v1", Rates(2_000_000, 4_000_000)
    )
    assert unknown.cost(THOUSAND) == 6_000
    assert (
        unknown.note
        == "nobody lists a price for our-deployment; counted at $2 and $4 per million tokens in and out"
    )


def test_a_server_of_ones_own_is_free_unless_it_is_a_gateway() -> None:
    assert price_of("ollama", "gpt-5-mini", "http://gpu.example/v1").cost(THOUSAND) == 0
    assert price_of("openai", "llama3.2", "http://localhost:11434/v1").cost(THOUSAND) == 0
    gateway = price_of("openai", "gpt-5-mini", "http://[::1]:4000/v1")
    assert (gateway.cost(THOUSAND), gateway.note) == (2_250, "")


# What is loaded

RUN = """
import json, sys
from integrations.llm.build import Access, build_chain, preload
from integrations.llm.moderation import moderator
from tests.writing.cast import Purse, assignment
from tests.writing.serving import POST, completion, says, serving
build_chain(Access("sk-1"))
moderator("sk-1", "https://api.openai.com/v1")
assert build_chain(Access()).write(assignment(), Purse()).usage.rehearsal
heavy = {"langchain_openai", "langchain_core", "openai", "httpx2", "genai_prices", "tiktoken", "langsmith"}
assert not heavy & set(sys.modules), heavy & set(sys.modules)
preload()
assert heavy <= set(sys.modules), heavy - set(sys.modules)
before = set(sys.modules)
with serving(says(200, completion(json.dumps(POST)))) as url:
    assert not build_chain(Access("k", url)).write(assignment(), Purse()).usage.rehearsal
late = [name for name in set(sys.modules) - before if name.startswith(("langchain", "langsmith", "openai.types"))]
assert not late, late
"""


def test_langchain_is_loaded_only_where_a_model_is_asked() -> None:
    done = subprocess.run([sys.executable, "-c", RUN], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
