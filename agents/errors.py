"""What a person is told when something cannot be done.

Every error says what happened (`what`), and what to do next (`remedy`). A door (chat, web, API, job) shows both;
the traceback stays in the log.
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from agents.events import Subject


class TroupeError(Exception):
    """Something a person should read: what happened, and what to do next.

    code: a stable word for programs; the API's error shape carries it.
    field: the name of the form field or command parameter that was wrong, None when it is about no single one.
    """

    code: ClassVar[str] = "error"

    def __init__(self, what: str, *, remedy: str = "", field: str | None = None) -> None:
        super().__init__(f"{what} {remedy}".strip())
        self.what = what
        self.remedy = remedy
        self.field = field


class Invalid(TroupeError):
    """A value that was given cannot be used; nothing was changed."""

    code = "invalid"


class NotFound(TroupeError):
    """Nothing has that name or id; the nearest one is offered."""

    code = "not_found"

    @classmethod
    def named(cls, noun: str, name: str, known: Iterable[str], *, field: str | None = None) -> NotFound:
        """noun: "persona"; name: as typed; known: what there is, to offer the nearest match."""
        names = sorted(set(known))
        near = get_close_matches(name.lower(), [n.lower() for n in names], n=1, cutoff=0.5)
        remedy = f"Did you mean {near[0]}?" if near else ""
        if not near and names:
            shown = ", ".join(names[:8])
            remedy = f"There is {shown}{', …' if len(names) > 8 else ''}."
        return cls(f"There is no {noun} called {name}.", remedy=remedy, field=field)


class Forbidden(TroupeError):
    """The person may not do that; the audit trail has the attempt."""

    code = "forbidden"


class Repeated(TroupeError):
    """The same request arrived a second time; what the first one did stands."""

    code = "repeated"


class NotSignedIn(TroupeError):
    """Nobody known stands behind the request."""

    code = "not_signed_in"


class Conflict(TroupeError):
    """Somebody was faster: the subject is no longer in a state that allows it. Nothing was done twice."""

    code = "conflict"


class Raced(Conflict):
    """Lost a compare-and-set. Whoever called may look again and repeat: then the rule says what is true now."""

    code = "raced"


class Stale(Conflict):
    """The button belongs to an older version of what it stands under; the new version is shown instead."""

    code = "stale"


class Halted(TroupeError):
    """Troupe was halted by a person; nothing leaves it until somebody lets it go on."""

    code = "halted"


class BudgetExhausted(TroupeError):
    """The call was not made: it would take a budget over its limit.

    owner: whose; None where nobody said.  wanted: what the call may take, in micro-dollars; 0 where nobody said.
    """

    code = "budget_exhausted"

    def __init__(self, what: str, *, remedy: str = "", owner: Subject | None = None, wanted: int = 0) -> None:
        super().__init__(what, remedy=remedy)
        self.owner, self.wanted = owner, wanted


class Broken(TroupeError):
    """A fault of ours. What was asked for was rolled back whole; the log has the traceback under the correlation id."""

    code = "broken"

    @classmethod
    def from_(cls, error: Exception, correlation: str) -> Broken:
        return cls(
            "Something went wrong on Troupe's side, and nothing was changed.",
            remedy=f"Try it again; if it stays so, the log has the rest under {correlation} ({type(error).__name__}).",
        )
