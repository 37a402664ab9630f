"""A newcomer hands over a piece of work in a real browser: asks in plain words, answers, looks at the plan, takes the files."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, expect

from tests.system.test_story import PATIENCE_MS, press, say, sign_in
from tests.system.troupe import up

WORK = "@Troupe ask Ada to compare three queue libraries and write it up"


def test_from_a_sentence_to_files(page: Page, tmp_path: Path) -> None:
    with up(tmp_path / "home") as running:
        sign_in(page, running)
        say(page, WORK)
        card = page.locator("article.card").filter(has_text="Compare three queue libraries").first
        expect(card).to_contain_text("question to answer", timeout=PATIENCE_MS)
        press(card, "Answer…")
        dialog = page.get_by_role("dialog")
        dialog.get_by_label("Your answer").fill("RQ, Celery and Huey by speed and licence")
        dialog.get_by_role("button", name="Answer").click()
        expect(card).to_contain_text("result to accept", timeout=PATIENCE_MS)
        expect(card).to_contain_text("rehearsal")
        with page.expect_download() as saving:
            card.get_by_role("link", name="compare-queue-libraries.pdf", exact=True).click()
        assert Path(saving.value.path()).read_bytes().startswith(b"%PDF")
        press(card, "Accept")
        expect(card).to_contain_text("complete", timeout=PATIENCE_MS)
