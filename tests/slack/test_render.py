"""Cards as messages: every example and whatever else a card can be is legal, and none of its words is lost."""

from __future__ import annotations

import json
import re
import typing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from slack_sdk.models.blocks import Block as SdkBlock

from bot import cards
from bot.cards import (
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
from bot.invisible import INVISIBLE, named
from bot.present.examples import HOSTILE, NOW, examples
from bot.slack import figures, limits
from bot.slack.render import Message, message
from tests.cards import cards as any_card
from tests.cards import unsaid
from tests.slack.reading import nodes, seen

ALL = [(f"{group}-{i}", card) for group, found in examples().items() for i, card in enumerate(found)]
EACH = pytest.mark.parametrize("card", [card for _, card in ALL], ids=[name for name, _ in ALL])
FILES = {"example": "F123", "one": "F1"}
GOLDEN = Path(__file__).parent / "golden"


def sent(card: Card, files: dict[str, str] = FILES) -> Message:
    return message(card, files=files, now=NOW)


def breaches(made: Message) -> list[str]:
    return limits.check({"channel": "C1", "text": made.text, "blocks": made.blocks}, "message")


def told(made: Message) -> str:
    return seen(made.blocks) + "".join(part.text for part in made.overflow)


def lost(card: Card, made: Message) -> list[str]:
    return unsaid(card, told(made))


@EACH
def test_every_example_is_legal_and_whole(card: Card) -> None:
    for files in ({}, FILES):
        made = sent(card, files)
        assert breaches(made) == []
        assert lost(card, made) == []
        assert made.overflow == ()


@EACH
def test_slacks_own_library_takes_every_example_as_it_is(card: Card) -> None:
    made = sent(card)
    assert [block.to_dict() for block in SdkBlock.parse_all(made.blocks)] == made.blocks


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(any_card)
def test_any_card_is_legal_and_whole(card: Card) -> None:
    made = sent(card)
    assert breaches(made) == []
    assert lost(card, made) == []
    for block in SdkBlock.parse_all(made.blocks):
        block.validate_json()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large], deadline=None)
@given(any_card)
def test_no_words_become_markup_mentions_or_links_elsewhere(card: Card) -> None:
    made = sent(card)
    assert INVISIBLE.search(json.dumps(made.blocks, ensure_ascii=False) + made.text) is None
    assert not re.search("[<>]", made.text)
    for node in nodes(made.blocks):
        assert node.get("type") not in ("user", "channel", "usergroup", "broadcast", "emoji")
        assert str(node.get("url", "https://")).lower().startswith(("https://", "http://"))
        if node.get("type") == "plain_text":
            assert node["emoji"] is False
        if node.get("type") == "mrkdwn":
            assert node["verbatim"] is True
            name, value = re.fullmatch(r"\*(.+)\*\n(.+)", node["text"], re.DOTALL).groups()  # type: ignore[union-attr]
            time = re.fullmatch(r"<!date\^-?\d+\^\{date_short_pretty\} at \{time\}\|[\d: UTC-]+>", value)
            assert not re.search(r"[*_~`<>]|:\S+:", name)
            assert time or not re.search(r"[*<>]|([_~`]).*\1|:\S+:", value, re.DOTALL)
            assert time or not re.search(r"^\s*&gt;", value, re.MULTILINE)


def test_the_examples_show_every_kind_of_block() -> None:
    assert {type(block) for _, card in ALL for block in card.blocks} == set(typing.get_args(cards.Block))


# The head, and what a telephone shows


def test_the_notification_makes_sense_alone() -> None:
    card = Card("Ada drafted for Bluesky", badge="waiting for approval", tone=Tone.WAITING)
    assert sent(card).text == "Ada drafted for Bluesky [waiting for approval]"
    assert sent(Card("x <!channel> & y")).text == "x &lt;!channel&gt; &amp; y"
    assert len(sent(Card("word " * 400)).text) <= 300


