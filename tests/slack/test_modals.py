"""Forms as modals: drawn, filled in by somebody in Slack, read again."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import Invalid
from agents.personas.templates import TEMPLATES, template
from bot import commands
from bot.cards import Button, Confirm
from bot.commands.persona_forms import PersonaForm, values_of
from bot.forms import Form, FormErrors, FormField, FormView, Option, Prefill, asked, filled, view
from bot.registry import REGISTRY
from bot.slack import modals
from bot.split import units
from bot.spread import Part, block_id, join, parts_of, place_of
from tests.slack.filling import inputs, must_be_legal, offered, state

commands.load()
BERLIN = ZoneInfo("Europe/Berlin")
OPTIONS = (Option("a", "Apples"), Option("b", "Bananas <b> :banana:"))
FORMS = {verb: found.form for verb, found in REGISTRY.buttons.items() if found.form}
WORDS = st.text(st.characters(codec="utf-8"), max_size=40)


class Everything(Form):
    title = "Everything that there is…"
    submit = "Do it"
    text: str = asked("Text", max_length=10)
    words: str = asked("Words", "multiline", default="", max_length=300, hint="As you like")
    password: str = asked("Password", "secret", max_length=200)
    one: str = asked("One", "choice", options=OPTIONS)
    some: list[str] = asked("Some", "choices", default=[], options=OPTIONS)
    at: str = asked("When", "datetime", hint="Soon.")
    number: Decimal = asked("How much", "number", default=Decimal("3.50"))
    sure: bool = asked("Sure", "check", default=False)
    picture: str = asked("Picture", "picture", default="")


FILLED: dict[str, Any] = {
    "text": "hello",
    "words": "a\n---\nb",
    "password": "hunter2",
    "one": "b",
    "some": ["a", "b"],
    "at": 1782907200,
    "number": "12.5",
    "sure": ["true"],
    "picture": [{"id": "F0123ABC"}],
}


def drawn(form: type[Form] = Everything, prefill: Prefill | None = None, **more: Any) -> dict[str, Any]:
    made = modals.view(view(form, "x.y:1:f", prefill), "{}", BERLIN, **more)
    must_be_legal(made)
    return made


def read(
    sent: dict[str, Any], form: type[Form] = Everything, prefill: Prefill | None = None
) -> dict[str, Any]:
    return modals.values(sent, view(form, "x.y:1:f", prefill).fields, BERLIN)


def one(field: FormField) -> dict[str, Any]:
    made = modals.view(FormView("x.y:1:f", "T", "Go", (field,)), "", BERLIN)
    must_be_legal(made)
    return made


def test_every_widget_is_one_of_slacks() -> None:
    made = drawn()
    assert {id: b["element"]["type"] for id, b in inputs(made).items()} == {
        "text": "plain_text_input",
        "words": "plain_text_input",
        "password": "plain_text_input",
        "one": "static_select",
        "some": "checkboxes",
        "at": "datetimepicker",
        "number": "number_input",
        "sure": "checkboxes",
        "picture": "file_input",
    }
    optional = {id for id, b in inputs(made).items() if b["optional"]}
    assert optional == {"words", "some", "number", "sure", "picture"}
    assert made["title"]["text"] == "Everything that there is"
    assert made["submit"]["text"] == "Do it"
    assert inputs(made)["at"]["hint"]["text"].startswith("Soon.")
    assert "Europe/Berlin" in inputs(made)["at"]["hint"]["text"]
    assert inputs(made)["picture"]["element"] | {"action_id": ""} == {
        "type": "file_input", "filetypes": ["png", "jpg", "jpeg", "webp"], "max_files": 1, "action_id": "",
    }  # fmt: skip


def test_what_somebody_fills_in_is_what_the_form_gets() -> None:
    found = read(state(drawn(), **FILLED))
    assert found == {
        "text": "hello",
        "words": "a\n---\nb",
        "password": "hunter2",
        "one": "b",
        "some": ["a", "b"],
        "at": "2026-07-01 14:00+02:00",
        "number": "12.5",
        "sure": True,
        "picture": "F0123ABC",
    }
    assert isinstance(filled(Everything, "x.y:1:f", found), Everything)


def test_empty_needed_fields_are_missing_and_optional_ones_may_be_emptied() -> None:
    nothing: dict[str, Any] = {
        "text": None,
        "words": None,
        "password": "",
        "one": None,
        "some": [],
        "at": None,
        "number": None,
    }
    assert read(state(drawn(), **nothing)) == {"words": "", "some": [], "sure": False}


def test_what_stands_in_it_is_there_and_a_secret_never_is() -> None:
    there = {
        "text": 'He said "<hi>"',
        "password": "hunter2",
        "one": "b",
        "some": ["a"],
        "at": datetime(2026, 7, 1, 12, 0, tzinfo=UTC),
        "sure": True,
        "number": Decimal("1E+2"),
    }
    made = drawn(prefill=Prefill(there), kept=None)
    assert "hunter2" not in str(made)
    found = read(state(made), prefill=Prefill(there))
    assert found == {
        "text": 'He said "<hi>"',
        "words": "",
        "one": "b",
        "some": ["a"],
        "at": "2026-07-01 14:00+02:00",
        "number": "100",
        "sure": True,
    }


def test_a_secret_is_announced_as_visible() -> None:
    made = drawn()
    before = made["blocks"][[b.get("block_id") for b in made["blocks"]].index("password") - 1]
    assert before["type"] == "context"
    assert "Slack shows what you type here" in before["elements"][0]["text"]


def test_after_a_refusal_the_same_inputs_hold_what_was_typed_but_for_the_secret() -> None:
    first = drawn(prefill=Prefill({"text": "before", "words": "before"}))
    kept = read(state(first, **{**FILLED, "words": None, "text": None}))
    again = drawn(kept=kept, errors={"text": "This is needed.", "": "Not today."})
    assert inputs(again).keys() == inputs(first).keys()
    assert "hunter2" not in str(again)
    assert "before" not in str(again), "what somebody took away stays away"
    assert read(state(again)) == {
        key: value for key, value in kept.items() if key not in ("password", "picture")
    }
    said = [b["elements"][0]["text"] for b in again["blocks"] if b["type"] == "context"]
    assert said[:2] == ["✗ Not today.", "✗ This is needed."]


def test_errors_stand_at_their_input_and_what_belongs_to_none_at_the_first() -> None:
    fields = view(Everything, "x.y:1:f").fields
    wrong = {"": "Too late.", "at": "In the past.", "gone": "No such field.", "text": "Too long."}
    assert modals.errors(fields, wrong) == {
        "text": "Too late. No such field. Too long.",
        "at": "In the past.",
    }


def test_a_picture_that_is_there_stays_unless_another_is_chosen() -> None:
    there = Prefill({"picture": "k3mq9"})
    fields = view(Everything, "x.y:1:f", there).fields
    made = drawn(prefill=there)
    assert "stays" in inputs(made)["picture"]["hint"]["text"]
    stayed = read(state(made, **{**FILLED, "picture": []}), prefill=there)
    assert stayed["picture"] == "k3mq9"
    assert modals.files(stayed, fields) == {}
    other = read(state(made, **FILLED), prefill=there)
    assert modals.files(other, fields) == {"picture": "F0123ABC"}


# --- long texts


@given(st.text(st.sampled_from("ab \n-😀—\t\r"), min_size=0, max_size=9000) | st.text(max_size=7000))
def test_a_text_that_is_spread_over_inputs_and_joined_is_the_same(text: str) -> None:
    parts = parts_of(text, 3000)
    assert join(parts) == text
    assert all(units(part.text) <= 3000 for part in parts)


def test_it_is_cut_between_lines_and_no_input_has_white_space_at_a_cut() -> None:
    text = "\n---\n".join(f"Segment {n}: " + "word " * 60 + "end." for n in range(40))
    parts = parts_of(text, 3000)
    assert len(parts) > 3
    assert all(part.text == part.text.strip() and part.text for part in parts)
    assert {part.glue for part in parts[1:]} == {"\n"}
    assert join(parts) == text


@given(st.integers(1, 99), st.text("\n ", max_size=40))
def test_a_blocks_id_says_which_part_it_is(number: int, glue: str) -> None:
    made = block_id("text", number, glue)
    assert len(made) <= 255
    assert place_of(made) == ("text", number, "" if number == 1 else glue)


@pytest.mark.parametrize(
    "id", ["", "te xt", "text~", "text~1~", "text~0~n", "text~2", "text~2~x", "text~100~n", "~2~"]
)
def test_other_ids_are_none(id: str) -> None:
    assert place_of(id) is None


def test_an_input_that_is_left_empty_counts_as_none() -> None:
    assert join([Part("", ""), Part("\n", "b"), Part("\n\n", ""), Part(" ", "c")]) == "b c"
    assert join([Part("", "")]) == ""


@pytest.mark.parametrize(
    ("value", "limit", "boxes"),
    [
        ("", 300, 1),
        ("", 4000, 1),
        ("", 20_000, 7),
        ("", 64 * 1024, 7),
        ("short", 20_000, 1),
        ("x" * 1501, 20_000, 2),
        ("x" * 3000, 3000, 1),
        ("x" * 5999, 20_000, 3),
        ("x" * 19_000, 20_000, 7),
        ("x" * 40_000, 20_000, 14),
        ("x" * 3001, None, 2),
    ],
)
def test_a_text_has_the_inputs_it_needs_and_one_to_grow_into(
    value: str, limit: int | None, boxes: int
) -> None:
    field = FormField("text", "Text", "multiline", value=value, max_length=limit)
    made = one(field)
    assert len(inputs(made)) == boxes
    assert [b["optional"] for b in inputs(made).values()] == [False] + [True] * (boxes - 1)
    assert modals.values(state(made), (field,), BERLIN) == ({"text": value} if value else {})


def test_what_is_typed_into_a_further_input_goes_on_in_a_new_line() -> None:
    field = FormField("text", "Text", "multiline", value="one" * 600, max_length=20_000)
    sent = state(one(field), **{"text~2~n": "two"})
    assert modals.values(sent, (field,), BERLIN) == {"text": "one" * 600 + "\ntwo"}


@given(WORDS)
def test_any_text_stands_in_a_form_as_it_is(text: str) -> None:
    field = FormField("t", text, "multiline", hint=text, value=text, required=False)
    made = modals.view(FormView("a:b:c", text, text or "Go", (field,)), "", BERLIN)
    assert modals.values(state(made), (field,), BERLIN) == {"t": text}


# --- choices


@pytest.mark.parametrize(
    ("many", "kind"), [(10, "checkboxes"), (11, "multi_static_select"), (250, "multi_static_select")]
)
def test_many_choices_are_a_list(many: int, kind: str) -> None:
    options = tuple(Option(f"id{n}", f"Persona number {n} " + "x" * 80) for n in range(many))
    field = FormField("some", "Some", "choices", options=options, value=["id3", "id9"])
    made = one(field)
    element = inputs(made)["some"]["element"]
    assert element["type"] == kind
    assert [o["value"] for o in offered(element)] == [o.value for o in options]
    assert all(len(o["text"]["text"]) <= 75 for o in offered(element))
    assert modals.values(state(made), (field,), BERLIN) == {"some": ["id3", "id9"]}
    assert modals.values(state(made, some=["id0"]), (field,), BERLIN) == {"some": ["id0"]}


def test_more_options_than_a_select_takes_stand_in_groups() -> None:
    options = tuple(Option(f"id{n}", f"Persona {n}") for n in range(250))
    field = FormField("one", "One", "choice", options=options, value="id249")
    made = one(field)
    groups = inputs(made)["one"]["element"]["option_groups"]
    assert [len(g["options"]) for g in groups] == [100, 100, 50]
    assert groups[0]["label"]["text"] == "Persona 0 – Persona 99"
    assert modals.values(state(made), (field,), BERLIN) == {"one": "id249"}


def test_a_choice_among_nothing_is_said_before_it_is_opened() -> None:
    with pytest.raises(Invalid, match="nothing to choose from for “Who”") as error:
        one(FormField("who", "Who", "choice"))
    assert error.value.field == "who"


def test_more_than_a_modal_holds_is_said_before_it_is_opened() -> None:
    people = tuple(Option(f"id{n}", f"Person {n}") for n in range(3000))
    with pytest.raises(Invalid, match="more than a modal"):
        one(FormField("who", "Who", "choice", options=people))
    with pytest.raises(Invalid, match="more than a modal"):
        one(FormField("text", "Text", "multiline", value="x" * 400_000))


def test_an_id_is_never_cut() -> None:
    with pytest.raises(ValueError, match="1 to 150"):
        one(FormField("who", "Who", "choice", options=(Option("x" * 151, "X"),)))


# --- what nobody can have sent


def tampered(id: str, element: Any) -> dict[str, Any]:
    sent = state(drawn(), **FILLED)
    sent["values"][id] = element
    return sent


@pytest.mark.parametrize(
    ("id", "element", "field"),
    [
        ("text", {"value": {"type": "plain_text_input", "value": 7}}, "text"),
        ("text", {"value": {"type": "plain_text_input", "value": ["a"]}}, "text"),
        ("text", {"value": {"type": "number_input", "value": "7"}}, "text"),
        ("text", {"other": {"type": "plain_text_input", "value": "a"}}, "text"),
        ("text", {"value": {"type": "plain_text_input", "value": "a"}, "more": {}}, "text"),
        ("text", {"value": "a"}, "text"),
        ("text", "a", "text"),
        ("text", {}, "text"),
        ("text~3~n", {"value": {"type": "plain_text_input", "value": "a"}}, "text"),
        ("one~2~n", {"value": {"type": "static_select", "selected_option": None}}, "one"),
        ("one", {"value": {"type": "static_select", "selected_option": {"value": "z"}}}, "one"),
        ("one", {"value": {"type": "static_select", "selected_option": {"value": 1}}}, "one"),
        ("one", {"value": {"type": "static_select", "selected_option": "a"}}, "one"),
        ("some", {"value": {"type": "checkboxes", "selected_options": [{"value": "z"}]}}, "some"),
        ("some", {"value": {"type": "checkboxes", "selected_options": [{"value": "a"}] * 2}}, "some"),
        ("some", {"value": {"type": "checkboxes", "selected_options": {"value": "a"}}}, "some"),
        ("some", {"value": {"type": "multi_static_select", "selected_options": []}}, "some"),
        ("sure", {"value": {"type": "checkboxes", "selected_options": [{"value": "false"}]}}, "sure"),
        ("at", {"value": {"type": "datetimepicker", "selected_date_time": "1782907200"}}, "at"),
        ("at", {"value": {"type": "datetimepicker", "selected_date_time": True}}, "at"),
        ("at", {"value": {"type": "datetimepicker", "selected_date_time": 10**12}}, "at"),
        ("at", {"value": {"type": "datetimepicker", "selected_date_time": 1782907200.5}}, "at"),
        ("number", {"value": {"type": "number_input", "value": "ten"}}, "number"),
        ("number", {"value": {"type": "number_input", "value": "NaN"}}, "number"),
        ("picture", {"value": {"type": "file_input", "files": [{"id": "F1AB"}, {"id": "F2AB"}]}}, "picture"),
        ("picture", {"value": {"type": "file_input", "files": [{"id": "../x"}]}}, "picture"),
        ("picture", {"value": {"type": "file_input", "files": ["F0123ABC"]}}, "picture"),
        ("picture", {"value": {"type": "file_input", "files": "F0123ABC"}}, "picture"),
        ("admin", {"value": {"type": "plain_text_input", "value": "yes"}}, None),
        ("te xt", {"value": {"type": "plain_text_input", "value": "yes"}}, None),
        (7, {"value": {"type": "plain_text_input", "value": "yes"}}, None),
    ],
)
def test_what_the_form_cannot_have_sent_is_refused_at_its_field(
    id: str, element: Any, field: str | None
) -> None:
    with pytest.raises(Invalid) as error:
        read(tampered(id, element))
    assert error.value.field == field


@pytest.mark.parametrize("sent", [{}, {"values": None}, {"values": []}, [], "values", None])
def test_what_is_no_state_at_all_is_refused(sent: Any) -> None:
    with pytest.raises(Invalid, match="cannot have sent"):
        read(sent)


def test_a_field_that_the_form_has_got_since_is_asked_for_and_not_made_up() -> None:
    sent = state(drawn(), **FILLED)
    del sent["values"]["words"]
    with pytest.raises(Invalid, match="changed since you opened it") as error:
        read(sent)
    assert error.value.field == "words"


# --- every form there is


@pytest.mark.parametrize("verb", FORMS)
def test_every_form_has_a_modal_and_is_read_from_it(verb: str) -> None:
    form = FORMS[verb]
    free = [f.name for f in view(form, f"{verb}:1:f").fields if "choice" in f.widget and not f.options]
    prefill = Prefill(options=dict.fromkeys(free, OPTIONS))
    fields = {f.name: f for f in view(form, f"{verb}:1:f", prefill).fields}
    made = drawn(form, prefill)
    samples: dict[str, Any] = {
        "text": "adam",
        "multiline": "One line.\n---\nAnother.",
        "secret": "hunter2",
        "datetime": 1782907200,
        "number": "3",
        "check": ["true"],
        "picture": [{"id": "F0123ABC"}],
    }
    own = {"zone": "Europe/Berlin", "language": "de", "base_url": "https://pds.example", "models": "openai:gpt-5-mini",
           "link": "https://example.com", "address": "https://example.com"}  # fmt: skip
    typed = {
        name: own.get(name)
        or (fields[name].options[0].value if fields[name].widget == "choice" else None)
        or ([o.value for o in fields[name].options[:1]] if fields[name].widget == "choices" else None)
        or samples[fields[name].widget]
        for name in fields
    }
    found = modals.values(state(made, **typed), list(fields.values()), BERLIN)
    assert found.keys() == fields.keys()
    result = filled(form, f"{verb}:1:f", found)
    assert not isinstance(result, FormErrors), result


@pytest.mark.parametrize("word", TEMPLATES)
def test_a_form_that_is_sent_as_it_was_opened_says_what_it_said(word: str) -> None:
    there = Prefill(values_of(template(word), "k3mq9"))
    found = read(state(drawn(PersonaForm, there)), PersonaForm, there)
    result = filled(PersonaForm, "persona.edit:1:f", found)
    assert not isinstance(result, FormErrors), result
    assert result.profile() == template(word)
    assert result.avatar == "k3mq9"


# --- other modals


def test_a_question_of_a_menu_is_asked_in_a_modal() -> None:
    made = modals.confirm(
        Button(
            "Archive…", "persona.archive:1:", "danger", Confirm("Put Ada away?", "Put it away", "Leave it")
        ),
        "{}",
    )
    must_be_legal(made)
    assert made["callback_id"] == "confirm"
    assert (made["submit"]["text"], made["close"]["text"]) == ("Put it away", "Leave it")
    assert made["blocks"][0]["text"]["text"] == "Put Ada away?"


def test_what_takes_longer_says_so() -> None:
    made = modals.waiting("Sign in to a server that is far away")
    must_be_legal(made)
    assert "submit" not in made
    assert len(made["title"]["text"]) <= 24
