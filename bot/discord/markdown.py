"""Between plain text and Discord's markdown.

Words that a model or a person wrote are escaped sign by sign: a backslash before any sign that is no letter, digit or space
makes it that sign (support.discord.com, "Markdown Text 101"). Addresses of the web stand between < and >, where no sign is
markup and where it is seen how far they go; no other link is ever made, so none can be disguised. Who is pinged is decided
by `allowed_mentions`, which every message of ours sets to nobody.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime

from bot.addresses import URL, urls
from bot.cards import moment
from bot.parse import named

_NEW_LINE = "\n\r\u2028\u2029"
_SPECIAL = re.compile(
    rf"(?P<line>(?:\A|(?<=[{_NEW_LINE}]))\s*(?:[#>+-]|\d+[.)]))"  # headings, quotes, lists, small print
    r"|[\\*_~`|<\[]"
    r"|@(?=everyone|here)"
    r"|:(?!\s)"  # schemes and :emoji:, which may go on in the next piece
)
_NAMED = (
    r"<@!?(?P<user>\d{1,20})>|<@&(?P<role>\d{1,20})>|<#(?P<channel>\d{1,20})>"
    r"|<a?:(?P<emoji>\w+):\d{1,20}>|<t:(?P<time>-?\d{1,17})(?::[a-zA-Z])?>|</(?P<command>[^:<>\n]+):\d{1,20}>"
)
_MENTION = re.compile(_NAMED)
_TOKEN = re.compile(
    rf"<(?P<url>https?://[^<>\s]+)>|{_NAMED}"
    r"|\\(?P<sign>[^\sA-Za-z0-9])"
    r"|(?P<same>```[\s\S]*?```|`[^`\n]*`|https?://[^\s<]+)",  # in code and addresses a backslash is one
    re.IGNORECASE,
)
_EDGES = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
_FENCE = "```"
BOLD, STRUCK = "**", "~~"
BOLD_UNDERLINED = "**__"
"""In this order: Discord reads no end of ~~ before an underscore."""


def escape(plain: str, within: str = "") -> str:
    """Markup that shows these words and nothing else.  `plain(escape(x)) == x`.

    within: the marks around it. An address that holds one of their signs would end them, so it is words then, and no link.
    """
    pieces = [(piece, is_url and not set(within) & set(piece)) for piece, is_url in urls(plain)]
    return "".join(f"<{piece}>" if opens else _escaped(piece) for piece, opens in pieces)


def _escaped(plain: str) -> str:
    return _SPECIAL.sub(lambda found: f"{found.group()[:-1]}\\{found.group()[-1]}", plain)


def bold(plain: str) -> str:
    return styled(plain, BOLD)


def styled(plain: str, marks: str) -> str:
    """Each line between the marks, white space outside them: at an edge it would undo them.  marks: as the constants above."""
    return "\n".join(_marked(line, marks) for line in plain.split("\n"))


def _marked(line: str, marks: str) -> str:
    found = _EDGES.fullmatch(line)
    before, words, after = found.groups() if found else ("", line, "")
    apart = (
        " " if marks == STRUCK and words.endswith("~") else ""
    )  # its end is sought without a look at backslashes
    return f"{before}{marks}{escape(words, marks)}{apart}{marks[::-1]}{after}" if words else line


def quoted(markup: str) -> str:
    """As a quote; empty lines at its end are left out, Discord takes their space away and shows a lone >."""
    return _each_line("> ", markup.rstrip())


def small(plain: str) -> str:
    """Small grey letters, line by line."""
    return "\n".join(f"-# {line}" if line.strip() else line for line in escape(plain).split("\n"))


def code(plain: str) -> str:
    """In a fixed-width font; escaped where it holds what would end that, or an address, which nobody could open there."""
    if _FENCE in plain or URL.search(plain) or not plain.strip():
        return escape(plain)
    return f"{_FENCE}\n{plain}\n{_FENCE}"


def date(at: datetime) -> str:
    """A moment in the zone and the habits of whoever reads it, and how far it is from now."""
    seconds = int(at.timestamp())
    return f"<t:{seconds}:F> (<t:{seconds}:R>)"


def _each_line(prefix: str, markup: str) -> str:
    return "\n".join(f"{prefix}{line}" for line in markup.split("\n"))


def plain(
    content: str,
    *,
    user: Callable[[str], str],
    channel: Callable[[str], str],
    role: Callable[[str], str],
    bot_user_id: str,
) -> str:
    """What somebody typed in Discord, as the plain text that our parser reads.

    user, channel, role: an id -> the name of that person (written in quotes where it would not be read whole), channel, role.  Mentions of `bot_user_id` are taken out.
    Signs that Discord shows as such because of a backslash lose it, but not in code and not in addresses.
    """

    def word(found: re.Match[str]) -> str:
        before = found.string[: found.start()]
        return _word(found, lambda id: named(user(id), before), channel, role)

    return _TOKEN.sub(word, _without_bot(content, bot_user_id))


def mentions(
    value: str, *, user: Callable[[str], str], channel: Callable[[str], str], role: Callable[[str], str]
) -> str:
    """The same for a value of a command's option, in which Discord reads no markdown: a backslash is one."""
    return _MENTION.sub(lambda found: _word(found, user, channel, role), value)


def _word(
    found: re.Match[str],
    user: Callable[[str], str],
    channel: Callable[[str], str],
    role: Callable[[str], str],
) -> str:
    match found.lastgroup, found[found.lastgroup or 0]:
        case "user", id:
            return user(id)
        case "channel", id:
            return channel(id)
        case "role", id:
            return role(id)
        case "emoji", name:
            return f":{name}:"
        case "command", name:
            return f"/{name}"
        case "time", seconds:
            return _moment(int(seconds)) or found.group()
        case _, text:  # an address, a sign, or what stays as it is
            return text


def _moment(seconds: int) -> str:
    try:
        return moment(datetime.fromtimestamp(seconds, UTC))
    except (ValueError, OverflowError, OSError):  # beyond the calendar
        return ""


def _without_bot(content: str, bot_user_id: str) -> str:
    if not bot_user_id:
        return content
    mention = rf"(?<!\\)<@!?{re.escape(bot_user_id)}>"
    return re.sub(rf"^\s*(?:{mention}[:,]?\s*)+|[ \t]*{mention}", "", content)
