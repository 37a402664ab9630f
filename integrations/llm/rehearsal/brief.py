"""What a request is about, once "write a short post about" and the like are off: a topic, or statements to make."""

from __future__ import annotations

from dataclasses import dataclass

import regex

from agents.writing.wording import LINK
from integrations.llm.rehearsal.wishes import NO_WISHES, Wishes, take_wishes


@dataclass(frozen=True, slots=True)
class Brief:
    """topic: fits after "about"; "" when the request is a statement.  statements: whole sentences, ready to stand.

    points: what the request lists, each without its comma.  wishes: how it is to be written.
    """

    topic: str = ""
    statements: tuple[str, ...] = ()
    points: tuple[str, ...] = ()
    audience: str = ""
    wishes: Wishes = NO_WISHES
    said: str = ""
    """The whole request in one line, for choosing words by it."""

    @property
    def is_phrase(self) -> bool:
        """True if the topic reads well in the middle of a sentence: "about our release", not "about maintenance window"."""
        return DETERMINED.match(self.topic) is not None

    @property
    def is_question(self) -> bool:
        """True for "why it matters": it follows an "about", never a colon."""
        return ASKING.match(self.topic) is not None


KIND = (
    r"post|thread|tweet|skeet|announcement|note|update|message|reply|answer|article|something|few words|words|line"
    r"|teaser|reminder|piece|text"
)
LEAD_IN = regex.compile(
    r"(?i)^(?:(?:hey|hi|hello|ok|okay|please|pls|kindly|can you|could you|would you|will you|i want you to|i'd like you to|we need|i need|let's)[, ]+)*"
    r"(?:(?:write|draft|make|create|compose|prepare|do|post|publish|share|send|put out|give us|give me)\b"
    r"(?: me| us)?(?: up)?)?"
    rf"(?:\s*(?:a|an|the|another|one|some)\b)?(?:\s+[\w-]+){{0,3}}?\s*\b(?:{KIND})s?\b"
    r"(?:\s+for (?P<audience>(?!the launch)[\w &-]{2,40}?)(?=\s+(?:about|on|announcing|saying|that|to|explaining)\b))?"
    r"(?:\s+(?:about|on|regarding|announcing|saying|that says|which says|telling (?:people|everyone)|introducing"
    r"|explaining|celebrating|to (?:announce|say|tell people|tell everyone|explain|introduce|celebrate|promote)|for|in which you say))?"
    r"(?:\s+that\b)?\s*[:,]?\s+"
)
VERB_IN = regex.compile(
    r"(?i)^(?:(?:hey|hi|ok|okay|please|pls|can you|could you|would you)[, ]+)*"
    r"(?:announce|mention|explain|celebrate|introduce|promote|present|advertise|cover|write|post|tweet|talk|draft|publish|share"
    r"|(?:tell|remind|inform|show)(?: (?:people|everyone|everybody|them|folks|our \w+|the \w+|him|her))"
    r"|let (?:people|everyone|everybody|them|folks|our \w+|the \w+) know|say|answer|reply|respond|state)"
    r"(?: (?:about|on|of))?(?: that)?\s*[:,]?\s+"
)
ACT = regex.compile(
    r"(?i)^(thank|congratulate|welcome|invite|ask|encourage|apologi[sz]e|wish|honou?r)\b(?! you)"
)
THIS = regex.compile(
    r"(?i)^(?:this|it|that|the)(?: (?:article|link|post|page|piece|one|read))?(?:\s*[,:–—-]+\s*|\s*$)"
)
COURTESY = regex.compile(
    r"(?i)^(?:please )?(?:apologi[sz]e|thank|greet)(?: to)?(?: (?:him|her|them|everyone))?(?: for [^,.]+?)?"
    r"(?:,? and (?:then )?|[.,] ?|$)"
)
POINT_TO = regex.compile(r"(?i)^(?:and )?(?:point|send|refer|direct) (?:him|her|them|people|everyone)? ?to ")
SENTENCE_END = regex.compile(r"(?<=[.!?…])[\"”’)]?\s+(?=[\p{Lu}\p{N}\"“#@])|\n+")
FINITE = regex.compile(  # verbs whose form is no noun too: "iOS support" and "two launches" are topics
    r"(?i)\b(?:is|are|was|were|am|isn't|aren't|has|have|had|will|won't|can|can't|could|should|would|must|does|do|did|don't"
    r"|gets|got|goes|went|comes|came|makes|made|brings|brought|takes|took|started|opens|opened|closes|closed|shipped"
    r"|launched|released|supports|supported|worked|needed|won|ran|joins|joined|becomes|became|helped|means|meant|begins"
    r"|began|ended|moved|arrives|arrived|landed|reached|passed|says|said|showed|adds|added|wants)\b"
    r"|(?:we|you|they|i|it|he|she|that|there|who)['’](?:re|ve|m|ll|s|d)\b"
)
ASKING = regex.compile(r"(?i)^(?:why|how|what|when|where|which|who|whether)\b")
NOUNISH = regex.compile(rf"{ASKING.pattern}|^(?:the|our|a|an|my|this)?\s*\w+ (?:who|that|which) ")
PRONOUN = regex.compile(
    r"(?i)^(?:we|you|they|i|it|he|she|there|everyone|everybody|nobody|today|tomorrow|from|starting|yes|no|sure|soon"
    r"|happy|merry|good (?:morning|evening|night)|congratulations|congrats|welcome|thanks?)\b"
)
LEADS_TO = regex.compile(
    rf"(?i)(?:\b(?:links?|url|see|(?:read )?more|more at|here|source|via|at)\b\s*:?\s*)?{LINK.pattern}"
)
CODE = regex.compile(r"\w[(=;{]\S|^[^\p{L}\p{N}\p{Extended_Pictographic}&–—-]+$")
"""A word that is none: f(x), a=b, ";;;"."""
MARKUP = regex.compile(r"<[^<>]{0,200}>|[<>{}\[\]|\\^~`*_]+|[\p{Cc}\p{Cf}]")
DETERMINED = regex.compile(
    r"(?i)^(?:the|our|a|an|my|this|these|those|your|their|its|why|how|what|when|where|which|who|some|all)\b|^\w+ing\b"
    r"|(?-i:^\p{Lu})"
)
SMALL = regex.compile(
    r"^(?:The|Our|A|An|My|This|These|Those|Your|Their|Why|How|What|When|Where|Which|Who|Some|New)\b"
)