def test_the_name_is_not_said_twice() -> None:
    card = Card("Ada drafted", author=Author("Ada", "persona", "1"), badge="waiting", tone=Tone.WAITING)
    assert seen(sent(card).blocks) == "Ada drafted🟡 waiting"
    assert seen(sent(replace(card, title="A draft")).blocks) == "A draft🟡 waiting  ·  Ada"


def test_the_app_does_not_say_its_own_name() -> None:
    assert seen(sent(Card("Status")).blocks) == "Status"


def test_a_title_longer_than_a_header_stands_below_it_in_full() -> None:
    title = "A title that goes on " * 20
    header, whole = sent(Card(title)).blocks
    assert header["text"]["text"].endswith("…")
    assert len(header["text"]["text"]) <= figures.HEADER
    assert whole["elements"][0]["elements"] == [{"type": "text", "text": title, "style": {"bold": True}}]


# Blocks


def only(block: cards.Block, files: dict[str, str] = FILES) -> list[dict[str, Any]]:
    return sent(Card("Troupe", (block,)), files).blocks[1:]


def test_a_post_is_quoted_and_its_address_can_be_opened() -> None:
    [quote] = only(Text("Read https://example.com/a_(b), *now*.", "quote", whole=True))
    assert quote["elements"] == [
        {
            "type": "rich_text_quote",
            "elements": [
                {"type": "text", "text": "Read "},
                {"type": "link", "url": "https://example.com/a_(b)"},
                {"type": "text", "text": ", *now*."},
            ],
        }
    ]


def test_a_time_is_told_by_the_readers_own_clock() -> None:
    [section] = only(Fields((Field("Goes out", NOW), Field("Cost", "$0.0004"))))
    stamp = int(NOW.timestamp())
    assert [field["text"] for field in section["fields"]] == [
        f"*Goes out*\n<!date^{stamp}^{{date_short_pretty}} at {{time}}|2026-11-21 14:30 UTC>",
        "*Cost*\n$0.0004",
    ]
    [row] = only(Fields((Field("Approved by *Bob*", NOW),)))
    assert row["elements"][0]["elements"][1]["timestamp"] == stamp


def test_facts_that_slack_would_read_as_markup_stand_as_plain_text() -> None:
    [section] = only(Fields((Field("Account", "*@ada_b_c*"), Field("Made", "_so_"), Field("By", "a & b"))))
    assert [(f["type"], f["text"]) for f in section["fields"]] == [
        ("plain_text", "Account\n*@ada_b_c*"),
        ("plain_text", "Made\n_so_"),
        ("mrkdwn", "*By*\na &amp; b"),
    ]


def test_a_change_is_readable_without_colour() -> None:
    [diff] = only(Diff((("same", "It is "), ("removed", "here"), ("added", "out")), "Changes"))
    styles = {e["text"]: e.get("style", {}) for e in diff["elements"][0]["elements"]}
    assert styles == {
        "Changes\n": {"bold": True},
        "It is ": {},
        "here": {"strike": True},
        "out": {"bold": True, "underline": True},
    }


def test_checks_are_one_block_and_a_failed_one_stands_out() -> None:
    [block] = only(Checks((Check("length", "passed"), Check("links", "failed", "No answer."))))
    assert seen([block]) == "✅  length\n❌  links: No answer."
    assert {"type": "text", "text": "links", "style": {"bold": True}} in block["elements"][0]["elements"]


def test_a_picture_is_shown_or_told_and_its_alternative_text_always() -> None:
    picture = Picture("example", "A stage", "The launch")
    image, said = only(picture)
    assert (image["slack_file"], image["alt_text"], image["title"]["text"]) == (
        {"id": "F123"},
        "A stage",
        "The launch",
    )
    assert said["elements"][0]["text"] == "Alternative text: A stage"
    assert seen(only(picture, {})) == "🖼️ The launch\nAlternative text: A stage"
    assert only(Picture("example", ""))[0]["alt_text"] == "No alternative text."


def test_pictures_are_named_once_previews_included() -> None:
    card = Card(
        "t",
        (Picture("a", "x"), Picture("b", "x"), Picture("a", "y"), Link("https://e.example", "t", "", "c")),
    )
    assert cards.pictures(card) == ("a", "b", "c")


