"""Cards as messages of components: every example and whatever else a card can be is legal, and none of its words is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from bot import cards
from bot.cards import (
    ACTION_LIMIT,
    Author,
    Button,
    Card,
    Chart,
    Check,
    Checks,
    Confirm,
    Diff,
    Field,
    Fields,
    Link,
    Menu,
    Picture,
    Progress,
    Text,
    Tone,
)
from bot.discord import components as c
from bot.discord import figures, ids, limits, render, words
from bot.discord.render import Message, message, question
from bot.invisible import INVISIBLE, named
from bot.present.examples import HOSTILE, NOW, examples
from tests.cards import cards as any_card
from tests.cards import long_words, unsaid
from tests.discord.emulator import spec
from tests.discord.reading import Found, markup, nodes, seen

ALL = [(f"{group}-{i}", card) for group, found in examples().items() for i, card in enumerate(found)]
EACH = pytest.mark.parametrize("card", [card for _, card in ALL], ids=[name for name, _ in ALL])
FILES = {"example": "example.png", "one": "one.png"}
GOLDEN = Path(__file__).parent / "golden"
OURS = {"heading", "small", "quote", "strong", "underline", "strike", "fence", "autolink", "time"}
"""Markup that we make."""
POSTING = ("POST", "/channels/{channel_id}/messages")


def sent(card: Card, files: dict[str, str] = FILES) -> Message:
    return message(card, files=files, now=NOW)


def breaches(made: Message) -> list[Any]:
    """By our own validator, and by Discord's description where it is."""
    payload = made.payload(1_000_001)
    return [*limits.check(payload, "message"), *spec.problems(*POSTING, payload)]


def told(made: Message) -> str:
    return seen(made.components) + "".join(part.text for part in made.overflow)


def inside(made: Message) -> list[dict[str, Any]]:
    [container] = made.components
    return list(container["components"])


@EACH
def test_every_example_is_legal_and_whole(card: Card) -> None:
    for files in ({}, FILES):
        made = sent(card, files)
        assert breaches(made) == []
        assert unsaid(card, told(made)) == []
        assert made.overflow == () or len(cards.plain(card)) > figures.TEXTS * 0.9


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(any_card)
def test_any_card_is_legal_and_whole(card: Card) -> None:
    made = sent(card)
    assert breaches(made) == []
    assert unsaid(card, told(made)) == []


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(any_card)
def test_no_words_become_markup_mentions_or_links_elsewhere(card: Card) -> None:
    made = sent(card)
    payload = made.payload()
    assert payload["allowed_mentions"] == {"parse": []}
    assert INVISIBLE.search(json.dumps(payload["components"], ensure_ascii=False)) is None
    found = markup(made.components)
    assert {each.kind for each in found} <= OURS
    for each in found:
        if each.kind == "autolink":
            assert each.text.lower().startswith(("https://", "http://"))
    for node in nodes(made.components):
        if node.get("type") == c.BUTTON and "url" in node:
            assert node["url"].lower().startswith(("https://", "http://"))


# The head


def test_the_head_says_how_it_stands_in_words_and_by_a_colour() -> None:
    card = Card("A draft", badge="waiting", tone=Tone.WAITING, author=Author("Ada", "persona", "1"))
    made = sent(card)
    assert made.text == "A draft [waiting]"
    assert inside(made)[0] == {"type": 10, "content": "### A draft\n-# 🟡 waiting · Ada"}
    assert made.components[0]["accent_color"] == render.COLOURS[Tone.WAITING]
    assert "accent_color" not in sent(Card("Status")).components[0]


def test_a_title_longer_than_a_head_stands_below_it_in_full() -> None:
    title = "A title that goes on " * 20
    head, whole = inside(sent(Card(title)))
    assert head["content"].endswith("…")
    assert whole["content"].strip() == f"**{title.strip()}**"


def test_a_card_without_anything_says_so() -> None:
    assert "This card is empty." in told(sent(Card("")))


# Blocks


def only(block: cards.Block, files: dict[str, str] = FILES) -> list[dict[str, Any]]:
    return inside(sent(Card("Troupe", (block,)), files))[1:]


def content(block: cards.Block) -> str:
    [made] = only(block)
    return str(made["content"])


def test_a_post_is_quoted_line_by_line_and_its_address_can_be_opened() -> None:
    post = Text("# Read https://example.com/a_(b), *now*.\n\n- and here", "quote", whole=True)
    assert content(post) == "> \\# Read <https://example.com/a_(b)>, \\*now\\*.\n> \n> \\- and here"


