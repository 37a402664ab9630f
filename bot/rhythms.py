"""How often a rota is handed over, as people type it and as they read it: “every 2 weeks”, “at 09:00 and 21:00”."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING

from agents.errors import Invalid
from agents.oncall import rhythm
from agents.oncall.rhythm import LONGEST, WEEKDAYS
from bot.forms import Option
from bot.kinds import Reads
from bot.present.words import listed

if TYPE_CHECKING:
    from bot.ports import Ports

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OFTEN = re.compile(r"(?:(\d{1,3}) |(other) )?(day|week)s?", re.ASCII)
_TIME = re.compile(r"(\d{1,2}):(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Every:
    """freq: DAILY or WEEKLY.  weekdays: of WEEKDAYS, none for that of the first hand-over."""

    freq: str = "DAILY"
    interval: int = 1
    weekdays: tuple[str, ...] = ()

    def rule(self, times: tuple[time, ...]) -> str:
        return rhythm.rule(self.freq, self.interval, self.weekdays, times if len(times) > 1 else ())

    def first(self, today: date) -> date:
        """Of a rota that nobody says a first day for: today, or this week's Monday, so that it runs at once."""
        return today if self.freq == "DAILY" else today - timedelta(days=today.weekday())


def read_every(text: str, _: Ports | None = None) -> Every:
    words = " ".join(text.lower().replace(",", " and ").split()).removeprefix("every ")
    if words == "weekday":
        return Every("WEEKLY", 1, WEEKDAYS[:5])
    if found := _OFTEN.fullmatch(words):
        number = 2 if found[2] else int(found[1] or 1)
        if not 1 <= number <= LONGEST:
            raise Invalid(f"{number} is no number from 1 to {LONGEST}.", remedy=rhythm.REMEDY, field="every")
        return Every("DAILY" if found[3] == "day" else "WEEKLY", number)
    days = [word for word in words.split() if word != "and"]
    codes = [code for day in days for code in WEEKDAYS if _is_day(day, code)]
    if not days or len(codes) != len(days):
        raise Invalid(f"{text[:60]} is no rhythm.", remedy=rhythm.REMEDY, field="every")
    return Every("WEEKLY", 1, tuple(dict.fromkeys(codes)))


def _is_day(word: str, code: str) -> bool:
    """ "mon", "monday", "mondays"."""
    name = DAYS[WEEKDAYS.index(code)].lower()
    return len(word) >= 3 and f"{name}s".startswith(word)


def read_times(text: str, _: Ports | None = None) -> tuple[time, ...]:
    """In the order of the day, each once."""
    found = [_TIME.fullmatch(word) for word in text.replace(",", " ").split() if word.lower() != "and"]
    times = [(int(one[1]), int(one[2])) for one in found if one]
    if not found or len(times) != len(found) or any(h > 23 or m > 59 for h, m in times):
        raise Invalid(
            f"{text[:60]} is no time of day.", remedy="Write it like 09:00, or 09:00 and 21:00.", field="at"
        )
    return tuple(sorted({time(hour, minute) for hour, minute in times}))


def read_day(text: str, _: Ports | None = None) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid(f"{text[:60]} is no day.", remedy="Write it like 2026-11-30.", field="from") from None


def every_of(rule: str) -> Every:
    given = rhythm.parts(rule)
    return Every(given["FREQ"], int(given.get("INTERVAL", "1")), rhythm.weekdays(rule))


def every_in_words(every: Every, starts: datetime) -> str:
    """ "every day", "every 2 weeks on Monday and Friday". Read back, it is the same unless several weeks meet named days."""
    unit = "day" if every.freq == "DAILY" else "week"
    often = f"every {unit}" if every.interval == 1 else f"every {every.interval} {unit}s"
    days = [DAYS[WEEKDAYS.index(code)] for code in every.weekdays]
    if not days:
        return often if unit == "day" else f"{often} on {DAYS[starts.weekday()]}"
    return f"every {listed(days)}" if every.interval == 1 else f"{often} on {listed(days)}"


def times_in_words(rule: str, starts: datetime) -> str:
    return listed([f"{one:%H:%M}" for one in rhythm.times(rule, starts)])


EVERY: Reads[Every] = Reads(
    "day|week|n days|weekdays",
    read_every,
    lambda _: [Option(word, word) for word in ("day", "week", '"2 weeks"', "weekday", '"monday and friday"')],
    rest=True,
)
TIMES: Reads[tuple[time, ...]] = Reads(
    "time of day",
    read_times,
    lambda _: [Option("09:00", "09:00"), Option('"09:00 and 21:00"', "twice a day")],
    rest=True,
)
DAY: Reads[date] = Reads("yyyy-mm-dd", read_day)
