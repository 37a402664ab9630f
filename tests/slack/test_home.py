"""The App Home as a view, and whole cards in modals."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.cards import Button, Card, Confirm, Field, Fields, Menu, Picture, Text, action
from bot.chat import people
from bot.invisible import named
from bot.present.home import PERSONAS, SHOWN, Section
from bot.slack import home, modals
from bot.slack.limits import check

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
HOSTILE = "<!channel> *bold* `code` :smile: \u202eeman <https://evil.test|good>"
SEEN = "f" * 16


def waiting(text: str = "Version 2.0 is out.\n\nIt is fast.") -> Card:
    buttons = [Button(label, action(f"post.{verb}", "k3mq9v7x2a", SEEN)) for label, verb in
               (("Approve", "approve"), ("Ask for changes…", "changes"), ("Reject…", "reject"), ("Open", "show"))]  # fmt: skip
    facts = Fields((Field("Account", "@ada"), Field("Goes out", NOW + timedelta(hours=3))))
    return Card(
        "Ada on Stage: our 2.0 (k3mq9)",
        (Text(text, "quote", whole=True), facts),
        tuple(buttons),
        badge="waiting",
    )


def out(url: str = "https://stage.test/1") -> Card:
    return Card(
        "Ada on Stage: our 1.9 (abcde)",
        (Fields((Field("Published", NOW),)),),
        (Button("Open the post", url=url),),
    )


def full() -> tuple[Section, ...]:
    """As long as each list may be."""
    opened = replace(waiting(), blocks=(Text("No model answered.", "muted"),), buttons=waiting().buttons[-1:])
    row = (
        Button("New post…", "post.new:blank:", "primary"),
        Button("Connect an account…", "persona.connect:anybody:"),
    )
    return (
        Section("Hello Mia", buttons=row),
        Section("Waits for you", (waiting("x" * 500),) * SHOWN, "and 3 more: /post queue"),
        Section("You asked for", (opened,) * SHOWN, "and 3 more"),
        Section("Scheduled", (opened,) * SHOWN, "and 1,234 more: /post queue"),
        Section("Went out", (out(),) * SHOWN, "and 12 more"),
        Section("Accounts to connect", (opened,) * PERSONAS, "and 1 more: /persona list"),
    )


def drawn(*sections: Section) -> list[dict[str, Any]]:
    made = home.view(sections, NOW)
    assert check(made, "home") == []
    return list(made["blocks"])


def said(blocks: list[dict[str, Any]]) -> str:
    """Every word of theirs that people read."""
    found: list[str] = []

    def look(part: Any) -> None:
        if isinstance(part, dict):
            found.extend(part[key] for key in ("text", "fallback") if isinstance(part.get(key), str))
            for each in part.values():
                look(each)
        elif isinstance(part, list):
            for each in part:
                look(each)

    look(blocks)
    return "\n".join(found)


def test_an_entry_that_is_decided_on_shows_the_whole_text_above_its_buttons() -> None:
    header, entry, row = drawn(Section("Waits for you", (waiting(),)))
    assert header["text"]["text"] == "Waits for you"
    name, quote, facts = entry["elements"]
    assert name["elements"][0] == {
        "type": "text", "text": "Ada on Stage: our 2.0 (k3mq9)", "style": {"bold": True},
    }  # fmt: skip
    assert quote == {
        "type": "rich_text_quote",
        "elements": [{"type": "text", "text": "Version 2.0 is out.\n\nIt is fast."}],
    }
    assert facts["elements"][-2] == {
        "type": "date",
        "timestamp": int((NOW + timedelta(hours=3)).timestamp()),
        "format": "{date_short_pretty} at {time}",
        "fallback": "2026-11-21 17:30 UTC",
    }
    assert [element["action_id"] for element in row["elements"]] == [
        f"post.{verb}:k3mq9v7x2a:{SEEN}" for verb in ("approve", "changes", "reject", "show")
    ]


def test_what_went_out_is_a_link() -> None:
    _, entry = drawn(Section("Went out", (out(),)))
    assert entry["elements"][0]["elements"][0] == {
        "type": "link",
        "url": "https://stage.test/1",
        "text": "Ada on Stage: our 1.9 (abcde)",
        "style": {"bold": True},
    }
    _, entry, *_ = drawn(Section("Went out", (out("at://did:plc:x/app.bsky.feed.post/1"),)))
    assert entry["elements"][0]["elements"][0]["type"] == "text", "Slack opens pages of the web only"


def test_an_empty_list_says_so_and_a_long_one_what_it_leaves_out() -> None:
    assert "Nothing is scheduled." in said(drawn(Section("Scheduled", empty="Nothing is scheduled.")))
    words = said(drawn(Section("Went out", (out(),), "and 3 more", "Nothing.")))
    assert "and 3 more" in words
    assert "Nothing." not in words


def test_the_longest_home_is_legal_and_shows_everything() -> None:
    blocks = drawn(*full())
    approve = [
        e
        for b in blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e["action_id"].startswith("post.approve")
    ]
    assert len(approve) == SHOWN
    assert "More stands here" not in said(blocks)


def test_what_is_more_than_a_view_holds_is_left_out_entry_by_entry() -> None:
    blocks = drawn(Section("Waits for you", (waiting(),) * 60), Section("Went out", (out(),)))
    assert len(blocks) <= 100
    assert "More stands here" in said(blocks)
    entries = [i for i, b in enumerate(blocks) if b["type"] == "rich_text" and len(b["elements"]) == 3]
    assert entries and all(blocks[i + 1]["type"] == "actions" for i in entries)
    assert "our 1.9" in said(blocks)


@given(st.text(st.characters(codec="utf-8"), max_size=7000))
def test_any_text_stands_there_whole(text: str) -> None:
    blocks = drawn(Section(text, (replace(waiting(text), title=text or "x", badge=text),), text, text))
    quoted = [
        part for block in blocks for part in block.get("elements", []) if part["type"] == "rich_text_quote"
    ]
    words = "".join(e.get("text") or e["url"] for part in quoted for e in part["elements"])
    assert words == named(text) or not text.strip()
    assert "post.approve" in str(blocks)


def test_words_stay_words() -> None:
    blocks = drawn(Section("Waits for you", (waiting(HOSTILE),)))
    assert "mrkdwn" not in str(blocks)
    assert "[U+202E]" in said(blocks)
    assert "\u202e" not in str(blocks)


def test_it_is_the_same_view_while_nothing_has_changed() -> None:
    assert home.view(full(), NOW) == home.view(full(), NOW + timedelta(hours=1))


def test_a_stranger_has_a_home_too() -> None:
    made = home.stranger(people.stranger())
    assert check(made, "home") == []
    assert "Ask to be let in" in said(made["blocks"])


# --- a whole card in a modal


def test_a_card_that_is_opened_shows_all_and_can_be_decided_on() -> None:
    card = replace(
        waiting(), blocks=tuple(Text(f"{n} " + "word " * 500, "quote", whole=True) for n in range(25))
    )
    made = modals.told(card, NOW, metadata="post:k3mq9v7x2a")
    assert check(made, "modal") == []
    assert all(f"{n} word" in said(made["blocks"]) for n in range(25))
    assert "post.approve" in str(made)
    assert made["private_metadata"] == "post:k3mq9v7x2a"
    assert "submit" not in made


def test_beside_a_picture_that_nobody_sees_nothing_is_decided() -> None:
    more = Menu(
        "More",
        (Button("History", "post.history:k3mq9v7x2a:"), Button("Veto…", f"post.veto:k3mq9v7x2a:{SEEN}")),
    )
    open_it = Button("Open the post", url="https://stage.test/1")
    card = replace(waiting(), menu=more, buttons=(*waiting().buttons, open_it))
    card = replace(card, blocks=(*card.blocks, Picture("p1", "A graph")))
    unseen = modals.told(card, NOW)
    assert check(unseen, "modal") == []
    assert "post.approve" not in str(unseen) and "post.veto" not in str(unseen)
    assert "post.history" in str(unseen) and "https://stage.test/1" in str(unseen)
    assert "cannot be shown here" in said(unseen["blocks"])
    seen = modals.told(card, NOW, files={"p1": "F0123ABC"})
    assert check(seen, "modal") == []
    assert "F0123ABC" in str(seen) and "post.approve" in str(seen)


def test_what_not_even_a_modal_holds_cannot_be_decided_on_there() -> None:
    card = replace(waiting(), blocks=tuple(Text(f"{n} word", "quote", whole=True) for n in range(120)))
    made = modals.told(card, NOW)
    assert check(made, "modal") == []
    assert "post.approve" not in str(made)
    assert "nothing can be pressed here" in said(made["blocks"])


def test_a_card_of_few_blocks_may_be_too_large_as_well() -> None:
    card = replace(waiting(), blocks=tuple(Text("— " * 1450, "quote", whole=True) for _ in range(90)))
    made = modals.told(card, NOW, metadata="x" * 3000)
    assert check(made, "modal") == []
    assert "post.approve" not in str(made)
    made = home.view((Section("Waits for you", (waiting("— " * 1400),) * 40),), NOW)
    assert check(made, "home") == []
    assert "More stands here" in said(made["blocks"])


def test_a_card_of_a_title_alone_and_a_button_with_a_question() -> None:
    assert check(modals.told(Card("Done"), NOW), "modal") == []
    made = modals.confirm(
        Button("Take down", "post.take_down:1:", "danger", Confirm("x" * 4000, "y" * 90)), "{}"
    )
    assert check(made, "modal") == []
