"""Text and addresses that others wrote, made safe to show. Everything the console prints goes through here."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from bot.invisible import INVISIBLE

_LINK = re.compile(r"https?://[^\s<>\"“”]+", re.IGNORECASE)
_AFTER_LINK = ".,;:!?'’)]}»…"
_NEW_TAB = Markup(' target="_blank" rel="noopener noreferrer nofollow"')


def shown(text: str) -> Markup:
    """Escaped; what could deceive the eye is shown as a mark that names it."""
    parts, end = [Markup()], 0
    for found in INVISIBLE.finditer(text):
        parts += [escape(text[end : found.start()]), _mark(found.group())]
        end = found.end()
    return Markup().join([*parts, escape(text[end:])])


def attribute(text: str) -> str:
    """For a quoted attribute, where no mark can stand: each such character becomes U+FFFD."""
    return INVISIBLE.sub("\ufffd", text)


def prose(text: str) -> Markup:
    """`shown`, with addresses as links that open in a new tab."""
    parts, end = [Markup()], 0
    for found in _LINK.finditer(text):
        url = _without_closing(found.group())
        parts.append(shown(text[end : found.start()]))
        parts.append(link(url, shown(url)))
        end = found.start() + len(url)
    return Markup().join([*parts, shown(text[end:])])


def link(url: str, label: Markup, css: str = "") -> Markup:
    """An <a>, or only its label in a <span> where the address is not one to open."""
    target = safe_url(url)
    if not target:
        return Markup('<span class="{}">{}</span>').format(css, label)
    if target.startswith("/"):
        return Markup('<a class="{}" href="{}">{}</a>').format(css, target, label)
    return Markup('<a class="{}" href="{}"{}>{}</a>').format(css, target, _NEW_TAB, label)


def safe_url(url: str) -> str:
    """The address if it is http(s) or a path of our own, else "". Nothing invisible may stand in it."""
    text = url.strip()
    if INVISIBLE.search(text) or "\\" in text or re.search(r"\s", text):
        return ""
    if text.startswith("/"):
        return "" if text.startswith("//") else text
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme.lower() in ("http", "https") and parts.netloc else ""


def _without_closing(url: str) -> str:
    """Punctuation after an address belongs to the sentence; a bracket that was opened inside belongs to the address."""
    while url and url[-1] in _AFTER_LINK and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
    return url


def _mark(character: str) -> Markup:
    code = f"U+{ord(character):04X}"
    name = unicodedata.name(character, "control character").lower()
    return Markup('<span class="hidden-mark" title="{} {}">{}</span>').format(code, name, code)