def read_brief(text: str) -> Brief:
    """Never fails: what cannot be understood is taken as a topic, and what is no language at all leaves it empty."""
    words = MARKUP.sub(" ", LEADS_TO.sub(" ", text)).split()
    flat = " ".join(word for word in words if not CODE.search(word)).strip(" \"“”'‘’–—-,")
    wishes, told = NO_WISHES, list[str]()
    for sentence in filter(None, map(str.strip, SENTENCE_END.split(flat))):
        wishes, rest = _own_wishes(sentence, wishes, first=not told)
        if len(regex.findall(r"\p{L}", rest)) >= 2:
            told.append(rest)
    if not told:
        return Brief(wishes=wishes, said=flat)
    opening, audience = _bare(told[0])
    if opening.lower().strip(" .!?") in ("", "something", "anything", "whatever"):
        opening = told.pop(1) if len(told) > 1 else ""
    statements = [_sentence(said) for said in told[1:]]
    head, points = _listed(opening)
    if _is_statement(head):
        return Brief("", (_sentence(_act(head)), *statements), points, audience, wishes, flat)
    return Brief(_topic(head), tuple(statements), points, audience, wishes, flat)


def _own_wishes(sentence: str, wishes: Wishes, *, first: bool) -> tuple[Wishes, str]:
    """Wishes stand in sentences of their own, or as an aside at the end of the first one ("…, without hashtags")."""
    aside = regex.search(
        r"(?i)[,;]? ?\b(?:with|without|and|but)?\s?(?:no |any |some |a few )*(?:hash ?tags|emojis?)\b.*$|[,;] (?:keep it |and )?"
        r"(?:short|brief|friendly|formal|casual|punchy|funny|shorter)\b.*$",
        sentence,
    )
    if first:
        if aside is None:
            return wishes, sentence
        return take_wishes(aside[0], wishes)[0], sentence[: aside.start()].strip(" ,;")
    taken, rest = take_wishes(sentence, wishes)
    return (taken, "") if taken != wishes and len(rest) < len(sentence) / 2 else (wishes, sentence)


def _bare(text: str) -> tuple[str, str]:
    """The request without its lead-in, and for whom it is."""
    match = LEAD_IN.match(text) or VERB_IN.match(text)
    if match is None:
        return text, ""
    audience = match.groupdict().get("audience") or ""
    rest = THIS.sub("", text[match.end() :].strip().rstrip("?"))  # "Can you share this article: …?"
    return rest, " ".join(audience.split())


def _listed(text: str) -> tuple[str, tuple[str, ...]]:
    """ "our release: dark mode, faster search and more" → head and points; without a colon there are none."""
    head, colon, rest = text.partition(": ")
    if not colon or not 2 <= len(head.split()) <= 12:
        return text, ()
    parts = [part.strip(" .") for part in regex.split(r"[,;]\s+(?:and )?|\s+and\s+", rest)]
    points = tuple(part for part in parts if part)
    return (head, points) if len(points) > 1 else (text, ())


def _is_statement(text: str) -> bool:
    if ACT.match(text) or POINT_TO.match(text):
        return True
    if NOUNISH.match(text) and not text.rstrip().endswith("?"):
        return False
    return bool(PRONOUN.match(text) or FINITE.search(text)) and len(text.split()) > 1


def _act(text: str) -> str:
    """A request to do something with words, done: "thank the team" → "We want to thank the team"."""
    if match := POINT_TO.match(text):
        return f"Have a look at {text[match.end() :]}"
    return f"we want to {text[0].lower()}{text[1:]}" if ACT.match(text) else text


def _sentence(text: str) -> str:
    text = text.strip(" ,;:")
    first = text.split(maxsplit=1)[0]
    text = text if any(map(str.isupper, first[1:])) else text[0].upper() + text[1:]  # iOS stays iOS
    return text if text[-1] in ".!?…" else text + "."


def _topic(text: str) -> str:
    text = text.strip(" .,;:!–—-").replace(": ", " – ")  # a line of ours may bring a colon along
    return text[0].lower() + text[1:] if SMALL.match(text) else text