def test_a_time_is_told_by_the_readers_own_clock() -> None:
    told = content(Fields((Field("Goes out", NOW), Field("Cost", "$0.0004"))))
    stamp = int(NOW.timestamp())
    assert told == f"**Goes out**: <t:{stamp}:F> (<t:{stamp}:R>)\n**Cost**: $0.0004"


def test_a_change_is_readable_without_colour() -> None:
    pieces = (("same", "It is "), ("removed", "here "), ("added", "out"), ("added", "side\nnow"))
    assert content(Diff(pieces, "Changes")) == "**Changes**\nIt is ~~here~~ **__outside__**\n**__now__**"  # type: ignore[arg-type]


def test_checks_are_lines_and_a_failed_one_stands_out() -> None:
    told = content(Checks((Check("length", "passed"), Check("links", "failed", "No answer."))))
    assert told == "✅  length\n❌  **links**: No answer."


def test_a_picture_is_shown_or_told_and_its_alternative_text_always() -> None:
    picture = Picture("example", "A stage", "The launch")
    title, gallery, said = only(picture)
    assert title["content"] == "**The launch**"
    assert gallery["items"] == [{"media": {"url": "attachment://example.png"}, "description": "A stage"}]
    assert said["content"] == "-# Alternative text: A stage"
    assert seen(only(picture, {})) == "🖼️ The launch\nAlternative text: A stage\n"
    made = sent(Card("t", (picture, picture)))
    assert made.attachments == (render.Attachment("example.png", "example", description="A stage"),)
    assert made.payload()["attachments"] == [{"id": 0, "filename": "example.png", "description": "A stage"}]


def test_more_pictures_than_a_message_takes_are_told() -> None:
    many = {f"p{n}": f"p{n}.png" for n in range(12)}
    card = Card("t", tuple(Picture(id, f"Alt of {id}") for id in many))
    made = sent(card, many)
    assert breaches(made) == []
    assert len(made.attachments) == figures.ATTACHMENTS - 1
    assert unsaid(card, told(made)) == []


def test_a_preview_shows_its_picture_beside_it_and_the_whole_address() -> None:
    link = Link("https://example.com/a_b", "A *page*", "About it", "one")
    [section] = only(link)
    assert (
        section["components"][0]["content"]
        == "> 🔗 **A \\*page\\***\n> About it\n> <https://example.com/a_b>"
    )
    assert section["accessory"]["media"] == {"url": "attachment://one.png"}
    assert seen(only(Link("javascript:alert(1)", "Press", "here"))) == "🔗 Press\nhere\njavascript:alert(1)\n"
    assert not [f for f in markup(only(Link("javascript:alert(1)", "Press"))) if f.kind == "autolink"]


def test_a_chart_says_every_value_in_a_fixed_width() -> None:
    told = content(Chart("Posts", "bar", ("W1", "W10"), (("Ada", (2.0, 8.0)),)))
    assert told == f"**Posts**\n```\nAda\nW1  {'█' * 4}{' ' * 12} 2\nW10 {'█' * 16} 8\n```"


def test_progress_is_drawn_and_said() -> None:
    assert content(Progress("Publishing", 2, 5)) == "▰▰▰▰▱▱▱▱▱▱  Publishing (2 of 5)"
    assert content(Progress("Writing")) == "⏳ Writing…"


def test_an_address_in_code_can_be_opened() -> None:
    assert (
        content(Text("https://troupe.example.com/sign-in/x", "code"))
        == "<https://troupe.example.com/sign-in/x>"
    )
    assert content(Text("a: *b*", "code")) == "```\na: *b*\n```"


def test_what_deceives_the_eye_is_named() -> None:
    block = Text("pay \u202eEB1\u202c now\u200b", "quote", whole=True)
    assert seen(only(block)) == "pay [U+202E]EB1[U+202C] now[U+200B]\n"
    assert named(HOSTILE) in seen(only(Text(HOSTILE)))


# Buttons


def rows(card: Card) -> list[list[dict[str, Any]]]:
    return [each["components"] for each in inside(sent(card)) if each["type"] == c.ACTION_ROW]


def test_buttons_carry_their_actions_styles_and_questions() -> None:
    ask = Confirm("Take it down?")
    [[approve, down, open_it]] = rows(
        Card(
            "t",
            buttons=(
                Button("Approve", "post.approve:1:ab", "primary"),
                Button("Open", url="https://example.com/"),
                Button("Take down", "post.down:1:", "danger", ask),
            ),
        )
    )
    assert approve == {"type": 2, "style": 1, "label": "Approve", "custom_id": "post.approve:1:ab"}
    assert down == {"type": 2, "style": 4, "label": "Take down", "custom_id": "?post.down:1:"}
    assert open_it == {"type": 2, "style": 5, "label": "Open", "url": "https://example.com/"}