def test_a_chart_says_every_value() -> None:
    [_, bars] = only(Chart("Posts", "bar", ("W1", "W10"), (("Ada", (2.0, 8.0)),)))
    assert seen([bars]) == f"Ada\nW1  {'█' * 4}{' ' * 12} 2\nW10 {'█' * 16} 8"
    [_, parts] = only(Chart("Who", "pie", ("Ada", "Bob"), (("Posts", (1.0, 3.0)),)))
    assert "1 (25%)" in seen([parts])
    [_, odd] = only(Chart("Odd", "line", ("a", "b", "c"), (("x", (float("nan"), -1.0, float("inf"))),)))
    assert [line.split()[-1] for line in seen([odd]).splitlines()[1:]] == ["nan", "-1", "inf"]


def test_progress_is_drawn_and_said() -> None:
    assert seen(only(Progress("Publishing", 2, 5))) == "▰▰▰▰▱▱▱▱▱▱  Publishing (2 of 5)"
    assert seen(only(Progress("Writing"))) == "⏳ Writing…"


def test_an_address_that_is_none_of_the_web_is_never_a_link() -> None:
    blocks = only(Link("javascript:alert(1)", "Press", "here"))
    assert not any(node.get("type") == "link" for node in nodes(blocks))
    assert seen(blocks) == "🔗 Press\nhere\njavascript:alert(1)"


def test_an_address_in_code_can_be_opened() -> None:
    [code] = only(Text("https://troupe.example.com/sign-in/x", "code"))
    assert code["elements"][0]["type"] == "rich_text_preformatted"
    assert code["elements"][0]["elements"] == [
        {"type": "link", "url": "https://troupe.example.com/sign-in/x"}
    ]


def test_what_deceives_the_eye_is_named() -> None:
    assert (
        seen(only(Text("pay \u202eEB1\u202c now\u200b", "quote", whole=True)))
        == "pay [U+202E]EB1[U+202C] now[U+200B]"
    )


# Buttons


def actions(card: Card) -> list[dict[str, Any]]:
    return [e for block in sent(card).blocks if block["type"] == "actions" for e in block["elements"]]


def test_buttons_carry_their_actions_styles_and_questions() -> None:
    ask = Confirm("Take it down? " * 40, "Take it down from Bluesky for all time", "No")
    approve, open_it, down = actions(
        Card(
            "t",
            buttons=(
                Button("Approve", "post.approve:1:ab", "primary"),
                Button("Open", url="https://example.com/"),
                Button("Take down", "post.down:1:", "danger", ask),
            ),
        )
    )
    assert (approve["action_id"], approve["style"]) == ("post.approve:1:ab", "primary")
    assert (open_it["action_id"], open_it["url"]) == ("open:1", "https://example.com/")
    assert down["confirm"]["style"] == "danger"
    assert [len(down["confirm"][k]["text"]) for k in ("text", "confirm")] <= [300, 30]
    assert down["confirm"]["text"]["text"].endswith("…")


def options(count: int, **more: Any) -> tuple[Button, ...]:
    return tuple(Button(f"Option {i}", f"verb:{i}:", **more) for i in range(count))


def test_a_short_menu_is_an_overflow_and_a_long_one_a_select() -> None:
    [short] = actions(Card("t", menu=Menu("More", (*options(4), Button("Open", url="https://e.example/")))))
    assert short["type"] == "overflow"
    assert short["options"][4]["url"] == "https://e.example/"
    link, long = actions(
        Card("t", menu=Menu("More", (*options(6), Button("Open", url="https://e.example/"))))
    )
    assert (long["type"], long["placeholder"]["text"], link["url"]) == (
        "static_select",
        "More",
        "https://e.example/",
    )
    assert [o["value"] for o in long["options"]] == [f"verb:{i}:" for i in range(6)]


