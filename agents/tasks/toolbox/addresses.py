"""Which addresses a persona opens without asking: an address can carry out of here what its path or its query says.

Free is what people gave, and what strangers showed in this very task: neither can hold anything that the persona knows and
they do not. Whatever it puts together itself, a person reads first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import SplitResult, urlsplit

from agents.tasks.tools import Bench, Wish

LINK = re.compile(r"https?://[^\s<>\"'`\\]+", re.IGNORECASE)
HOST = re.compile(r"[^\s/@:<>()\[\],;|\"'`?#&=]+\.[^\s/@:<>()\[\],;|\"'`?#&=]+")
ENDS = re.compile(r"[)\]|}]")
"""Where a link may end that stands in Markdown, in brackets, or before its label in Slack's manner."""
AFTER = ".,;:!?*_~)]}"
"""Behind an address, of the sentence and not of it."""
ODD = re.compile(r"[\s\\\x00-\x20\x7f]")
"""Parsers differ about addresses with these: what one takes for the host is another's path."""
PORTS = {"http": 80, "https": 443}


def links(text: str) -> Iterator[str]:
    """Every address in it. Where its end is in doubt, each that it may be: all are of these very words."""
    for match in LINK.finditer(text):
        whole = match[0]
        for one in (whole, *(whole[: end.start()] for end in ENDS.finditer(whole))):
            yield plain(one)
            yield plain(one.rstrip(AFTER))


def plain(url: str) -> str:
    """Without what is not sent, so that the same page is the same text."""
    url = url.strip().partition("#")[0]
    parts = _split(url)
    if parts is None or not parts.netloc:
        return url
    return parts._replace(
        scheme=parts.scheme.lower(), netloc=parts.netloc.lower(), path=parts.path or "/"
    ).geturl()


def is_given(url: str, words: Sequence[str]) -> bool:
    """Whether people wrote exactly this address, or its host, and it is that host's front page.  words: what they wrote."""
    if any(plain(url) in links(text) for text in words):
        return True
    host = _front_page_of(url)
    return bool(host) and any(host in _hosts(text) for text in words)


def is_named(repo: str, words: Sequence[str]) -> bool:
    """Whether people wrote owner/name, or its address."""
    at = r"(?:(?:https?://)?(?:www\.)?github\.com/|git@github\.com:)?"
    named = re.compile(rf"(?<![\w./-]){at}{re.escape(repo)}(?:\.git)?(?![\w-]|\.\w)", re.IGNORECASE)
    return any(named.search(text) for text in words)


def asks_for_page(url: str, bench: Bench) -> Wish | None:
    """None where it may simply be read."""
    record = bench.record
    if not ODD.search(url) and (record.has_seen(plain(url)) or is_given(url, record.words())):
        return None
    host = (_split(url) or SplitResult("", "", "", "", "")).hostname or "an address"
    shown = f"{ODD.sub(lambda odd: ascii(odd[0])[1:-1], url)}\n\nNobody gave this address and no page or search showed it. {host} gets to know all of it."
    return Wish(f"Read the page {url}?"[:200], shown)


def asks_for_repo(repo: str, rest: str, bench: Bench) -> Wish | None:
    """rest: what else GitHub is told.  None for one that people named, or that this installation lists."""
    listed = {one.lower() for one in bench.outside.get("github_repos", ())}
    if repo.lower() in listed or is_named(repo, bench.record.words()):
        return None
    return Wish(
        f"Read {repo} on GitHub?", f"Repository: {repo}\n{rest}\n\nNobody named this repository in this task."
    )


def _front_page_of(url: str) -> str:
    """The host, where the address says nothing else; "" otherwise."""
    parts = _split(plain(url))
    if parts is None or parts.scheme not in PORTS or parts.path != "/" or parts.query or ODD.search(url):
        return ""
    host = parts.hostname or ""
    return host if parts.netloc in (host, f"{host}:{PORTS[parts.scheme]}") else ""


def _hosts(text: str) -> Iterator[str]:
    for match in HOST.finditer(text):
        yield match[0].lower().strip("*_~.!-")


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts
