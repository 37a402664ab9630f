"""GitHub: whether the token works, whose it is and what it may do."""

from __future__ import annotations

from collections.abc import Iterator

from agents.errors import TroupeError
from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient

SET = "Make a token at https://github.com/settings/tokens, set GITHUB_TOKEN in .env, then restart."
WANTED = "repo"
"""The scope of a classic token that lets it push; fine-grained ones name none."""


def token(patient: Patient) -> Iterator[Finding]:
    hub = patient.troupe.github
    if hub is None:
        yield ok("github", "No token is set; personas do not work on GitHub", SET)
        return
    at = patient.settings.github_api_url
    try:
        login, scopes = hub.look()
    except TroupeError as error:
        yield fail(
            "github", f"{at}: {error.what}", error.remedy or "Look at GITHUB_TOKEN and GITHUB_API_URL."
        )
        return
    if scopes and WANTED not in scopes:
        yield warn(
            "github",
            f"Signed in at {at} as {login}, but the token may only {', '.join(scopes)}",
            f"Give it the scope {WANTED}, so that personas can push.",
        )
        return
    may = f", with {', '.join(scopes)}" if scopes else ""
    yield ok("github", f"Signed in at {at} as {login}{may}")


CHECKS = (token,)
