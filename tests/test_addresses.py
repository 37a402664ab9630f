"""Which words are an address to open, and where it ends."""

from __future__ import annotations

import pytest
from hypothesis import given

from bot.addresses import urls
from tests.cards import words


@given(words)
def test_addresses_are_found_without_losing_a_sign(text: str) -> None:
    assert "".join(piece for piece, _ in urls(text)) == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("See https://example.com/a_(b), and more.", ["https://example.com/a_(b)"]),
        ("(https://example.com)", ["https://example.com"]),
        ("http://a.example|x", ["http://a.example"]),
        ("ftp://example.com javascript:alert(1) www.example.com", []),
        ("https://example.com/\u202ex", []),
        ("https://example.com/[U+202E]x", []),
        ("https://example.com/" + "x" * 3000, []),
    ],
)
def test_only_what_a_chat_opens_is_an_address(text: str, found: list[str]) -> None:
    assert [piece for piece, is_url in urls(text) if is_url] == found