def options(count: int, **more: Any) -> tuple[Button, ...]:
    return tuple(Button(f"Option {i}", f"verb:{i}:", **more) for i in range(count))


def test_five_buttons_a_row_two_rows_and_the_others_in_a_select_with_the_menu() -> None:
    first, second, [select] = rows(
        Card("t", buttons=options(12), menu=Menu("Further", (Button("Last", "verb:last:"),)))
    )
    assert [len(first), len(second)] == [5, 5]
    assert (select["custom_id"], select["placeholder"]) == ("menu", "Further")
    assert [o["value"] for o in select["options"]] == ["verb:10:", "verb:11:", "verb:last:"]


def test_an_option_with_a_question_says_so_in_its_value() -> None:
    [[select]] = rows(Card("t", menu=Menu("More", options(1, confirm=Confirm("Sure?")))))
    assert select["options"][0]["value"] == "?verb:0:"


def test_two_buttons_that_do_the_same_are_both_there_and_do_the_same() -> None:
    twice = tuple(
        Button(label, "post.edit:1:ab", confirm=Confirm("?")) for label in ("Edit", "Change", "Write")
    )
    card = Card("t", buttons=twice, menu=Menu("More", twice[:1]))
    [buttons, [select]] = rows(card)
    given = [b["custom_id"] for b in buttons] + [o["value"] for o in select["options"]]
    assert given == ["?post.edit:1:ab", "?~02post.edit:1:ab", "?~03post.edit:1:ab", "?~04post.edit:1:ab"]
    assert {(ids.read(id).action, ids.read(id).asks_first) for id in given} == {("post.edit:1:ab", True)}
    assert breaches(sent(card)) == []


def test_more_options_than_a_select_holds_are_several_selects_and_too_many_are_told_of() -> None:
    found = rows(Card("t", menu=Menu("More", options(60))))
    assert [len(select["options"]) for [select] in found] == [25, 25, 10]
    assert [select["custom_id"] for [select] in found] == ["menu", "menu:2", "menu:3"]
    with pytest.raises(ValueError, match="126 options, 125 may be"):
        sent(Card("t", menu=Menu("More", options(126))))


def test_the_fullest_card_still_says_what_did_not_fit() -> None:
    links = tuple(Button(f"Page {n}", url=f"https://example.com/{n}") for n in range(60))
    card = Card("t", tuple(Text(f"Part {n}") for n in range(60)), options(80), Menu("More", links))
    made = sent(card)
    assert breaches(made) == []
    assert unsaid(card, told(made)) == []
    [attached] = made.overflow
    assert "https://example.com/59" in attached.text


def test_a_label_or_an_address_that_a_button_cannot_carry_is_said_in_words() -> None:
    label = "Approve this one " * 10
    far = "https://example.com/" + "x" * 500
    made = sent(
        Card("t", buttons=(Button(label, "a:b:"), Button("Open", url="/posts/1"), Button("Far", url=far)))
    )
    assert f"In full: {label.strip()}" in told(made)
    assert "Open: /posts/1" in told(made)
    assert f"Far: {far}" in told(made)
    assert breaches(made) == []


LONGEST = "v" * 50 + ":" + "i" * (ACTION_LIMIT - 52) + ":"


def test_an_action_is_never_cut_whatever_marks_stand_before_it() -> None:
    assert len(LONGEST) == ACTION_LIMIT
    assert ACTION_LIMIT + ids.MARKS == figures.CUSTOM_ID
    twice = (Button("Go", LONGEST, confirm=Confirm("Sure?")),) * 2
    [[_, second]] = rows(Card("t", buttons=twice))
    assert len(second["custom_id"]) == 100
    assert ids.read(second["custom_id"]) == ids.Id(LONGEST, True)
    with pytest.raises(ValueError, match="custom_id"):
        ids.of_button("x" * 101)
    with pytest.raises(ValueError, match="custom_id"):
        ids.of_button("a:b:", nth=100)


def test_a_button_that_asks_is_asked_by_a_message_with_two_buttons() -> None:
    button = Button(
        "Take down", LONGEST, "danger", Confirm("Take it *down*? " * 300, "Take it down", "Leave it")
    )
    made = question(button)
    payload = made.payload(ephemeral=True)
    assert limits.check(payload, "message") == []
    assert payload["flags"] == 32768 | 64
    said, row = made.components
    assert said["content"].startswith("Take it \\*down\\*?") and said["content"].endswith("…")
    assert [(b["label"], b["custom_id"], b["style"]) for b in row["components"]] == [
        ("Take it down", LONGEST, 4),
        ("Leave it", ids.DISMISS, 2),
    ]


