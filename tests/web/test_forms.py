"""Forms as HTML, and what a browser sends back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser, LexborNode

from agents.errors import Invalid
from bot.forms import Form, FormField, FormView, Option, Prefill, asked, view
from bot.web.forms import form_html, values_of

BERLIN = ZoneInfo("Europe/Berlin")
OPTIONS = (Option("a", "Apples"), Option("b", "Bananas <b>"))


class Everything(Form):
    title = "Everything"
    submit = "Do it"
    text: str = asked("Text", max_length=10)
    words: str = asked("Words", "multiline", default="", max_length=300, hint="As you like")
    password: str = asked("Password", "secret")
    one: str = asked("One", "choice", options=OPTIONS)
    some: list[str] = asked("Some", "choices", default=[], options=OPTIONS)
    at: str = asked("When", "datetime")
    number: int = asked("How many", "number", default=3)
    sure: bool = asked("Sure", "check", default=False)
    picture: str = asked("Picture", "picture", default="")


def first(where: LexborHTMLParser | LexborNode, selector: str) -> LexborNode:
    found = where.css_first(selector)
    assert found is not None, selector
    return found


def drawn(**values: Any) -> LexborHTMLParser:
    return LexborHTMLParser(form_html(view(Everything, "x.y:1:f", Prefill(values)), BERLIN))


def test_every_widget_has_a_label_and_room_for_what_is_wrong() -> None:
    page = drawn()
    assert first(page, "form").attributes["data-form"] == "x.y:1:f"
    fields = page.css("[data-widget]")
    assert [f.attributes["data-widget"] for f in fields] == [
        "text", "multiline", "secret", "choice", "choices", "datetime", "number", "check", "picture",
    ]  # fmt: skip
    for field in fields:
        name = field.attributes["name"]
        about = first(page, f"#{field.attributes['aria-describedby']}")
        assert first(about, f'[data-error-of="{name}"]').attributes["role"] == "alert"
        named = page.css(f'label[for^="field-{name}"], #field-{name} > legend, label:has(> #field-{name})')
        assert len(named) == 1


def test_what_stands_in_it_is_there_and_a_secret_never_is() -> None:
    page = drawn(
        text='He said "<hi>"',
        words="\nfirst line is empty",
        password="hunter2",
        one="b",
        some=["a"],
        at=datetime(2026, 7, 1, 12, 0, tzinfo=UTC),
        sure=True,
    )
    assert first(page, "#field-text").attributes["value"] == 'He said "<hi>"'
    assert first(page, "#field-words").text() == "\nfirst line is empty"
    assert "hunter2" not in page.html  # type: ignore[operator]
    assert first(page, "#field-one option[selected]").text() == "Bananas <b>"
    assert [o.attributes["value"] for o in page.css("#field-some [checked]")] == ["a"]
    assert first(page, "#field-at").attributes["value"] == "2026-07-01T14:00"
    assert "checked" in first(page, "#field-sure").attributes
    assert "Europe/Berlin" in first(page, "#field-at-about").text()


def test_a_long_text_is_counted_and_never_cut_off() -> None:
    page = drawn()
    assert first(page, "#field-words-about [data-max]").attributes["data-max"] == "300"
    assert not page.css("[maxlength]")


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cf"]), max_size=30))
def test_any_text_stands_in_a_form_as_it_is(text: str) -> None:
    field = FormField("t", text, "multiline", hint=text, value=text)
    page = LexborHTMLParser(form_html(FormView("a:b:c", text, text, (field,)), BERLIN))
    assert first(page, "textarea").text() == text
    assert first(page, "h2").text() == text
    assert not page.css("script, img, svg, b")


def values(**sent: Any) -> dict[str, Any]:
    return values_of(sent, view(Everything, "x.y:1:f").fields, BERLIN)


def test_empty_needed_fields_are_missing_and_optional_ones_may_be_emptied() -> None:
    assert values(text="", one="", words="", number="", sure=False, some=[]) == {
        "words": "",
        "sure": False,
        "some": [],
    }


def test_a_time_gets_the_zone_of_whoever_typed_it() -> None:
    assert values(at="2026-07-01T14:00") == {"at": "2026-07-01 14:00+02:00"}
    assert values(at="2026-12-01T14:00") == {"at": "2026-12-01 14:00+01:00"}
    assert values(at="tomorrow 9:00") == {"at": "tomorrow 9:00"}


@pytest.mark.parametrize(
    ("typed", "what"), [("2026-10-25T02:30", "comes twice"), ("2026-03-29T02:30", "does not exist")]
)
def test_an_hour_that_comes_twice_or_never_is_said_at_its_field(typed: str, what: str) -> None:
    with pytest.raises(Invalid, match=what) as error:
        values(at=typed)
    assert error.value.field == "at"
    assert error.value.remedy


def test_a_field_that_the_form_does_not_have_is_left_to_the_form() -> None:
    assert values(nothing="x") == {"nothing": "x"}