def test_an_option_with_a_question_says_so_in_its_value() -> None:
    [menu] = actions(Card("t", menu=Menu("More", options(1, confirm=Confirm("Sure?")))))
    assert menu["options"][0]["value"] == "?verb:0:"


def test_buttons_that_do_not_fit_go_into_the_menu() -> None:
    elements = actions(Card("t", buttons=options(11), menu=Menu("More", (Button("Last", "verb:last:"),))))
    assert [e["type"] for e in elements] == ["button"] * 8 + ["overflow"]
    assert [o["value"] for o in elements[-1]["options"]] == ["verb:8:", "verb:9:", "verb:10:", "verb:last:"]


def test_more_options_than_a_select_holds_are_several_selects() -> None:
    elements = actions(Card("t", menu=Menu("More", options(120))))
    assert [len(e["options"]) for e in elements] == [100, 20]


def test_a_label_or_an_address_that_a_button_cannot_carry_is_said_in_words() -> None:
    label = "Approve this one " * 10
    made = sent(Card("t", buttons=(Button(label, "a:b:"), Button("Open", url="/posts/1"))))
    assert f"In full: {label}" in told(made)
    assert "Open: /posts/1" in told(made)
    assert breaches(made) == []


def test_an_action_is_never_cut() -> None:
    longest = "v" * 50 + ":" + "i" * 44 + ":"
    menu = Menu("More", (Button("Ask", longest, confirm=Confirm("Sure?")),))
    button, overflow = actions(Card("t", buttons=(Button("Go", longest),), menu=menu))
    assert button["action_id"] == longest
    assert overflow["options"][0]["value"] == f"?{longest}"


# What is too long for one message

LONG = "All of this is read before somebody approves it. 👩‍👩‍👧 " * 180
HUGE = LONG * 3


def test_a_long_post_is_shown_whole_in_several_quotes() -> None:
    made = sent(Card("t", (Text(LONG, "quote", whole=True),)))
    assert made.overflow == ()
    quotes = [b for b in made.blocks if b["type"] == "rich_text"]
    assert len(quotes) > 1
    assert seen(quotes) == LONG
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
    words = seen(made.blocks)
    assert "in whole in ada-drafted-for-bluesky.txt" in words
    assert "All of this" not in words, "a part of what is approved would look like the whole"
    assert words.index("The brief") < words.index("in whole in") < words.index("$1") < words.index("Approve")
    assert breaches(made) == []


def test_of_a_long_text_that_nobody_approves_the_beginning_is_shown() -> None:
    made = sent(Card("Ada", (Text(HUGE), Text("The end"))))
    words = seen(made.blocks)
    assert words.startswith("AdaAll of this is read")
    assert words.index("…📎 What stands here") < words.index("The end")
    assert HUGE in made.overflow[0].text
    assert breaches(made) == []


def test_a_card_of_a_hundred_parts_keeps_its_head_and_its_buttons() -> None:
    blocks = tuple(Text(f"Part {i} of it.") for i in range(100))
    made = sent(Card("Many", blocks, (Button("Go", "a:b:"),), badge="busy"))
    assert len(made.blocks) == figures.MESSAGE_BLOCKS
    assert [made.blocks[0]["type"], made.blocks[1]["type"], made.blocks[-1]["type"]] == [
        "header",
        "context",
        "actions",
    ]
    assert "Part 99 of it." in made.overflow[0].text
    assert "Part 0 of it." not in made.overflow[0].text
    assert lost(Card("Many", blocks), made) == []


# The cards that people see most, as they are sent: look at the difference when one of these changes.


@pytest.mark.parametrize("name", ["Posts-2", "Alerts-0", "Texts-1"])
def test_typical_cards_are_sent_like_this(name: str) -> None:
    made = sent(dict(ALL)[name])
    golden = GOLDEN / f"{name.lower()}.json"
    assert {"text": made.text, "blocks": made.blocks} == json.loads(golden.read_text())


def test_hostile_words_stay_words() -> None:
    assert named(HOSTILE) in seen(sent(Card("t", (Text(HOSTILE),))).blocks)
