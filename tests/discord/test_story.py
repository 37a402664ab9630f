"""The whole story in a Discord server: asked for, changed, edited, approved by two, published on the stage.

In both channels one card shows each step, and nothing else is said twice.
"""

from __future__ import annotations

from collections import Counter

from tests.discord.stories import WAITING, ask, draft, fill, has, labels, shows
from tests.discord.team import Team

WORDS = "What people saw is what is out. #release"


def test_from_the_draft_to_the_stage(crew: Team) -> None:
    general, launch = crew.general, crew.channel("launch")
    ask(crew.alice, "/persona policy", general, "Who decides about posts of Ada", persona="@ada", quorum=2)
    ask(crew.alice, "/persona route", general, "@ada", persona="@ada", channels=launch.mention)
    draft(crew, "our new release")
    here, there = (shows(room, WAITING, "0 of 2", "1, by Ada") for room in (general, launch))

    def both(*words: str) -> None:
        for card in (here, there):
            has(crew, card, *words)

    fill(
        crew.mia,
        "Ask for changes…",
        here,
        "Ask for changes",
        {"What should be different?": "shorter, please"},
    )
    both("2, by Ada", "About this version: shorter, please", WAITING)
    stale = here.as_seen()
    fill(crew.bob, "Edit…", there, "Edit the post", {"Text": WORDS})
    both("3, by Bob", WORDS, "0 of 2")

    crew.mia.clicks("Approve", on=stale)
    crew.mia.told("not done", general)
    both("3, by Bob", "0 of 2")
    crew.mia.clicks("Approve", on=here)
    both("1 of 2", "Approved by Mia", WAITING)
    crew.mia.clicks("Approve", on=here)
    crew.discord.until(lambda: len([m for m in crew.mia.private(general) if "not done" in m.words]) == 2)
    crew.alice.clicks("Approve", on=there)
    both("published", "Approved by Mia", "Approved by Alice")
    for card in (here, there):
        assert "Approve" not in labels(card) and "Edit…" not in labels(card)
    for room in (general, launch):
        said = Counter(message.words for message in room.posts)
        assert max(said.values()) == 1, said
        assert len([m for m in room.posts if WORDS in m.words]) == 1
    assert crew.discord.refusals == []
