"""GitHub's API through githubkit: what is read, and issues and pull requests that are opened once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import httpx

from agents.tasks.toolbox.fenced import data
from agents.tasks.toolbox.hub import Draft
from agents.tasks.tools import ToolFailed, Unsure

if TYPE_CHECKING:
    from githubkit import GitHub, Response
    from githubkit.auth import TokenAuthStrategy

TIMEOUT_S = 20.0
PAGES, PER_PAGE = 5, 100
"""How far back a look for what was opened goes."""
COMMENTS = 50
VERSION = {"X-GitHub-Api-Version": "2022-11-28"}
"""What githubkit's own calls say, too."""


@dataclass(frozen=True)
class Api:
    url: str
    token: str

    @cached_property
    def _client(self) -> GitHub[TokenAuthStrategy]:
        """No second try of its own: a request with an effect is made once. No redirects: the token stays with its server."""
        from githubkit import GitHub, TokenAuthStrategy

        return GitHub(
            TokenAuthStrategy(self.token),
            base_url=self.url,
            user_agent="Troupe",
            timeout=TIMEOUT_S,
            follow_redirects=False,
            http_cache=False,
            auto_retry=False,
            trust_env=False,
            ssl_verify=httpx.create_ssl_context(),
        )

    def read(self, repo: str, path: str, ref: str) -> str:
        if path.startswith("#"):
            return self._discussion(repo, path[1:])
        params = {"ref": ref} if ref else {}
        found = self._get(f"/repos/{repo}/contents/{quote(path.strip('/'))}", params)
        if isinstance(found, list):
            return "\n".join(f"{_entry(one)}" for one in found) or "It is empty."
        if found.get("encoding") != "base64":
            raise ToolFailed(f"{path} is no file that can be read this way.", remedy="Use github_clone.")
        return base64.b64decode(found["content"]).decode(errors="replace")

    def open(self, draft: Draft) -> str:
        owner, _, name = draft.repo.partition("/")
        body = f"{draft.body}\n\n{draft.mark}"

        def create() -> Response[Any, Any]:
            rest = self._client.rest
            if draft.head:
                return rest.pulls.create(
                    owner, name, title=draft.title, body=body, head=draft.head, base=draft.base
                )
            return rest.issues.create(owner, name, title=draft.title, body=body)

        return str(self._said(create, changes=True)["html_url"])

    def opened(self, draft: Draft, since: datetime) -> str | None:
        try:
            return next(
                (one["html_url"] for one in self._recent(draft, since) if _has(one, draft.mark)), None
            )
        except ToolFailed as error:
            raise Unsure(f"Nobody can see whether it was opened: {error}") from error

    def look(self) -> tuple[str, Sequence[str]]:
        answer = self._answer(lambda: self._client.request("GET", "/user", headers=VERSION), changes=False)
        scopes = answer.headers.get("x-oauth-scopes", "")
        return answer.json()["login"], tuple(filter(None, (scope.strip() for scope in scopes.split(","))))

    def _recent(self, draft: Draft, since: datetime) -> Iterator[Mapping[str, Any]]:
        """What was opened since then, newest first. Lists are up to date at once; GitHub's search is not."""
        kind = "pulls" if draft.head else "issues"
        for page in range(1, PAGES + 1):
            params = {"state": "all", "sort": "created", "direction": "desc"}
            found = self._get(f"/repos/{draft.repo}/{kind}", {**params, "per_page": PER_PAGE, "page": page})
            for one in found:
                if datetime.fromisoformat(one["created_at"]) < since:
                    return
                yield one
            if len(found) < PER_PAGE:
                return
        raise Unsure(
            f"More than {PAGES * PER_PAGE} were opened in {draft.repo} since; nobody can look so far back."
        )

    def _discussion(self, repo: str, number: str) -> str:
        if not number.isdecimal():
            raise ToolFailed("Name an issue or a pull request by its number, like #12.")
        issue = self._get(f"/repos/{repo}/issues/{number}", {})
        comments = self._get(f"/repos/{repo}/issues/{number}/comments", {"per_page": COMMENTS})
        parts = [f"# {issue['title']} ({issue['state']})", _said_by(issue), *map(_said_by, comments)]
        return "\n\n".join(parts)

    def _get(self, path: str, params: Mapping[str, Any]) -> Any:
        return self._said(
            lambda: self._client.request("GET", path, params=dict(params), headers=VERSION), changes=False
        )

    def _said(self, call: Callable[[], Response[Any, Any]], *, changes: bool) -> Any:
        return self._answer(call, changes=changes).json()

    def _answer(self, call: Callable[[], Response[Any, Any]], *, changes: bool) -> Response[Any, Any]:
        """changes: whether the call has an effect, so that an answer which is lost leaves a doubt."""
        from githubkit.exception import RequestError, RequestFailed

        try:
            answer = call()
        except RequestFailed as error:
            status = error.response.status_code
            if status >= 500 and changes:
                raise Unsure(f"GitHub answers {status}; it may have been done all the same.") from error
            raise ToolFailed(_refusal(status, error.response.raw_response)) from error
        except RequestError as error:
            if changes and not isinstance(error.exc, httpx.ConnectError | httpx.ConnectTimeout):
                raise Unsure("GitHub broke off before it answered.") from error
            raise ToolFailed("GitHub cannot be reached from here.", remedy="Try again later.") from error
        if answer.status_code >= 300:
            raise ToolFailed("The repository was moved or renamed.", remedy="Find its present name.")
        return answer


def _refusal(status: int, response: httpx.Response) -> str:
    if status == 401:
        return "GitHub does not accept the token that this installation has."
    if status == 404:
        return "There is no such thing on GitHub, or the token that this installation has cannot see it."
    try:
        said = response.json()
    except ValueError:
        said = {}
    details = [
        one.get("message") or f"{one.get('field')}: {one.get('code')}" for one in said.get("errors", ())
    ]
    words = "; ".join(map(str, [said.get("message", ""), *details])).strip("; ")[:300]
    return f"GitHub refuses it ({status}).\n{data('What it said', words)}"


def _has(one: Mapping[str, Any], mark: str) -> bool:
    return mark in (one.get("body") or "")


def _entry(one: Mapping[str, Any]) -> str:
    return f"{one['path']}/" if one["type"] == "dir" else f"{one['path']}  {one.get('size', 0):,} bytes"


def _said_by(one: Mapping[str, Any]) -> str:
    return f"{(one.get('user') or {}).get('login', 'somebody')} wrote:\n{one.get('body') or ''}"
