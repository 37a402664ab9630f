"""Between plain text and Slack's markup.

Words that a model or a person wrote are shown in rich_text and plain_text wherever Slack has them: no sign in those is
markup, so there is nothing to escape and nothing to forget ("rich_text is strongly preferred", reference/block-kit/blocks/
rich-text-block). mrkdwn has no escape for * _ ~ ` or :emoji: at all, only &amp; &lt; &gt; (messaging/formatting-message-text);
the folk remedy, a zero-width space beside the sign, changes what people copy, and beside a word it even starts markup.
So mrkdwn is used only in section fields, for a bold name and a time in the reader's zone, and only where
the words hold nothing that Slack would read (`is_inert`); always with `verbatim`, so that @here and #general stay words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime

from bot.cards import moment
from bot.parse import named

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_SIGNS = {entity: sign for sign, entity in _ENTITIES.items()}
_NO_NAME = re.compile(r"[*_~`\n\r]")
_EMOJI = re.compile(r":[^\s:]+:")
_QUOTE = re.compile(r"^\s*>", re.MULTILINE)

_TOKEN = re.compile(r"<([^<>\n]+)>|&(?:amp|lt|gt);")


def escape(plain: str) -> str:
    """For a message's `text`, which Slack reads as mrkdwn: no link, mention or ping can come of it.

    Signs of style (*, _, ~, `) and :emoji: have no escape: send it with `mrkdwn: false` and `parse: none`, as the wire does,
    or show the words in blocks.  `plain(escape(x)) == x`.
    """
    return re.sub("[&<>]", lambda found: _ENTITIES[found.group()], plain)


def is_inert(plain: str) -> bool:
    """Whether mrkdwn shows these words as they are, once escaped, under a name in bold.

    A style needs its sign twice, so the one underscore of @ada_b is none; an asterisk could close the bold of the name.
    """
    styled = "*" in plain or any(plain.count(sign) > 1 for sign in "_~`")
    return not (styled or _EMOJI.search(plain) or _QUOTE.search(plain))


def is_name(plain: str) -> bool:
    """Whether it can be that name: one line with no sign of a style in it."""
    return is_inert(plain) and not _NO_NAME.search(plain)


def date(at: datetime) -> str:
    """A moment in the zone and the habits of whoever reads it; in UTC where the client cannot."""
    return f"<!date^{int(at.timestamp())}^{DATE_FORMAT}|{moment(at)}>"


DATE_FORMAT = "{date_short_pretty} at {time}"


def plain(
    mrkdwn: str,
    *,
    user: Callable[[str], str],
    channel: Callable[[str, str], str],
    bot_user_id: str,
) -> str:
    """What somebody typed in Slack, as the plain text that our parser reads.

    user: a user's id -> the name of that person, written in quotes where it would not be read whole.  channel: a channel's id and its name there ("" where Slack left it out)
    -> how to write it.  Mentions of `bot_user_id` are taken out. An address is given as itself, but one that Slack made of
    somebody's words ("example.com" becomes <http://example.com|example.com>) as those words.
    """

    def word(found: re.Match[str]) -> str:
        token = found.group(1)
        if token is None:
            return _SIGNS[found.group()]
        before = found.string[: found.start()]
        return _token(token, lambda id: named(user(id), before), channel)

    return _TOKEN.sub(word, _without_bot(mrkdwn, bot_user_id))


def _without_bot(mrkdwn: str, bot_user_id: str) -> str:
    if not bot_user_id:
        return mrkdwn
    mention = rf"<@{re.escape(bot_user_id)}(?:\|[^<>]*)?>"
    return re.sub(rf"^\s*(?:{mention}[:,]?\s*)+|[ \t]*{mention}", "", mrkdwn)


def _token(token: str, user: Callable[[str], str], channel: Callable[[str, str], str]) -> str:
    target, _, label = (_unescaped(part) for part in token.partition("|"))
    match target[0], target[1:]:
        case "@", id:
            return user(id)
        case "#", id:
            return channel(id, label)
        case "!", command:
            return label or f"@{command.partition('^')[2] or command}"
    if target.startswith(("mailto:", "tel:")):
        return label or target.partition(":")[2]
    made_of_it = target.lower() in (f"http://{label}".lower(), f"https://{label}".lower())
    return label if made_of_it else target


def _unescaped(text: str) -> str:
    return re.sub("&(?:amp|lt|gt);", lambda found: _SIGNS[found.group()], text)
