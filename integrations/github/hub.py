"""Both in one: the adapter called "github"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from agents.tasks.toolbox.hub import Bundle, Draft, Push
from integrations.github.api import Api
from integrations.github.git import Git
from integrations.github.mirror import Mirrors


class GitHub:
    """api_url: "https://api.github.com", or a server of one's own at "https://host/api/v3".  home: where mirrors are kept."""

    def __init__(self, api_url: str, token: str, home: Path) -> None:
        self._api = Api(api_url, token)
        self._mirrors = Mirrors(home, _web(api_url), Git(urlsplit(api_url).scheme, token))

    def bundle(self, repo: str, branch: str) -> Bundle:
        return self._mirrors.bundle(repo, branch)

    def prepare(self, name: str, repo: str, branch: str, commit: str, pack: bytes) -> Push:
        return self._mirrors.prepare(name, repo, branch, commit, pack)

    def prepared(self, name: str, repo: str, branch: str) -> Push | None:
        return self._mirrors.prepared(name, repo, branch)

    def push(self, push: Push) -> None:
        self._mirrors.push(push)

    def is_there(self, push: Push) -> bool | None:
        return self._mirrors.is_there(push)

    def forget(self, task_id: str) -> None:
        self._mirrors.forget(task_id)

    def read(self, repo: str, path: str, ref: str) -> str:
        return self._api.read(repo, path, ref)

    def open(self, draft: Draft) -> str:
        return self._api.open(draft)

    def opened(self, draft: Draft, since: datetime) -> str | None:
        return self._api.opened(draft, since)

    def look(self) -> tuple[str, Sequence[str]]:
        return self._api.look()


def _web(api_url: str) -> str:
    """Where its repositories are cloned from."""
    parts = urlsplit(api_url)
    return f"{parts.scheme}://{parts.netloc.removeprefix('api.') if parts.netloc == 'api.github.com' else parts.netloc}"
