"""Reads a typed line into a command and its values. The grammar is one for all surfaces that have only text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.errors import Invalid, TroupeError
from bot.forms import Option
from bot.kinds import fitting
from bot.registry import REGISTRY, Command, Parameter, Registry

if TYPE_CHECKING:
    from bot.ports import Ports

TRIES = 20
"""Times that a word such as "on" is tried as the name of a parameter, the last ones of a line. Each look asks the
database, under the lock that writers wait for; a long text full of that word held it for ten seconds."""
_TOKEN = re.compile(
    r'"(?P<straight>(?:[^"]|"")*)"'
    r'|["“”„«»](?P<curly>[^"“”„«»]*)["“”„«»]'  # phones and Slack type curly ones
    r'|(?P<open>["“”„«»])|(?P<word>[^ \t\r\n]+)'
)
_QUOTE = re.compile(r'["“”„«»]')
_PLAIN = re.compile(r'[^\s"“”„«»]+')


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    command: Command
    values: dict[str, Any]
    """By argument name of the handler."""


def tokens(line: str) -> list[Token]:
    """Words; what stands in double quotes is one, and a quote in it is typed twice.

    Raises Invalid for a quote that is never closed, or what is no text.
    """
    must_be_text(line)
    found = []
    for match in _TOKEN.finditer(line):
        if match["open"]:
            raise Invalid("A quote is opened but not closed.", remedy='Close it with ", or leave both out.')
        word = match["word"]
        inside = (match["straight"] or "").replace('""', '"') or match["curly"] or ""
        found.append(Token(inside, True) if word is None else Token(word, False))
    return found


def quoted(text: str, names: Collection[str] = (), *, always: bool = False) -> str:
    """As it has to be typed to be one word, and none of these names: `tokens(quoted(x))` is x alone."""
    plain = not always and _PLAIN.fullmatch(text) and text.lower() not in names
    return text if plain else '"' + text.replace('"', '""') + '"'


def named(name: str, before: str) -> str:
    """A name as it has to be written after `before` to be read whole: in quotes, unless it stands in some already."""
    inside = len(_QUOTE.findall(before)) % 2
    return name.replace('"', '""') if inside else quoted(name)


def must_be_text(text: str) -> None:
    """Raises Invalid for what no database keeps: halves of characters, and the character that ends strings in C."""
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Invalid("That holds broken characters.", remedy="Type it anew, or copy it as UTF-8.") from None
    if "\x00" in text:
        raise Invalid("That holds a character that is no text.", remedy="Type it anew.")


def parse(line: str, ports: Ports, registry: Registry = REGISTRY) -> Parsed:
    """line: with or without its slash. Raises Invalid (with the usage) or NotFound."""
    said = line.strip().removeprefix("/").removeprefix("troupe ").strip()
    if not said:
        raise Invalid("There is no command in that.", remedy="Try /help.")
    must_be_text(said)
    command, length = registry.find_command(said.replace('"', " ").split() or [said])
    try:
        positional, named = _split(command, tokens(said)[length:], ports)
        return Parsed(command, _values(command, positional, named, ports))
    except TroupeError as error:
        if command.usage not in error.remedy:
            error.remedy = f"{error.remedy} Usage: {command.usage}".strip()
        raise


def _split(
    command: Command, words: Sequence[Token], ports: Ports
) -> tuple[list[Token], dict[str, list[Token]]]:
    """Parts the positional words from the named ones.

    A name counts only where its value can be read: in `/post draft @ada notes on caching on bluesky` the first
    "on" belongs to the text, because "caching" is no platform.
    """
    named = {p.name: p for p in command.parameters if p.named}
    positional: list[Token] = []
    found: dict[str, list[Token]] = {}
    current = positional
    left = Counter(word.text.lower() for word in words)
    for i, word in enumerate(words):
        name = word.text.lower()
        left[name] -= 1
        parameter = named.get(name) if not word.quoted and left[name] < TRIES else None
        if parameter and parameter.name not in found and _readable(parameter, words[i + 1 :], ports):
            current = found[parameter.name] = []
        else:
            current.append(word)
    return positional, found


def _readable(parameter: Parameter, words: Sequence[Token], ports: Ports) -> bool:
    """True if the next word is a value of it; the last word of a line is taken as one even if it is wrong,
    so that the person is told what is wrong instead of finding it in the text."""
    if not words:
        return False
    if words[0].quoted or len(words) == 1:
        return True
    for end in range(1, min(len(words), 6) + 1):
        try:
            parameter.kind.parse(" ".join(w.text for w in words[:end]), ports)
        except TroupeError:
            continue
        return True
    return False


def _values(
    command: Command, positional: list[Token], named: dict[str, list[Token]], ports: Ports
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    expected = [p for p in command.parameters if not p.named]
    for i, parameter in enumerate(expected):
        last = i == len(expected) - 1
        taken = positional if last and parameter.kind.rest else positional[:1]
        positional = positional[len(taken) :]
        values[parameter.argument] = _value(command, parameter, taken, ports)
    if positional:
        extra = " ".join(token.text for token in positional)
        raise Invalid(f"I do not know what to do with “{extra}”.", remedy=f"Usage: {command.usage}")
    for parameter in command.parameters:
        if parameter.named:
            values[parameter.argument] = _value(command, parameter, named.get(parameter.name, []), ports)
    return values


def _value(command: Command, parameter: Parameter, taken: Sequence[Token], ports: Ports) -> Any:
    text = " ".join(token.text for token in taken).strip()
    if not text:
        if parameter.required:
            raise Invalid(
                f"{parameter.name} is missing.", remedy=f"Usage: {command.usage}", field=parameter.name
            )
        return parameter.default
    try:
        return parameter.kind.parse(text, ports)
    except TroupeError as error:
        error.field = error.field or parameter.name
        raise


def complete(line: str, ports: Ports, registry: Registry = REGISTRY) -> list[Option]:
    """What may stand next: `value` is the whole line with the completion in it, `label` says what it is."""
    text = line.removeprefix("/")
    head, _, prefix = text.rpartition(" ")
    words = head.split()
    commands = [c for path, c in sorted(registry.commands.items()) if path.startswith(text.lower())]
    if commands and len(text.split()) <= 2 and text not in registry.commands:
        return [Option(f"/{c.path} ", f"{c.usage} — {c.summary}") for c in commands][:25]
    try:
        command, length = registry.find_command(words)
    except TroupeError:
        return []
    given = words[length:]
    names = {p.name: p for p in command.parameters if p.named}
    if given and given[-1].lower() in names:
        wanted = [names[given[-1].lower()]]
    else:
        wanted = [p for p in command.parameters if not p.named][len(given) : len(given) + 1]
    found = (option for p in wanted for option in fitting(p.kind.offers(ports), prefix))
    options = [Option(f"/{head} {o.value} ", o.label) for o in found]
    enough = len(given) >= sum(p.required for p in command.parameters if not p.named)
    used = {word.lower() for word in given}
    if enough:
        options += [
            Option(f"/{head} {name} ", p.usage)
            for name, p in names.items()
            if name not in used and name.startswith(prefix.lower())
        ]
    return options[:25]
