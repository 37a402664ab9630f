"""Runbooks as pages of the console."""

from __future__ import annotations

from tests.web.console import Console


def test_it_is_read_in_the_console(console: Console) -> None:
    with console.browser("Alice") as alice:
        assert "/runbooks/surface_down" in alice.get("/runbooks").text
        page = alice.get("/runbooks/surface_down").text
        assert "<h2>What it means</h2>" in page
        assert "<code>./troupe doctor</code>" in page
        wrong = alice.get("/runbooks/surface_dwn")
        assert wrong.status_code == 404
        assert "surface_down" in wrong.text
    with console.browser() as stranger:
        assert stranger.get("/runbooks/surface_down").status_code == 401
