"""Forms as modals: drawn, filled in by somebody in Discord page by page, read again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.errors import Invalid
from agents.personas.templates import TEMPLATES, template
from bot import commands, when
from bot.commands.persona_forms import PersonaForm, values_of
from bot.discord import components as c
from bot.discord import figures, ids, limits, modals
from bot.forms import Form, FormErrors, FormField, FormView, Option, Prefill, asked, filled, view
from bot.registry import REGISTRY
from bot.split import units
from bot.spread import brimful, join
from tests.discord.filling import inputs, must_be_legal, sent
from tests.discord.reading import seen

commands.load()
BERLIN = ZoneInfo("Europe/Berlin")
OPTIONS = (Option("a", "Apples"), Option("b", "Bananas <b> :banana:"))
FORMS = {verb: found.form for verb, found in REGISTRY.buttons.items() if found.form}
ACTION = "x.y:1:f"


class Everything(Form):
    title = "Everything that there is…"
    text: str = asked("Text", max_length=10)
    words: str = asked("Words", "multiline", default="", max_length=300, hint="As you like")
    one: str = asked("One", "choice", options=OPTIONS)
    some: list[str] = asked("Some", "choices", default=[], options=OPTIONS)
    at: str = asked("When", "datetime", hint="Soon.")
    number: Decimal = asked("How much", "number", default=Decimal("3.50"))
    sure: bool = asked("Sure", "check", default=False)
    picture: str = asked("Picture", "picture", default="")
    password: str = asked("Password", "secret", max_length=200)


FILLED: dict[str, Any] = {
    "text": "hello",
    "words": "a\n---\nb",
    "one": ["b"],
    "some": ["a", "b"],
    "at": "tomorrow 9:00",
    "number": "12.5",
    "sure": True,
    "picture": ["1122334455"],
    "password": "hunter2",
}


def opened(form: type[Form] = Everything, prefill: Prefill | None = None) -> FormView:
    return view(form, ACTION, prefill)


def drawn(form: FormView, page: int = 1, kept: dict[str, Any] | None = None) -> dict[str, Any]:
    made = modals.view(form, BERLIN, page=page, kept=kept)
    must_be_legal(made)
    return made


def through(
    form: FormView, kept: dict[str, Any] | None = None, **typed: Any
) -> tuple[dict[str, Any], modals.Filling]:
    """All pages, one after the other, as the app leads through them. What the last one says, with what was kept."""
    filling = modals.Filling(kept or {})
    page, values = 1, dict[str, Any]()
    while page:
        fields = modals.pages(form, BERLIN)[page - 1]
        made = drawn(form, page, dict(filling.values) or None)
        there = {id: value for id, value in typed.items() if id in inputs(made)}
        read = modals.read(sent(made, **there), fields, filling.values)
        assert read.errors == {}
        values = {**filling.values, **read.values}
        filling = modals.Filling.read(filling.sent(page, read.values, fields).json)
        page = filling.next_page(form, BERLIN)
    return values, filling


def one(field: FormField, kept: Any = None) -> dict[str, Any]:
    return drawn(FormView(ACTION, "T", "Go", (field,)), kept={field.name: kept} if kept is not None else None)


def read(field: FormField, components: Any, kept: dict[str, Any] | None = None) -> modals.Submitted:
    return modals.read(components, (field,), kept)


# Pages


def test_a_form_of_nine_fields_has_two_pages_and_each_modal_says_which_it_is() -> None:
    form = opened()
    assert [[each.name for each in page] for page in modals.pages(form, BERLIN)] == [
        ["text", "words", "one", "some", "at"],
        ["number", "sure", "picture", "password"],
    ]
    first, second = drawn(form), drawn(form, 2)
    assert (first["title"], first["custom_id"]) == ("Everything that there is (1 of 2)", ACTION)
    assert (second["title"], second["custom_id"]) == ("Everything that there is (2 of 2)", f"#02{ACTION}")
    assert ids.read(second["custom_id"]) == ids.Id(ACTION, page=2)
    assert drawn(form, 1, {})["custom_id"] == f"#01{ACTION}", "with what was kept"


def test_every_widget_is_one_of_discords() -> None:
    form = opened()
    kinds = {id: each["type"] for page in (1, 2) for id, each in inputs(drawn(form, page)).items()}
    assert kinds == {
        "text": c.TEXT_INPUT,
        "words": c.TEXT_INPUT,
        "one": c.SELECT,
        "some": c.CHECKBOX_GROUP,
        "at": c.TEXT_INPUT,
        "number": c.TEXT_INPUT,
        "sure": c.CHECKBOX,
        "picture": c.FILE_UPLOAD,
        "password": c.TEXT_INPUT,
    }
    assert inputs(drawn(form))["text"]["max_length"] == 10
    when = next(each for each in drawn(form)["components"] if each["label"] == "When")
    assert when["description"] == "Soon. In your time zone, Europe/Berlin."
    assert "tomorrow 9:00" in when["component"]["placeholder"]
    assert "Discord shows what you type here" in seen(drawn(form, 2)["components"])


def test_what_somebody_fills_in_on_two_pages_is_what_the_form_gets() -> None:
    values, filling = through(opened(), **FILLED)
    assert values == {
        "text": "hello",
        "words": "a\n---\nb",
        "one": "b",
        "some": ["a", "b"],
        "at": "tomorrow 9:00",
        "number": "12.5",
        "sure": True,
        "picture": "1122334455",
        "password": "hunter2",
    }
    assert isinstance(filled(Everything, ACTION, values), Everything)
    assert "hunter2" not in str(filling.json)
    assert filling.pages == {1, 2}


def test_between_two_pages_a_button_opens_the_next_one() -> None:
    form = opened()
    made = modals.go_on(form, 2, len(modals.pages(form, BERLIN)))
    assert limits.check(made.payload(ephemeral=True), "message") == []
    [button] = made.components[-1]["components"]
    assert (button["label"], button["custom_id"]) == ("Page 2 of 2", f"#02{ACTION}")


def test_empty_needed_fields_are_missing_and_optional_ones_may_be_emptied() -> None:
    nothing: dict[str, Any] = dict.fromkeys(("text", "words", "at", "number", "password"), "")
    values, _ = through(opened(), **nothing, one=[], some=[], sure=False)
    assert values == {"words": "", "some": [], "sure": False}


def test_what_stands_in_it_is_there_and_a_secret_never_is() -> None:
    there = {
        "text": 'He "<hi>"',
        "password": "hunter2",
        "one": "b",
        "some": ["a"],
        "at": datetime(2026, 7, 1, 12, 0, tzinfo=UTC),
        "sure": True,
        "number": Decimal("1E+2"),
    }
    form = opened(prefill=Prefill(there))
    values, _ = through(form)
    assert "hunter2" not in str([modals.view(form, BERLIN, page=page) for page in (1, 2)])
    assert {name: value for name, value in values.items() if name != "words"} == {
        "text": 'He "<hi>"',
        "one": "b",
        "some": ["a"],
        "at": "2026-07-01 14:00",
        "sure": True,
        "number": "100",
    }


# What is wrong


def test_what_cannot_be_read_is_told_at_its_field_and_kept_as_it_was_typed() -> None:
    form = opened()
    fields = modals.pages(form, BERLIN)[1]
    read = modals.read(sent(drawn(form, 2), **{**FILLED, "number": "ten"}), fields)
    assert read.errors == {"number": "A number, please."}
    assert read.values["number"] == "ten"
    again = drawn(form, 2, dict(read.values))
    assert inputs(again)["number"]["value"] == "ten"
    assert "value" not in inputs(again)["password"]


def test_errors_are_a_message_with_a_button_that_opens_the_form_at_the_page_they_are_on() -> None:
    form = opened()
    made = modals.errors(form, {"number": "At least 5, please.", "": "Not <@1> today."}, BERLIN)
    assert limits.check(made.payload(ephemeral=True), "message") == []
    said = seen(made.components[:1])
    assert "✗ Not <@1> today.\n✗ How much: At least 5, please." in said
    assert "kept, but for “Password”" in said
    [button] = made.components[-1]["components"]
    assert button["custom_id"] == f"#02{ACTION}"
    assert (
        modals.errors(form, {"gone": "x"}, BERLIN).components[-1]["components"][0]["custom_id"]
        == f"#01{ACTION}"
    )


def test_many_long_errors_still_fit_into_a_message() -> None:
    form = opened()
    made = modals.errors(form, dict.fromkeys([f.name for f in form.fields], "wrong * " * 300), BERLIN)
    assert limits.check(made.payload(), "message") == []


def test_after_an_error_only_the_page_that_is_sent_again_changes() -> None:
    form = opened()
    _, filling = through(form, **FILLED)
    fields = modals.pages(form, BERLIN)[1]
    read = modals.read(sent(drawn(form, 2, dict(filling.values)), number="7"), fields, filling.values)
    after = filling.sent(2, read.values, fields)
    assert after.next_page(form, BERLIN) == 0
    assert {**filling.values, "number": "7"} == after.values


def test_a_picture_that_is_there_or_was_kept_stays_unless_another_is_chosen() -> None:
    field = FormField("picture", "Picture", "picture", value="k3mq9")
    made = one(field)
    assert inputs(made)["picture"]["required"] is False
    stayed = read(field, sent(made))
    assert (stayed.values, stayed.files) == ({"picture": "k3mq9"}, {})
    other = read(field, sent(made, picture=["77"]))
    assert (other.values, other.files) == ({"picture": "77"}, {"picture": "77"})
    kept = read(field, sent(made), {"picture": "ours2"})
    assert (kept.values, kept.files) == ({"picture": "ours2"}, {})


def test_a_secret_before_the_last_page_is_not_asked_for_in_discord() -> None:
    fields = (FormField("pw", "Password", "secret"), *(FormField(f"f{n}", f"F{n}", "text") for n in range(5)))
    with pytest.raises(Invalid, match="secret between two pages"):
        modals.view(FormView(ACTION, "T", "Go", fields), BERLIN)


# Long texts


@pytest.mark.parametrize(
    ("value", "limit", "boxes"),
    [
        ("", 300, 1),
        ("", 4000, 1),
        ("", 20_000, 5),
        ("short", 20_000, 1),
        ("x" * 2001, 20_000, 2),
        ("x" * 4000, 4000, 1),
        ("x" * 7999, 20_000, 3),
        ("x" * 19_999, 20_000, 5),
        ("x" * 4001, None, 2),
    ],
)
def test_a_text_has_the_inputs_it_needs_and_one_to_grow_into(
    value: str, limit: int | None, boxes: int
) -> None:
    field = FormField("text", "Text", "multiline", value=value, max_length=limit)
    made = one(field)
    assert len(inputs(made)) == boxes
    assert [each["required"] for each in inputs(made).values()] == [True] + [False] * (boxes - 1)
    assert read(field, sent(made)).values == ({"text": value} if value else {})


def test_a_long_text_has_a_page_of_its_own() -> None:
    fields = (
        FormField("text", "Text", "multiline", value="x" * 17_000, max_length=20_000),
        FormField("note", "Why", "text"),
    )
    form = FormView(ACTION, "T", "Go", fields)
    assert [[each.name for each in page] for page in modals.pages(form, BERLIN)] == [["text"], ["note"]]
    drawn(form)


def test_what_is_typed_into_every_box_to_the_brim_comes_back_into_the_same_boxes() -> None:
    field = FormField("text", "Text", "multiline", value="one " * 600, max_length=20_000)
    full = dict.fromkeys(inputs(one(field)), "word " * 799 + "words")
    typed = read(field, sent(one(field), **full)).values["text"]
    again = one(field, typed)
    assert len(inputs(again)) == len(full)
    assert read(field, sent(again)).values == {"text": typed}


@given(st.text(st.sampled_from("ab \n😀"), max_size=300))
def test_what_is_cut_anywhere_is_joined_again_but_for_white_space_at_its_end(text: str) -> None:
    parts = brimful(text, 20)
    assert join(parts).rstrip() == text.rstrip()
    assert all(units(part.text) <= 20 for part in parts)


def test_more_than_a_modal_holds_is_said_before_it_is_opened() -> None:
    with pytest.raises(Invalid, match="more than a form of Discord's"):
        one(FormField("text", "Text", "multiline", value="x" * 20_001))
    with pytest.raises(Invalid, match="more than a form of Discord's"):
        one(FormField("text", "Text", "text", max_length=100), "x" * 4001)


WORDS = st.text(st.characters(codec="utf-8"), max_size=150)


@given(WORDS)
def test_any_text_stands_in_a_form_as_it_is(text: str) -> None:
    field = FormField("t", text, "multiline", hint=text, value=text, required=False)
    form = FormView(ACTION, text, text or "Go", (field,))
    made = drawn(form)
    assert read(field, sent(made)).values == {"t": text}
    said = "".join(seen(made["components"]).split())
    assert "".join(text.split()) in said, "a label or hint that is too long stands over the input"


# Choices


@pytest.mark.parametrize(("many", "kind"), [(10, c.CHECKBOX_GROUP), (11, c.SELECT), (25, c.SELECT)])
def test_many_choices_are_a_list(many: int, kind: int) -> None:
    options = tuple(Option(f"id{n}", f"Persona number {n} " + "x" * 90) for n in range(many))
    field = FormField("some", "Some", "choices", options=options, value=["id3", "id9"])
    made = one(field)
    assert inputs(made)["some"]["type"] == kind
    assert read(field, sent(made)).values == {"some": ["id3", "id9"]}
    assert read(field, sent(made, some=["id0"])).values == {"some": ["id0"]}


PEOPLE = tuple(Option(f"id{n}", f"Person {n} (@p{n}), editor") for n in range(40))


def test_more_than_a_select_takes_are_typed_by_name() -> None:
    field = FormField("who", "Who", "choice", options=PEOPLE, value="id39")
    made = one(field)
    assert "type one of these names: Person 0" in seen(made["components"])
    assert inputs(made)["who"]["value"] == "Person 39 (@p39), editor"
    assert read(field, sent(made)).values == {"who": "id39"}
    for typed in ("person 31 (@p31), editor", "@p31", "p31", "id31"):
        assert read(field, sent(made, who=typed)).values == {"who": "id31"}
    several = read(field, sent(made, who="person 3"))
    assert "can mean several: Person 3 (@p3), editor, Person 30" in several.errors["who"]
    assert several.values == {"who": "person 3"}
    assert "There is no Who called nobody." in read(field, sent(made, who="nobody")).errors["who"]
    assert inputs(one(field, "nobody"))["who"]["value"] == "nobody"


def test_several_out_of_many_are_typed_one_a_line() -> None:
    field = FormField("who", "Who", "choices", options=PEOPLE, value=["id1", "id2"], required=False)
    made = one(field)
    assert read(field, sent(made)).values == {"who": ["id1", "id2"]}
    assert read(field, sent(made, who="@p7\n\np9\n@p7")).values == {"who": ["id7", "id9"]}
    assert read(field, sent(made, who="")).values == {"who": []}
    wrong = read(field, sent(made, who="@p7\nnobody"))
    assert wrong.values == {"who": "@p7\nnobody"} and list(wrong.errors) == ["who"]
    assert inputs(one(field, "@p7\nnobody"))["who"]["value"] == "@p7\nnobody"


def test_a_choice_among_nothing_is_said_before_it_is_opened() -> None:
    with pytest.raises(Invalid, match="nothing to choose from for “Who”") as error:
        one(FormField("who", "Who", "choice"))
    assert error.value.field == "who"


def test_an_id_is_never_cut() -> None:
    with pytest.raises(ValueError, match="1 to 100"):
        one(FormField("who", "Who", "choice", options=(Option("x" * 101, "X"),)))


# Times


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_a_time_is_shown_as_it_would_be_typed_and_read_again(moment: datetime) -> None:
    moment = moment.replace(second=0, microsecond=0)
    field = FormField("at", "When", "datetime", value=moment)
    typed = read(field, sent(one(field))).values["at"]
    assert when.read(typed, moment - timedelta(days=1), BERLIN.key) == moment


def test_words_for_a_time_stay_words() -> None:
    field = FormField("at", "When", "datetime", value="next monday 9:00")
    assert inputs(one(field))["at"]["value"] == "next monday 9:00"
    assert inputs(one(field, "tomorow"))["at"]["value"] == "tomorow"
    assert "value" not in inputs(one(FormField("at", "When", "datetime")))["at"]


# What nobody can have sent


def tampered(id: str, **more: Any) -> Any:
    form = opened()
    found = sent(drawn(form), **FILLED)
    for each in found:
        if each.get("component", {}).get("custom_id") == id:
            each["component"] = each["component"] | more
    return found


@pytest.mark.parametrize(
    ("id", "more", "field"),
    [
        ("text", {"value": 7}, "text"),
        ("text", {"value": ["a"]}, "text"),
        ("text", {"type": 3}, "text"),
        ("text", {"type": "4"}, "text"),
        ("text", {"type": True}, "text"),
        ("text", {"custom_id": "text~2~n"}, "text"),
        ("text", {"custom_id": "words"}, "words"),
        ("text", {"custom_id": "te xt"}, None),
        ("text", {"custom_id": 7}, None),
        ("text", {"custom_id": "admin"}, None),
        ("one", {"values": ["a", "b"]}, "one"),
        ("one", {"values": "a"}, "one"),
        ("one", {"values": [1]}, "one"),
        ("one", {"custom_id": "one~2~n"}, "one"),
        ("some", {"values": ["a", "a"]}, "some"),
        ("some", {"values": {"value": "a"}}, "some"),
        ("some", {"type": 3}, "some"),
        ("at", {"value": 1782907200}, "at"),
    ],
)
def test_what_the_form_cannot_have_sent_is_refused_at_its_field(
    id: str, more: Any, field: str | None
) -> None:
    with pytest.raises(Invalid, match="cannot have sent") as error:
        modals.read(tampered(id, **more), modals.pages(opened(), BERLIN)[0])
    assert error.value.field == field


@pytest.mark.parametrize(
    ("id", "value"), [("sure", "yes"), ("sure", None), ("picture", ["a"]), ("picture", ["1", "2"])]
)
def test_the_same_on_the_second_page(id: str, value: Any) -> None:
    form = opened()
    with pytest.raises(Invalid, match="cannot have sent") as error:
        modals.read(sent(drawn(form, 2), **{**FILLED, id: value}), modals.pages(form, BERLIN)[1])
    assert error.value.field == id


@pytest.mark.parametrize(
    "found", [None, {}, "x", [7], [{}], [{"type": 18}], [{"type": 18, "component": "x"}]]
)
def test_what_is_no_modal_at_all_is_refused(found: Any) -> None:
    with pytest.raises(Invalid, match="cannot have sent"):
        modals.read(found, modals.pages(opened(), BERLIN)[0])


def test_what_is_no_longer_to_be_had_is_said_and_the_rest_is_kept() -> None:
    read = modals.read(tampered("one", values=["z"]), modals.pages(opened(), BERLIN)[0])
    assert "no longer, to be had" in read.errors["one"]
    assert read.values["text"] == "hello"


def test_a_field_that_the_form_has_got_since_is_asked_for_and_not_made_up() -> None:
    found = [each for each in tampered("text") if each.get("component", {}).get("custom_id") != "words"]
    read = modals.read(found, modals.pages(opened(), BERLIN)[0])
    assert "changed since you opened it" in read.errors["words"]
    assert read.values["text"] == "hello"


# Every form there is


@pytest.mark.parametrize("verb", FORMS)
@pytest.mark.parametrize("options", [OPTIONS, PEOPLE])
def test_every_form_has_its_modals_and_is_read_from_them(verb: str, options: tuple[Option, ...]) -> None:
    form = FORMS[verb]
    free = [f.name for f in view(form, f"{verb}:1:f").fields if "choice" in f.widget and not f.options]
    opened = view(form, f"{verb}:1:f", Prefill(options=dict.fromkeys(free, options)))
    fields = {f.name: f for f in opened.fields}
    samples: dict[str, Any] = {
        "text": "adam",
        "multiline": "One line.\n---\nAnother.",
        "secret": "hunter2",
        "datetime": "tomorrow 9:00",
        "number": "3",
        "check": True,
        "picture": ["11"],
    }
    own = {"zone": "Europe/Berlin", "language": "de", "base_url": "https://pds.example", "models": "openai:gpt-5-mini",
           "link": "https://example.com", "address": "https://example.com"}  # fmt: skip
    first = {
        name: [f.options[0].value] if len(f.options) <= figures.SELECT_OPTIONS else f.options[0].label
        for name, f in fields.items()
        if f.options
    }
    typed: dict[str, Any] = {
        name: own.get(name) or first.get(name) or samples[fields[name].widget] for name in fields
    }
    values, _ = through(opened, **typed)
    assert values.keys() == fields.keys()
    result = filled(form, f"{verb}:1:f", values)
    assert not isinstance(result, FormErrors), result


@pytest.mark.parametrize("word", TEMPLATES)
def test_a_form_that_is_sent_as_it_was_opened_says_what_it_said(word: str) -> None:
    there = Prefill(values_of(template(word), "k3mq9"))
    values, _ = through(opened(PersonaForm, there))
    result = filled(PersonaForm, "persona.edit:1:f", values)
    assert not isinstance(result, FormErrors), result
    assert result.profile() == template(word)
    assert result.avatar == "k3mq9"
