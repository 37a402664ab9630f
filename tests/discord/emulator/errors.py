"""What Discord answers when it refuses, and what a person cannot do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.slack.emulator.errors import NotPossible

Json = dict[str, Any]
Path = tuple[str | int, ...]

# Discord's JSON error codes, with their HTTP status.  docs.discord.com/developers/topics/opcodes-and-status-codes
KNOWN: Mapping[int, tuple[int, str]] = {
    0: (401, "401: Unauthorized"),
    10003: (404, "Unknown Channel"),
    10004: (404, "Unknown Guild"),
    10007: (404, "Unknown Member"),
    10008: (404, "Unknown Message"),
    10011: (404, "Unknown Role"),
    10013: (404, "Unknown User"),
    10014: (404, "Unknown Emoji"),
    10015: (404, "Unknown Webhook"),
    10062: (404, "Unknown interaction"),
    10063: (404, "Unknown application command"),
    10066: (404, "Unknown application command permissions"),
    20001: (403, "Bots cannot use this endpoint"),
    30007: (400, "Maximum number of webhooks reached (15)"),
    30032: (400, "Maximum number of application commands reached (100)"),
    30034: (400, "Max number of daily application command creates has been reached (200)"),
    40005: (413, "Request entity too large"),
    40060: (400, "Interaction has already been acknowledged."),
    50001: (403, "Missing Access"),
    50005: (403, "Cannot edit a message authored by another user"),
    50006: (400, "Cannot send an empty message"),
    50007: (403, "Cannot send messages to this user"),
    50013: (403, "Missing Permissions"),
    50024: (400, "Cannot execute action on this channel type"),
    50027: (401, "Invalid Webhook Token"),
    50035: (400, "Invalid Form Body"),
    50083: (400, "Thread is archived"),
    50109: (400, "The request body contains invalid JSON."),
    160004: (400, "A thread has already been created for this message"),
    160005: (403, "Thread is locked"),
}


@dataclass(frozen=True)
class Problem:
    """One thing wrong with a body.  path: where, () for the body itself.  code: Discord's name for it."""

    path: Path
    code: str
    message: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path)) or 'body'}: {self.message}"


class Refused(Exception):
    """A call that Discord refuses.  code: its JSON code; status and message come with it."""

    def __init__(self, code: int, problems: Iterable[Problem] = ()) -> None:
        self.code, self.problems = code, tuple(problems)
        self.status, self.message = KNOWN[code]
        super().__init__(" ".join([str(code), self.message, *map(str, self.problems)]))

    def body(self) -> Json:
        body: Json = {"message": self.message, "code": self.code}
        return body | ({"errors": tree(self.problems)} if self.problems else {})


def tree(problems: Iterable[Problem]) -> Json:
    """Discord's error tree: keys down to where it is wrong, there a list under `_errors`."""
    root: Json = {}
    for problem in problems:
        here = root
        for key in problem.path:
            here = here.setdefault(str(key), {})
        here.setdefault("_errors", []).append({"code": problem.code, "message": problem.message})
    return root


def invalid(*problems: Problem) -> Refused:
    return Refused(50035, problems)


__all__ = ["Json", "NotPossible", "Path", "Problem", "Refused", "invalid", "tree"]
