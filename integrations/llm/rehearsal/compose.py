"""Puts a post together: parts in reading order, each with a rank that says how gladly it is given up for room."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import regex

from agents.writing.fit import fits, shorten
from agents.writing.length import clip
from agents.writing.wording import find_urls, host_of
from agents.writing.writer import Assignment, ContentType
from integrations.llm.rehearsal import phrases
from integrations.llm.rehearsal.brief import COURTESY, MARKUP, Brief, read_brief
from integrations.llm.rehearsal.words import Words

CORE, ASKED, CLOSING, BODY, TAGS, ASIDE, EXTRA = range(7)
"""Ranks: the core always stays, what was asked for nearly always, an extra comes only when more is wanted."""

KEEPS = {1: EXTRA, 0: ASIDE, -1: CLOSING, -2: ASKED, -3: CORE}
"""Up to which rank parts are kept, by how long the text should be."""

MAX_TITLE = 140


class Part(NamedTuple):
    text: str
    rank: int
    paragraph: int


class Sheet(NamedTuple):
    """What a text is made from.  level: 0 as usual, down to -3 for shorter, 1 for longer."""

    task: Assignment
    brief: Brief
    words: Words
    level: int
    url: str
    """The address it leads to, "" for none; always in full, at the very end."""


def compose(task: Assignment, brief: Brief, words: Words, level: int) -> tuple[str, ...]:
    """The segments."""
    url = task.source.url if task.source else next(iter(find_urls(task.brief)), "")
    sheet = Sheet(task, brief, words, level, url)
    if task.type is ContentType.THREAD and task.rules.max_segments > 2:
        return _thread(sheet)
    if task.type is ContentType.ARTICLE and url:
        parts = _article(sheet)
    elif task.type is ContentType.REPLY:
        parts = _reply(sheet)
    else:
        parts = _post(sheet)
    return (_joined(parts, sheet, url),)


def _joined(parts: Iterable[Part], sheet: Sheet, url: str = "", level: int | None = None) -> str:
    """As many parts as the level and the platform have room for; the core is cut only when nothing else is left."""
    rules, tail = sheet.task.rules, f"\n\n{url}" if url else ""
    swapped = [part._replace(text=sheet.words.swapped(part.text)) for part in parts if part.text]
    for most in range(KEEPS[sheet.level if level is None else level], CORE - 1, -1):
        text = _paragraphs([part for part in swapped if part.rank <= most])
        if fits(text + tail, rules):
            return text + tail
    bare = _whole(sheet.words.swapped(sheet.words.allowed(sheet.brief.topic)))
    if bare and fits(bare + tail, rules):
        return bare + tail
    return shorten(_paragraphs([part for part in swapped if part.rank == CORE]), rules, tail)


def _paragraphs(parts: Sequence[Part]) -> str:
    numbers = sorted({part.paragraph for part in parts})
    return "\n\n".join(" ".join(part.text for part in parts if part.paragraph == n) for n in numbers)


def _post(sheet: Sheet) -> Iterator[Part]:
    brief, words = sheet.brief, sheet.words
    is_news = words.kind.is_news or sheet.task.type is ContentType.ANNOUNCEMENT
    opening = _opening(brief, words, is_news=is_news)
    yield Part(
        words.pick(phrases.HERALD) if is_news and not brief.topic and brief.statements else "", BODY, 0
    )
    yield Part(words.with_emoji(opening, words.kind.emoji), CORE, 0)
    yield from _material(brief, words, paragraph=1)
    yield from _around(sheet, opening, paragraph=2)


def _opening(brief: Brief, words: Words, *, is_news: bool) -> str:
    if brief.statements and not brief.topic:
        return words.allowed(brief.statements[0])
    topic = words.allowed(brief.topic) or words.own_topic() or "what we are working on"
    lines = (phrases.NEWS if is_news else phrases.OPENING)[words.tone]
    if brief.is_question:
        about = regex.compile(r"\b(?:about|on) \{topic\}")
        lines = tuple(line for line in phrases.OPENING[words.tone] if about.search(line))
    elif not brief.is_phrase:
        lines = tuple(line for line in lines if ": {topic}" in line)
    return words.pick(lines, topic=topic) or _whole(topic)


def _material(brief: Brief, words: Words, paragraph: int) -> Iterator[Part]:
    """What the request itself brings along."""
    rest = brief.statements if brief.topic else brief.statements[1:]
    yield from (Part(words.allowed(said), ASKED, paragraph) for said in rest)
    yield Part(_bullets(brief, words), ASKED, paragraph)
    yield from (Part(_mention(what, words), ASKED, paragraph) for what in words.wishes.mention)


def _bullets(brief: Brief, words: Words) -> str:
    return "\n".join(f"• {point}" for point in map(words.allowed, brief.points) if point)


def _mention(what: str, words: Words) -> str:
    """A clause stands for itself; a thing is introduced."""
    what = words.allowed(what)
    if find_urls(what):
        return what
    clause = r"(?i)^(?:we|it|they|you|i|there|that)\b|\b(?:is|are|was|will|can|has|have)\b|['’](?:s|re|ll)\b"
    if regex.search(clause, what):
        return _whole(what)
    return words.pick(phrases.MENTION, what=what) if what else ""


def _around(sheet: Sheet, opening: str, paragraph: int) -> Iterator[Part]:
    """What goes round it: a thought, for whom it is, a closing line, hashtags."""
    words = sheet.words
    lines = words.kind.sober if words.tone == "formal" else words.kind.body
    first = words.pick(lines)
    yield Part(first, BODY, paragraph)
    yield Part(words.pick(tuple(line for line in lines if line != first) or ("",)), EXTRA, paragraph)
    yield Part(_for_whom(sheet.brief, words, opening), ASIDE, paragraph)
    rank = ASKED if words.wishes.question else CLOSING
    yield Part(words.with_emoji(_closing(words), "💬", often=True), rank, paragraph)
    yield _tags(sheet, sheet.brief.said, paragraph + 1)


def _tags(sheet: Sheet, about: str, paragraph: int) -> Part:
    words = sheet.words
    return Part(words.tags(about), ASKED if words.wishes.hashtags else TAGS, paragraph)


def _for_whom(brief: Brief, words: Words, opening: str) -> str:
    if brief.audience:
        return words.pick(phrases.FOR_PEOPLE, audience=brief.audience)
    topic = words.own_topic(f"{brief.said} {opening}")
    return words.pick(phrases.FOR_WHOM, audience=topic) if topic else ""


def _closing(words: Words) -> str:
    """A question or a sentence, as asked or as the persona's samples end; nothing where no talk is called for."""
    asks = words.wishes.question
    if asks is None and not words.kind.is_talk:
        return ""
    if asks is None:
        samples = [sample.rstrip().endswith("?") for sample in words.profile.voice.samples]
        asks = sum(samples) * 2 > len(samples) if samples else words.chance("question")
    return words.pick(phrases.CLOSING_QUESTION if asks else phrases.CLOSING)


