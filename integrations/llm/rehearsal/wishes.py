"""What people ask for in a few plain words ("shorter, no hashtags, mention the price"), as far as patterns can tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import regex

from agents.personas.persona import Habit

Tone = str
"""warm, formal, bold or plain."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """None and empty mean: nothing was said about it, so the persona's own habits count."""

    length: int = 0
    """Below 0 for shorter, above for longer; one for each time it was asked."""
    emoji: Habit | None = None
    hashtags: Habit | None = None
    tone: Tone | None = None
    question: bool | None = None
    """Whether it ends in a question."""
    mention: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    instead: tuple[tuple[str, str], ...] = ()
    """What is written, and what is to stand there instead."""
    unread: tuple[str, ...] = ()
    """What no pattern understood."""


NO_WISHES = Wishes()

TONES: dict[str, Tone] = {
    r"friendl\w*|warm\w*|kind\w*|casual|relaxed|playful|fun(?:nier|ny)?|cheerful|personal|human|welcoming|empath\w*"
    r"|humorous|chatty|approachable": "warm",
    r"formal|professional|serious|sober|business\w*|precise|academic|polite|measured|corporate": "formal",
    r"bold\w*|punch\w*|excit\w*|energetic|enthusiastic|provocative|confident|lively|livelier|stronger": "bold",
    r"plain\w*|neutral|calm\w*|factual|dry|simpler|simple|matter-of-fact|less (?:hype|salesy|marketing)": "plain",
}
QUOTED = r"[\"“”'‘’]"
PAIR = rf"{QUOTED}?(?P<old>[^\"“”]+?){QUOTED}? (?:with|by|to) {QUOTED}?(?P<new>[^\"“”]+?){QUOTED}?"
TAGS = r"hash ?tags?|tags?"
EMOJI = r"emojis?|emoticons?|smileys?"
NO = r"(?:no|without|remove|drop|delete|lose|skip|leave out|take out|cut|avoid|don'?t use|do not use|fewer)"
SOME = r"(?:with|more|add|use|include|some|a few|put in)"
ANY = r"(?: (?:any|all|the|those|these|some|more|an?|few|many))*"

Read = Callable[[Wishes, regex.Match[str]], Wishes]


