"""A line for each option of a command: what is asked for, where Slack and the console show a command's usage instead."""

from __future__ import annotations

from bot.registry import Parameter

_BY_NAME = {
    "about": "What it is about",
    "as": "As what",
    "author": "Whether whoever wrote a part of it may approve",
    "because": "Why: the persona is told",
    "bio": "Who it is",
    "brief": "What is to be done",
    "code": "One that you were told where Troupe knows you, or that came by e-mail",
    "command": "A command that you want to know more about",
    "complexity": "How hard it is, 1 to 10; estimated unless you say it",
    "criteria": "How anybody can tell that it is done, with semicolons between them",
    "escalate": "Who is told at half-time",
    "every": "How often it is handed over, such as day, 2 weeks or monday and friday",
    "expires": "After how many hours it ends undecided",
    "feedback": "What should be different",
    "hours": "Such as 22:00-07:00, in your own time zone; or off",
    "keys": "Whether API keys may decide",
    "layer": "Which layer; 1 is asked first",
    "name": "What it is called",
    "posts": "How many posts; 0 to end it",
    "priority": "How urgent it is, 1 to 10; 10 comes first",
    "quorum": "How many have to approve",
    "reason": "Why: everybody is told",
    "remind": "After how many hours people are reminded",
    "reply": "The address of the post that it answers",
    "requester": "Whether whoever asked for it may approve",
    "reviewed": "Whether a person accepts the result",
    "role": "Which role",
    "text": "The new text",
    "until": "Until when, such as tomorrow 9:00; in your own time zone",
    "veto": "Who may veto, at least",
    "wanted": "Whether you want it",
    "weeks": "How many weeks back",
    "what": "What they are told",
    "which": "Which of them",
}
_BY_WORD = {
    "@persona": "Which persona",
    "@person or rota": "Who: a name, or a rota for whoever has it",
    "@group": "Which role of this server: mention it",
    "person": "Whose name",
    "people": "Names, with commas between them",
    "post": "Which post",
    "alert": "Which alert",
    "task": "Which task: its id, or how its title begins",
    "formats": "Kinds of files, such as pdf, csv",
    "platform": "Which platform or account",
    "platform or tasks": "A platform, or tasks",
    "platforms": "Which platforms or accounts, with commas between them",
    "#channel": "Which channel",
    "#channels": "Which channels, with commas between them",
    "rota": "Which rota",
    "address": "An address of yours: of e-mail, or of the web with https:// in front",
    "severity": "Which severity, such as critical or high",
    "template": "Which template to begin with",
    "time of day": "At what time of the day, such as 09:00",
    "yyyy-mm-dd": "The first day, such as 2026-11-30",
    "time": "When, such as tomorrow 9:00; in your own time zone",
    "zone": "Which time zone, such as Europe/Berlin",
    "days": "How long, such as 7 days or 2 weeks",
    "dollars": "How much, in US dollars",
    "link": "The address of a page",
    "handle": "What is typed after an @",
}
"""By a kind's word in usage text: it says more than the name does."""


def hint(parameter: Parameter) -> str:
    known = _BY_NAME.get(parameter.name) or _BY_WORD.get(parameter.kind.word)
    return known or parameter.name.replace("-", " ").capitalize()