def _thread(sheet: Sheet) -> tuple[str, ...]:
    """Three to five segments: a hook, what there is to say, and what to take along."""
    brief, words = sheet.brief, sheet.words
    count = min({1: 5, 0: 4}.get(sheet.level, 3), sheet.task.rules.max_segments)
    opening = _opening(brief, words, is_news=False)
    hook = [Part(words.with_emoji(opening, "🧵"), CORE, 0), Part(words.pick(phrases.THREAD_HOOK), CLOSING, 1)]
    middle = [[Part(text, CORE, 0)] for text in _middle(brief, words)][: count - 2]
    lines = phrases.THREAD_LAST_TOPIC if brief.is_phrase else phrases.THREAD_LAST
    core = words.allowed(brief.topic) if brief.is_phrase else _whole(words.allowed(brief.topic)) or opening
    last = [Part(words.pick(lines, topic=core), CORE, 0), Part(_closing(words), CLOSING, 0)]
    last.append(_tags(sheet, brief.said, 1))
    level = max(sheet.level, 0)  # a shorter thread has fewer segments, not thinner ones
    *first, end = [hook, *middle, last]
    return *(_joined(parts, sheet, level=level) for parts in first), _joined(end, sheet, sheet.url, level)


def _middle(brief: Brief, words: Words) -> Iterator[str]:
    """The request's own material first; thoughts that fit any topic after it."""
    if bullets := _bullets(brief, words):
        yield f"{words.pick(phrases.THREAD_POINTS)}\n{bullets}".strip()
    yield from filter(None, map(words.allowed, brief.statements if brief.topic else brief.statements[1:]))
    yield from filter(None, (_mention(what, words) for what in words.wishes.mention))
    if topic := words.own_topic(brief.said):
        yield words.pick(phrases.THREAD_TOPIC, audience=topic)
    skipped = words.pick(
        phrases.THREAD_MIDDLE
    )  # one of them, so that threads differ; the order of the rest is right
    yield from (line for line in phrases.THREAD_MIDDLE if line != skipped and not words.forbids(line))


def _article(sheet: Sheet) -> Iterator[Part]:
    brief, words, source = sheet.brief, sheet.words, sheet.task.source
    found = " ".join(MARKUP.sub(" ", source.title).split()) if source else ""
    title, host = clip(found, MAX_TITLE).strip('“”" '), host_of(sheet.url) or "the web"
    if title and not words.forbids(title):
        opening = words.pick(phrases.ARTICLE, title=title)
    else:
        opening = words.pick(phrases.ARTICLE_UNNAMED, host=host)
    remark = brief.topic or next(iter(brief.statements), "")
    yield Part(words.with_emoji(opening, "📖"), CORE, 0)
    yield Part(_whole(words.allowed(remark)), ASKED, 1)
    yield from _material(brief, words, paragraph=1)
    yield Part(words.pick(phrases.ARTICLE_WHY), BODY, 1)
    yield Part(_closing(words), CLOSING, 1)
    yield _tags(sheet, f"{title} {brief.said}", 2)


def _reply(sheet: Sheet) -> Iterator[Part]:
    brief, words = read_brief(COURTESY.sub("", sheet.task.brief)), sheet.words
    author, colon, message = sheet.task.reply_to.partition(":")
    person = " ".join(MARKUP.sub(" ", author).split()) if colon and len(author) <= 40 else ""
    message = message if colon else sheet.task.reply_to
    is_trouble = phrases.TROUBLE.search(message) is not None
    opener = phrases.REPLY_QUESTION if "?" in message else phrases.REPLY_OTHER
    said = words.pick(phrases.REPLY_TROUBLE if is_trouble else opener, person=person)
    yield Part(said if person else regex.sub(r",? (?=[!.,])", "", said), CORE, 0)
    yield Part(
        words.pick(phrases.REPLY_TOPIC, topic=words.allowed(brief.topic)) if brief.topic else "", CORE, 0
    )
    yield from (Part(words.allowed(said), ASKED if n else CORE, 0) for n, said in enumerate(brief.statements))
    yield from (Part(_mention(what, words), ASKED, 0) for what in words.wishes.mention)
    yield Part(words.with_emoji(words.pick(phrases.REPLY_END), "🙂"), CLOSING, 0)
    yield Part(words.tags(brief.said) if words.wishes.hashtags else "", ASKED, 1)


def _whole(text: str) -> str:
    """As a sentence."""
    text = text.strip()
    return text and text[0].upper() + text[1:] + ("" if text[-1] in ".!?…" else ".")
