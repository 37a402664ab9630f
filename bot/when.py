"""Reads a time that somebody typed, in that person's own zone: a moment to come, or a sentence about what to type."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from agents.clock import zones
from agents.errors import Invalid

EXAMPLES = "tomorrow 9:00, next monday 14:30, in 2 hours, 21:15 or 3 april 9:00"
LONGEST = 60
"""Characters: no time that people write is longer, and what reads words is not asked to read a novel."""

_IN = re.compile(
    r"in (?:(\d{1,4}|an?) ?(?:h|hours?|hrs?))?(?: and)? ?(?:(\d{1,5}|an?) ?(?:m|mins?|minutes?))?", re.ASCII
)
_IN_DAYS = re.compile(r"in [a-z0-9]{1,9} (?:days?|weeks?)")
_CLOCK = re.compile(
    r"(?:\bat )?(?<![\d:.+-])(?:(\d{1,2}):(\d{2})(?::00)? ?([ap]m)?|(\d{1,2}) ?([ap]m)|(noon))(?![\w:.])",
    re.ASCII,
)
_OFFSET = re.compile(r"(?<=:\d\d) ?([+-]\d\d:?\d\d)$", re.ASCII)
_ZONE = re.compile(r"(?<![a-z])(utc|gmt|z|[a-z_]+(?:/[a-z0-9_+-]+){1,2})$")
_NUMBERS = re.compile(r"(\d{1,2})([./-])(\d{1,2})(?:\2(\d{2}|\d{4}))?", re.ASCII)
_WEEKDAY = re.compile(r"(next |this )?(mon|tue|wed|thu|fri|sat|sun)(?:s|nes|rs|ur)?(?:day)?")
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NEAR = {"today": 0, "tomorrow": 1, "day after tomorrow": 2}


def read(text: str, now: datetime, zone: str) -> datetime:
    """The moment, aware, in UTC, after `now`.

    now: aware.  zone: the IANA name that the text is meant in, unless it ends with one of its own, UTC or an offset.
    Raises Invalid for what has passed, can be read in two ways, does not exist or cannot be read.
    """
    typed = " ".join(text.split())
    if len(typed) > LONGEST:
        raise _unreadable(f"{typed[:LONGEST]}…")
    words, home = _own_zone(typed.lower(), ZoneInfo(zone))
    try:
        moment = _from_now(words, now) or _one_of(_wall(words, typed, now.astimezone(home)), home)
        if moment <= now:
            raise Invalid(
                f"{_told(moment, home)} has passed: it is {_told(now, home)} now ({home}).",
                remedy=f"Give a time to come: {EXAMPLES}.",
            )
    except OverflowError:  # the first and the last day that a calendar of Python's has
        raise _unreadable(typed) from None
    return moment


def instants(wall: datetime, zone: tzinfo) -> list[datetime]:
    """Every moment (UTC, in order) at which clocks in `zone` show `wall`: one; two in the hour that is repeated when
    they are set back; none in the hour that is skipped when they are set forward."""
    both = {wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(m for m in both if m.astimezone(zone).replace(tzinfo=None, fold=0) == wall)


def _own_zone(words: str, home: tzinfo) -> tuple[str, tzinfo]:
    """The words without the zone they end with, and the zone they are meant in."""
    if offset := _OFFSET.search(words):
        try:
            return words[: offset.start()], datetime.strptime(offset[1], "%z").tzinfo or home
        except ValueError:
            raise Invalid(f"There is no time zone {offset[1]}.", remedy="Write it like +02:00.") from None
    found = _ZONE.search(words)
    if found is None:
        return words, home
    rest = words[: found.start()].rstrip()
    if found[1] in ("utc", "gmt", "z"):
        return rest, UTC
    known = {zone.lower(): zone for zone in zones()}
    if found[1] not in known:
        raise Invalid(
            f"There is no time zone {found[1]}.", remedy="Write UTC, +02:00 or a name such as Europe/Berlin."
        )
    return rest, ZoneInfo(known[found[1]])


def _from_now(words: str, now: datetime) -> datetime | None:
    """Hours and minutes count real time, whatever the clocks on the wall do meanwhile."""
    found = _IN.fullmatch(words)
    if found is None or not (found[1] or found[2]):
        return None
    hours, minutes = (1 if n in ("a", "an") else int(n or 0) for n in found.groups())
    return now.astimezone(UTC) + timedelta(hours=hours, minutes=minutes)


def _one_of(wall: datetime, zone: tzinfo) -> datetime:
    """The one moment that the clock on the wall means."""
    moments = instants(wall, zone)
    if len(moments) == 1:
        return moments[0]
    offers = moments or sorted(wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    what = "comes twice" if moments else "does not exist"
    raise Invalid(
        f"{wall:%Y-%m-%d %H:%M} {what} in {zone}: clocks are changed in that hour.",
        remedy="Write " + " or ".join(m.astimezone(zone).isoformat(timespec="minutes") for m in offers) + ".",
    )


def _wall(words: str, typed: str, now: datetime) -> datetime:
    """What the clock on the wall will show.  now: in the zone that is meant."""
    if (iso := _iso(words)) is not None:
        return iso
    if _IN_DAYS.fullmatch(words):
        clock, day = now.time().replace(second=0, microsecond=0), words
    elif found := _CLOCK.search(words):
        clock = _clock(found, typed)
        day = " ".join(f"{words[: found.start()]} {words[found.end() :]}".replace(",", " ").split())
    else:
        raise Invalid(f"“{typed}” does not say at what time of day.", remedy=f"Write it like {EXAMPLES}.")
    return datetime.combine(_day(day.removeprefix("on "), clock, now, typed), clock)


def _iso(words: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(words) if len(words) > len("2027-04-03") else None
    except ValueError:
        return None
    return moment if moment is None or moment.tzinfo is None else None


def _clock(found: re.Match[str], typed: str) -> time:
    hour, minute, half, whole_hour, whole_half, noon = found.groups()
    if noon:
        return time(12)
    number, half = int(hour or whole_hour), half or whole_half
    if number > (12 if half else 23) or int(minute or 0) > 59 or (half and number == 0):
        raise Invalid(f"“{typed}” holds no time of day.", remedy=f"Write it like {EXAMPLES}.")
    return time(number % 12 + (12 if half == "pm" else 0) if half else number, int(minute or 0))


def _day(words: str, clock: time, now: datetime, typed: str) -> date:
    """The day that the words mean.  words: what is left without the time of day, perhaps nothing."""
    today = now.date()
    passed = clock <= now.time()
    if not words:
        return today + timedelta(days=passed)
    if words in _NEAR:
        return today + timedelta(days=_NEAR[words])
    if weekday := _WEEKDAY.fullmatch(words):
        ahead = (_WEEKDAYS.index(weekday[2]) - today.weekday()) % 7
        return today + timedelta(days=ahead or (7 if passed or weekday[1] == "next " else 0))
    if numbers := _NUMBERS.fullmatch(words):
        return _numeric(numbers, clock, now, typed)
    return _in_words(words, now, typed)


def _numeric(found: re.Match[str], clock: time, now: datetime, typed: str) -> date:
    """25/12/2027: which is the day and which the month is known only where one of them cannot be a month."""
    first, second, year = int(found[1]), int(found[3]), found[4]
    if year is not None and len(year) == 2:
        raise Invalid(
            f"“{typed}” can be read in several ways.",
            remedy=f"Write the year in full and first: 20{year}-MM-DD.",
        )
    orders = {(first, second), (second, first)}
    days = sorted(d for month, day in orders if (d := _coming(year, month, day, clock, now)) is not None)
    if len(days) > 1:
        raise Invalid(
            f"“{typed}” can be read in two ways.",
            remedy=f"Write {days[0]} or {days[1]}: year, month, day.",
        )
    if not days:
        raise _unreadable(typed)
    return days[0]


def _coming(year: str | None, month: int, day: int, clock: time, now: datetime) -> date | None:
    try:
        if year is not None:
            return date(int(year), month, day)
        this = date(now.year, month, day)
        return this if (this, clock) > (now.date(), now.time()) else date(now.year + 1, month, day)
    except ValueError:
        return None


def _in_words(words: str, now: datetime, typed: str) -> date:
    import dateparser  # with its tables 0.5 s: only for whoever types a date in words

    found = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "RELATIVE_BASE": now.replace(tzinfo=None),
            "PREFER_DATES_FROM": "future",
            "REQUIRE_PARTS": ["day"],
        },
    )
    if found is None or found.tzinfo is not None or _CLOCK.search(words):
        raise _unreadable(typed)
    return found.date()


def _told(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _unreadable(typed: str) -> Invalid:
    return Invalid(
        f"I cannot read “{typed}” as a time.",
        remedy=f"Write it like {EXAMPLES}; it is meant in your own time zone, unless UTC or +02:00 stands at its end.",
    )
