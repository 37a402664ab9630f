"""What a text says, however it is spelled: phrases, emoji, hashtags and links, found for rules and checks."""

from __future__ import annotations

from functools import lru_cache
from unicodedata import normalize
from urllib.parse import urlsplit

import regex

UNSEEN = regex.compile(r"[\p{Cf}\p{Variation_Selector}]")
DASHES = regex.compile(r"\p{Pd}")
UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
"""Scripts that put no spaces between words, so that a word has no boundary to look for."""

EMOJI = regex.compile(r"\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F|[0-9#*]\uFE0F?\u20E3")
HASHTAG = regex.compile(r"(?<![\w&/])[#＃](?=\w*\p{L})(\w+)")
LINK = regex.compile(r"\bhttps?://[^\s<>\"“”]+", regex.IGNORECASE)
TRAILING = ".,;:!?'’*_…"


def plain(text: str) -> str:
    """For comparing only: compatibility forms, case, dashes, apostrophes, white space and unseen characters made one."""
    text = UNSEEN.sub("", normalize("NFKC", text)).replace("’", "'")
    return " ".join(normalize("NFKC", DASHES.sub("-", text).casefold()).split())


def says(text: str, phrase: str) -> bool:
    """True if the phrase stands in the text as whole words, in any case or spelling, or as a #HashTag."""
    pattern = _pattern(phrase)
    return pattern is not None and pattern.search(plain(text)) is not None


@lru_cache(maxsize=512)
def _pattern(phrase: str) -> regex.Pattern[str] | None:
    words = regex.split(r"[\s-]+", plain(phrase).strip("-"))
    if not any(words):
        return None
    escaped = [regex.escape(word) for word in words if word]
    before = "" if regex.match(UNSPACED + r"|\W", words[0]) else r"(?<!\w)"
    after = "" if regex.search(f"({UNSPACED}|\\W)$", words[-1]) else r"(?!\w)"
    tag = rf"|[#＃]{''.join(escaped)}{after}" if len(escaped) > 1 else ""
    return regex.compile(rf"{before}{'[ _-]+'.join(escaped)}{after}{tag}")


def count_emoji(text: str) -> int:
    """By grapheme: a family is one, a flag is one; ©, ™ and plain digits are none."""
    return sum(1 for cluster in regex.findall(r"\X", text) if EMOJI.search(cluster))


def hashtags(text: str) -> tuple[str, ...]:
    """Without their #, in order. The fragment of a link is none."""
    return tuple(HASHTAG.findall(LINK.sub(" ", text)))


def find_urls(text: str) -> tuple[str, ...]:
    """Every http(s) address written out, each once, in order, without the punctuation of the sentence around it."""
    return tuple(dict.fromkeys(filter(None, (_bare(match[0]) for match in LINK.finditer(text)))))


def _bare(url: str) -> str:
    """A closing bracket belongs to the address only if its opening one does."""
    while url:
        if url[-1] in TRAILING or (
            url[-1] in ")]}" and url.count(url[-1]) > url.count("([{"[")]}".index(url[-1])])
        ):
            url = url[:-1]
        else:
            break
    return url if host_of(url) else ""


def host_of(url: str) -> str:
    """The host in lower case, "" if the address has none or is broken."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def same_page(one: str, other: str) -> bool:
    """True if two addresses lead to the same page: scheme, case of the host, last slash and fragment aside."""
    return _page(one) == _page(other)


def _page(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, "", ""
    return parts.netloc.lower(), parts.path.rstrip("/"), parts.query