def test_a_button_without_words_of_its_own_is_asked_about_by_its_label() -> None:
    assert question(Button("Archive", "a:b:")).text == "Archive?"
    assert (
        limits.check(question(Button("x", "a:b:", confirm=Confirm(" ", " ", " "))).payload(), "message") == []
    )


@pytest.mark.parametrize("id", ["", "?", "~02", "#02", "~2", "??a:b:", "~02~03a:b:", "#01~02a:b:", "x" * 101])
def test_other_ids_are_none_of_ours(id: str) -> None:
    with pytest.raises(Exception, match="not a button of Troupe"):
        ids.read(id)


# What is too long for one message

LONG = "All of this is read before somebody approves it. 👩‍👩‍👧 " * 40
HUGE = LONG * 6


def test_a_post_that_fits_is_shown_whole() -> None:
    made = sent(Card("t", (Text(LONG, "quote", whole=True),)))
    assert made.overflow == ()
    assert breaches(made) == []


def test_what_has_no_room_is_attached_in_whole_and_the_card_says_so() -> None:
    card = Card(
        "Ada drafted for Bluesky",
        (Text("The brief", "muted"), Text(HUGE, "quote", whole=True), Fields((Field("Cost", "$1"),))),
        (Button("Approve", "post.approve:1:ab", "primary"),),
    )
    made = sent(card)
    [attached] = made.overflow
    assert attached.name == "ada-drafted-for-bluesky.txt"
    assert attached.text == f"Ada drafted for Bluesky\n{HUGE}"
    assert made.attachments == (render.Attachment(attached.name, text=attached.text),)
    assert {"type": c.FILE, "file": {"url": f"attachment://{attached.name}"}} in inside(made)
    said = seen(made.components)
    assert "All of this" not in said, "a part of what is approved would look like the whole"
    assert said.index("The brief") < said.index("in whole in") < said.index("$1") < said.index("Approve")
    assert breaches(made) == []


def test_of_a_long_text_that_nobody_approves_the_beginning_is_shown() -> None:
    made = sent(Card("Ada", (Text(HUGE), Text("The end"))))
    said = seen(made.components)
    assert said.startswith("Ada\nAll of this is read")
    assert said.index("…\n📎 What stands here") < said.index("The end")
    assert HUGE in made.overflow[0].text
    assert breaches(made) == []


def test_a_card_of_a_hundred_parts_keeps_its_head_and_its_buttons() -> None:
    blocks = tuple(Text(f"Part {i} of it.") for i in range(100))
    made = sent(Card("Many", blocks, (Button("Go", "a:b:"),), badge="busy"))
    assert c.measure(made.components).pieces == figures.COMPONENTS
    assert [each["type"] for each in inside(made)][-3:] == [c.FILE, c.SEPARATOR, c.ACTION_ROW]
    assert "Part 99 of it." in made.overflow[0].text
    assert unsaid(Card("Many", blocks), told(made)) == []
    assert breaches(made) == []


# What a persona says without a card


@settings(deadline=None)
@given(long_words)
def test_an_answer_is_said_whole_or_attached_in_whole(text: str) -> None:
    made = words.message(text, speaker="Ada")
    assert breaches(made) == []
    assert "".join(named(text).split()) in "".join(told(made).split())
    assert {each.kind for each in markup(made.components)} <= {"autolink", "small"}


def test_of_an_answer_that_grows_the_end_is_shown() -> None:
    assert seen(words.message("Once upon", done=False).components) == "Once upon …\n"
    growing = words.message(f"{HUGE}And then", done=False)
    assert growing.overflow == () and growing.attachments == ()
    assert seen(growing.components).startswith("… ") and seen(growing.components).endswith("And then …\n")
    assert words.message(HUGE).overflow[0].text == HUGE.strip()
    assert breaches(growing) == []


def test_the_first_component_carries_the_mark() -> None:
    first, *others = words.message(HUGE, speaker="Ada").payload(7)["components"]
    assert first["id"] == 7
    assert not any("id" in each for each in others)


# The cards that people see most, as they are sent: look at the difference when one of these changes.


@pytest.mark.parametrize("name", ["Posts-2", "Alerts-0", "Texts-1"])
def test_typical_cards_are_sent_like_this(name: str) -> None:
    made = sent(dict(ALL)[name])
    assert made.payload() == json.loads((GOLDEN / f"{name.lower()}.json").read_text())


def test_the_examples_need_no_other_markup_than_ours() -> None:
    assert {each.kind for _, card in ALL for each in markup(sent(card).components)} == OURS
    assert Found("heading", "Status") in markup(sent(Card("Status")).components)
