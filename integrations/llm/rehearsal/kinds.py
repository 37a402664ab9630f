"""What sort of thing a request is about, told by its words, and what can be said about any thing of that sort."""

from __future__ import annotations

from typing import NamedTuple

import regex

Lines = tuple[str, ...]


class Kind(NamedTuple):
    words: regex.Pattern[str]
    emoji: str
    tag: str
    """A hashtag that fits, "" for none."""
    body: Lines
    sober: Lines
    """The same for a formal tone."""
    is_news: bool = False
    is_talk: bool = False
    """Whether it invites to a conversation; an outage or a farewell does not."""


def _kind(
    words: str,
    emoji: str,
    tag: str,
    body: Lines,
    sober: Lines,
    *,
    is_news: bool = False,
    is_talk: bool = False,
) -> Kind:
    return Kind(
        regex.compile(rf"\b(?:{words})\b", regex.IGNORECASE), emoji, tag, body, sober, is_news, is_talk
    )


KINDS: tuple[Kind, ...] = (
    _kind(
        r"happy|merry|good (?:morning|evening|night)|weekend|holidays?|new year",
        "👋",
        "",
        ("Take good care of yourselves, and of each other.", "May it be a kind one to you."),
        ("We wish you all the best.", "Our best wishes to all of you."),
    ),
    _kind(
        r"outage|incident|downtime|maintenance|bugs?|fix|fixed|fixes|security|vulnerabilit\w+|delay\w*|sorry|apologi\w+",
        "🔧",
        "",
        (
            "We would rather say it openly than have you wonder.",
            "If you notice anything odd, tell us: it helps more than you think.",
        ),
        ("We will answer every question as openly as we can.", "Thank you for your patience."),
    ),
    _kind(
        r"head of|cto|ceo|cfo|coo|joins|joined|colleague|team ?mate|team member|newcomer|meet (?:our|the)",
        "👋",
        "",
        ("Say hello, and make it a good start.", "Good people make everything else easier."),
        ("Please join us in a warm welcome.", "We look forward to working together."),
        is_news=True,
    ),
    _kind(
        r"hiring|hire|vacanc\w+|jobs?|career\w*|position|join us|role",
        "👋",
        "#Hiring",
        (
            "If that sounds like you, or like somebody you know, say hello.",
            "Good people know good people, so please pass it on.",
        ),
        (
            "Please feel free to forward this to anyone it may concern.",
            "We look forward to hearing from you.",
        ),
        is_news=True,
    ),
    _kind(
        r"webinar|meetup|conference|event|workshop|talk|session|meeting|livestream|party|hackathon|summit|register|tickets?"
        r"|all-hands|town hall|standup|kick-?off|demo day",
        "📅",
        "",
        (
            "Put it in your calendar, and bring somebody who would enjoy it.",
            "Come with questions: they make the best part of it.",
        ),
        ("Please make a note of it in your calendar.", "We look forward to seeing you there."),
        is_news=True,
    ),
    _kind(
        r"thank\w*|congrat\w*|milestone|anniversary|birthday|stars|celebrat\w*|years? of|grateful|gratitude|welcome",
        "🎉",
        "#ThankYou",
        (
            "None of it happens without the people who show up every day.",
            "To everyone who had a hand in it: this is yours.",
        ),
        ("Our thanks go to everyone who contributed.", "It would not have been possible without you."),
    ),
    _kind(
        r"sale|discount|offer|deal|\d+ ?% off|prices?|pricing|plans?",
        "✨",
        "",
        (
            "If it has been on your list, now is a good moment to take a look.",
            "If anything about it is unclear, ask: we'd rather explain it twice than leave you guessing.",
        ),
        ("Details are gladly shared on request.", "We are glad to answer your questions."),
        is_news=True,
    ),
    _kind(
        r"tips?|lessons?|guide|tutorial|mistakes?|best practices?|habits?|checklist|tricks?|how to",
        "💡",
        "",
        (
            "Take what is useful to you and leave the rest.",
            "Pick one, try it for a week, and see what changes.",
            "None of it is magic. Most of it is practice.",
        ),
        ("We hope that some of it is useful to you.", "Experience has taught us to take it seriously."),
        is_talk=True,
    ),
    _kind(
        r"launch\w*|releas\w*|ship(?:s|ped|ping)?|version|v?\d+\.\d+|beta|new|introduc\w*|announc\w*|feature|update|rollout",
        "🚀",
        "#NewRelease",
        (
            "If you were waiting for the right moment to take a look, this is it.",
            "Have a look, try it on something real, and tell us how it went.",
            "A lot of small decisions went into this, and every one had a reason.",
        ),
        ("We invite you to take a closer look.", "Details are gladly shared on request."),
        is_news=True,
        is_talk=True,
    ),
    _kind(
        r"why|how|what|when|where|who|which|learn\w*|review|explain\w*|question",
        "💡",
        "",
        (
            "It's one of those questions that look small until you try to answer them.",
            "There is an easy answer and a good one, and they are seldom the same.",
            "Everybody has an opinion on it; the interesting part is the reasons.",
        ),
        ("The question deserves more than a quick answer.", "It merits a closer look."),
        is_talk=True,
    ),
)
OTHER = _kind(
    "",
    "✨",
    "",
    (
        "It's worth a closer look, and an honest conversation.",
        "There is more to it than fits into one post, so let's start here.",
        "Small on the outside, and a good deal to talk about inside.",
    ),
    ("It merits a closer look.", "We consider it worth your attention."),
    is_talk=True,
)