def _patterns() -> Iterator[tuple[regex.Pattern[str], Read]]:
    """In the order in which they are tried; each takes its words out of the text."""

    def pattern(text: str, read: Read) -> tuple[regex.Pattern[str], Read]:
        return regex.compile(text, regex.IGNORECASE), read

    yield pattern(
        rf"\b(?:replace|change|rename) {PAIR}(?=$|[.;!])",
        lambda w, m: replace(w, instead=(*w.instead, (m["old"].strip(), m["new"].strip()))),
    )
    yield pattern(
        rf"\b(?:say|write|use) {QUOTED}?(?P<new>[^\"“”]+?){QUOTED}? instead of {QUOTED}?(?P<old>[^\"“”]+?){QUOTED}?(?=$|[.;!,])",
        lambda w, m: replace(w, instead=(*w.instead, (m["old"].strip(), m["new"].strip()))),
    )
    both = rf"(?:{TAGS}|{EMOJI})"
    yield pattern(rf"\b{NO}{ANY} {both} (?:and|or|nor|&) {ANY.strip()} ?{both}\b", _no_decoration)
    yield pattern(rf"\b{SOME}{ANY} {both} (?:and|&) {ANY.strip()} ?{both}\b", _much_decoration)
    yield pattern(rf"\b{NO}{ANY} (?:{TAGS})\b", lambda w, m: replace(w, hashtags=Habit.NEVER))
    yield pattern(rf"\b{NO}{ANY} (?:{EMOJI})\b", lambda w, m: replace(w, emoji=Habit.NEVER))
    yield pattern(rf"\b{SOME}{ANY} (?:{TAGS})\b", lambda w, m: replace(w, hashtags=Habit.OFTEN))
    yield pattern(rf"\b{SOME}{ANY} (?:{EMOJI})\b", lambda w, m: replace(w, emoji=Habit.OFTEN))
    yield pattern(
        r"\b(?:no|without a|drop the|remove the) questions?\b", lambda w, m: replace(w, question=False)
    )
    yield pattern(
        r"\b(?:end|close|finish)\w* (?:it )?(?:with|on|in) a question\b|\b(?:ask|add) (?:them )?a question\b",
        lambda w, m: replace(w, question=True),
    )
    longer = r"longer|more (?:detail\w*|context|depth|words|text)|expand(?: \w+)?|elaborate|too short"
    yield pattern(rf"\b(?:{longer})\b", lambda w, m: replace(w, length=max(w.length, 0) + 1))
    shorter = r"(?:much |even |a bit |a little )?(?:shorter|briefer|tighter)|shorten(?: \w+)?|too long|trim(?: \w+)?"
    short = rf"{shorter}|(?:keep it|make it|be) (?:very )?(?:short|brief|concise)|more concise|condense(?: \w+)?|in one sentence"
    yield pattern(rf"\b(?:{short})\b", lambda w, m: replace(w, length=min(w.length, 0) - 1))
    for words, tone in TONES.items():
        yield pattern(
            rf"\b(?:make (?:it|this) |be |sound |keep it |in a )?(?:much |a bit |a little |slightly )?(?:more |less stiff, )?"
            rf"(?:{words})(?: (?:tone|voice|language))?\b(?! (?:release|launch|user|team|people|reminder|event))",
            _toned(tone),
        )
    rest = rf"{QUOTED}?(?P<what>[^.;!?\n]+?){QUOTED}?(?=$|[.;!?\n]|,? (?:and|but) (?:then |also )?(?:{NO}|mention|make|add)\b)"
    yield pattern(
        rf"\b(?:do not|don'?t|never|stop) (?:mention|say|name|talk about|include|use|repeat|bring up)(?:ing)? (?:that |the word )?{rest}",
        lambda w, m: replace(w, leave_out=(*w.leave_out, *_thing(m["what"]))),
    )
    yield pattern(
        rf"\b(?:leave out|take out|remove|drop|cut|delete|without)(?: the (?:part|bit|sentence|words?) (?:about|on|with))? {rest}",
        lambda w, m: replace(w, leave_out=(*w.leave_out, *_thing(m["what"]))),
    )
    yield pattern(
        rf"\b(?:please )?(?:also )?(?:mention|include|add|say|note|point out|bring in|talk about|name|stress|emphasi[sz]e)"
        rf"(?: (?:that|also|something about|a (?:word|line|sentence|note) (?:about|on|that)))? {rest}",
        lambda w, m: replace(w, mention=(*w.mention, *_thing(m["what"]))),
    )


def _toned(tone: Tone) -> Read:
    return lambda wishes, _: replace(wishes, tone=tone)


def _thing(text: str) -> tuple[str, ...]:
    """What is to be mentioned or left out; nothing where only a place in the text is pointed at."""
    text = regex.sub(r"(?i)[\s,]+(?:and|but|then|please)$", "", text.strip()).strip("\"“”'‘’ ,")
    place = regex.fullmatch(
        r"(?i)(?:the )?(?:(?:first|last|second|whole|other) )?(?:sentence|line|paragraph|part|it|that|this)",
        text,
    )
    return () if place or not text else (text,)


def _much_decoration(wishes: Wishes, match: regex.Match[str]) -> Wishes:
    return replace(wishes, hashtags=Habit.OFTEN, emoji=Habit.OFTEN)


def _no_decoration(wishes: Wishes, match: regex.Match[str]) -> Wishes:
    return replace(wishes, hashtags=Habit.NEVER, emoji=Habit.NEVER)


PATTERNS = tuple(_patterns())
FILLER = regex.compile(
    r"(?i)\b(?:please|pls|thanks?|thank you|and|but|also|it|this|that|make|be|a|an|bit|little|the|with|too|again|more"
    r"|much|very|more|now|then|just|can you|could you|i|we|would|like|should|need|needs|is|post|text|tone|use)\b|[\W_]"
)


def read_wishes(feedback: Sequence[str]) -> Wishes:
    """All feedback, oldest first; where two disagree, the later one counts."""
    wishes = NO_WISHES
    for said in feedback:
        wishes, rest = take_wishes(said, wishes)
        if len(FILLER.sub("", rest)) > 2:
            wishes = replace(wishes, unread=(*wishes.unread, " ".join(said.split())))
    return wishes


def take_wishes(text: str, wishes: Wishes) -> tuple[Wishes, str]:
    """What the text wishes on top of `wishes`, and the text without those words."""
    for pattern, read in PATTERNS:
        while match := pattern.search(text):
            before, wishes = wishes, read(wishes, match)
            if wishes == before and "what" in match.groupdict():
                break
            text = text[: match.start()] + " " + text[match.end() :]
    return wishes, text.strip()
