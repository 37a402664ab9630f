"""Profiles as documents: out and in again unchanged, and every mistake told with its place."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.clock import zones
from agents.errors import Invalid, NotFound
from agents.personas import document
from agents.personas.persona import Disclosure, Guardrails, Habit, Profile, Voice
from agents.personas.templates import TEMPLATES, template
from agents.writing.length import graphemes
from integrations.bluesky.rules import RULES as BLUESKY


def text(limit: int, least: int = 0) -> st.SearchStrategy[str]:
    """Any text without white space around it: a profile strips that."""
    return st.text(max_size=limit).map(str.strip).filter(lambda said: len(said) >= least)


lines = st.lists(text(300, 1), max_size=4).map(tuple)
profiles = st.builds(
    Profile,
    name=text(60, 1),
    handle=st.from_regex(r"[a-z][a-z0-9_-]{1,29}", fullmatch=True),
    role=text(100, 1),
    bio=text(1000),
    voice=st.builds(
        Voice,
        tone=text(500),
        topics=lines,
        never_say=lines,
        samples=lines,
        language=st.sampled_from(["en", "no", "pt-BR", "zh-Hant"]),
        emoji=st.sampled_from(Habit),
        hashtags=st.sampled_from(Habit),
    ),
    guardrails=st.builds(Guardrails, topics_to_avoid=lines, rules=lines, must_link_source=st.booleans()),
    disclosure=st.sampled_from(Disclosure),
    disclosure_label=text(60, 2),
    zone=st.sampled_from(sorted(zones())),
    monthly_budget_usd=st.decimals(0, 100_000, places=2),
    models=lines,
)


@given(profiles)
def test_what_is_exported_can_be_imported_unchanged(profile: Profile) -> None:
    assert document.read(document.write(profile)) == profile
    assert document.read(json.dumps(profile.model_dump(mode="json"))) == profile


@given(st.text(max_size=300) | st.text(max_size=60).map(lambda tail: f"name: Ada\nhandle: ada\n{tail}"))
def test_any_text_is_a_profile_or_told_what_is_wrong(text: str) -> None:
    try:
        document.read(text)
    except Invalid as refused:
        assert refused.what
        assert refused.remedy
        assert refused.field == "text"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "That is not a persona"),
        ("- a\n- b", "That is not a persona"),
        ("name: Ada", "handle is missing."),
        ("name: Ada\nhandle: A B", "handle should be 2 to 30 of a-z"),
        ("name: Ada\nhandle: ada\nnmae: x", "nmae is no field of a persona; did you mean name?"),
        ("name: Ada\nhandle: ada\ntopics: [x]", "topics is no field of a persona; it belongs under voice."),
        (
            "name: Ada\nhandle: ada\nvoice:\n  toen: x",
            "voice.toen is no field of a persona; did you mean tone?",
        ),
        ("name: Ada\nhandle: ada\nvoice:\n  topics: x", "voice.topics should be a list"),
        ("name: Ada\nhandle: ada\nvoice:\n  topics:\n  - a\n  - ''", "voice.topics[2] is empty"),
        (
            "name: Ada\nhandle: ada\nvoice:\n  emoji: lots",
            "voice.emoji should be 'never', 'sparing' or 'often'",
        ),
        ("name: Ada\nhandle: ada\nvoice: x", "voice should be a group of fields"),
        ("name: Ada\nhandle: ada\nzone: Mars/Base", "zone: Mars/Base is no time zone"),
        ("name: Ada\nhandle: ada\nmonthly_budget_usd: much", "monthly_budget_usd should be a number"),
        ("name: Ada\nhandle: ada\nmonthly_budget_usd: -1", "monthly_budget_usd should be at least 0"),
        ("name: Ada\nhandle: ada\nbio: " + "x" * 1001, "bio is too long: at most 1000 characters"),
        ("name: Ada\nname: Bea\nhandle: ada", "line 2, column 1: name stands there twice"),
        ('{"name": "Ada", "name": "Bea"}', "name stands there twice"),
        ('{"name": "Ada",}', "JSON: line 1, column 16"),
        ("name: [", "YAML: line 1"),
        ("a: &x [1]\nb: *x", "an alias (*name) is not understood here"),
        ("name: Ada\nhandle: ada\nbio: " + "x" * 70_000, "bytes too long; a persona may have 65,536"),
        ("[" * 20_000, "nested too deeply"),
        ('{"a":' * 12_000, "nested too deeply"),
        ("!!python/object/apply:os.system ['true']", "could not determine a constructor"),
    ],
)
def test_a_mistake_is_named_with_its_place(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        document.read(text)
    assert told in refused.value.what


def test_norwegian_is_a_language_and_a_name_may_be_a_number() -> None:
    profile = document.read("name: 007\nhandle: bond\nvoice:\n  language: no\nmonthly_budget_usd: 2.50")
    assert (profile.name, profile.voice.language) == ("007", "no")
    assert profile.monthly_budget_usd == Decimal("2.50")


def test_many_mistakes_are_counted_not_listed() -> None:
    with pytest.raises(Invalid, match=r"And 12 more\."):
        document.read("name: A\nhandle: ada\n" + "\n".join(f"wrong{i}: x" for i in range(20)))


def test_there_are_six_templates_with_voices_of_their_own() -> None:
    ready = [template(word) for word in TEMPLATES]
    assert len(ready) == 6
    assert len({p.handle for p in ready}) == len({p.voice.tone for p in ready}) == 6
    samples = [sample for p in ready for sample in p.voice.samples]
    assert len(samples) == len(set(samples)) >= 18
    for profile in ready:
        assert profile.bio
        assert profile.guardrails.rules
        assert profile.guardrails.topics_to_avoid


@pytest.mark.parametrize("word", TEMPLATES)
def test_a_templates_own_posts_keep_its_rules(word: str) -> None:
    voice = template(word).voice
    for sample in voice.samples:
        assert graphemes(sample) <= BLUESKY.limit
        assert not [phrase for phrase in voice.never_say if phrase.lower() in sample.lower()]
        if voice.emoji is Habit.NEVER:
            assert sample.isascii() or not any(ord(c) > 0x1F000 for c in sample)


def test_an_unknown_template_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound, match=r"Did you mean founder\?"):
        template("fonder")
