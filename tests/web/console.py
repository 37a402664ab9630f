"""The console as a process of its own, on a database that the test can reach too; and the browsers of its people."""

from __future__ import annotations

import itertools
import json
import sys
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from time import monotonic
from typing import Any

import httpx
from sqlalchemy import select
from websockets.sync.client import ClientConnection, connect

from agents.events import Subject
from agents.people import Person, Role
from agents.personas.persona import Profile
from bot import wiring
from bot.settings import ROOT, Settings, load
from bot.wiring import Troupe
from jobs.run import run
from storage import migrate
from storage.tables import JobRow
from tests.servers.processes import Process, free_port

LATEST = 2**40
"""An id that no event and no message has yet: nothing was missed."""
SOON = ("write", "publish", "take_down", "check", "answer")
"""Jobs that `drain` does."""


class Console(Process):
    """`python -m bot.web` with a team: Alice owns, Bob manages, Charlie edits, Vera looks. Ada is their persona."""

    def __init__(self, home: Path, redis_url: str) -> None:
        self.settings: Settings = load(
            _env_file=None, troupe_home=home, redis_url=redis_url, port=free_port()
        )
        self.address = self.settings.address
        self.troupe: Troupe = wiring.build(self.settings)
        self.cookie = f"troupe_{self.settings.port}"
        self._names = itertools.count(1)
        migrate.upgrade(self.settings.database_url)
        env = {
            "TROUPE_HOME": str(home),
            "REDIS_URL": redis_url,
            "PORT": str(self.settings.port),
            "LOG_FORMAT": "json",
            "PYTHONPATH": str(ROOT),
        }
        super().__init__(
            [sys.executable, "-m", "bot.web"],
            log=home / "web.log",
            ready=lambda: httpx.get(f"{self.address}/healthz").status_code == 200,
            env=env,
            cwd=home,
        )
        with self.troupe.storage.unit_of_work() as work:
            roles = {"Alice": Role.OWNER, "Bob": Role.MANAGER, "Charlie": Role.EDITOR, "Vera": Role.VIEWER}
            for name, role in roles.items():
                work.people.add(name, role, work.now, zone="Europe/Berlin")
            ada = work.personas.add(Profile(name="Ada", handle="ada"), work.now)
            work.accounts.connect(ada.id, "stage", "ada", {}, work.now)
            self.general = work.channels.add("console", "general", work.now)

    def person(self, name: str) -> Person:
        with self.troupe.storage.reading() as work:
            return work.people.by_name(name)

    def newcomer(self, role: Role = Role.EDITOR) -> Person:
        """Somebody whom no other test knows."""
        with self.troupe.storage.unit_of_work() as work:
            return work.people.add(f"Newcomer {next(self._names)}", role, work.now)

    def sign_in_link(self, name: str) -> str:
        with self.troupe.storage.unit_of_work() as work:
            return f"{self.address}/sign-in/{work.access.new_code(work.people.by_name(name).id, work.now)}"

    def session(self, name: str) -> str:
        """The token of a new one."""
        with self.troupe.storage.unit_of_work() as work:
            return work.access.open_session(work.people.by_name(name).id, work.now)

    def browser(self, name: str = "") -> httpx.Client:
        """Signed in as that person; "" for a stranger."""
        cookies = {self.cookie: self.session(name)} if name else {}
        return httpx.Client(base_url=self.address, cookies=cookies, headers={"accept": "text/html"})

    def page(self, name: str = "Alice", **watched: Any) -> Socket:
        """An open page's socket, watching #general."""
        socket = Socket(self, self.session(name))
        socket.ask(
            "watch", **{"channel": self.general.id, "cards": [], "mark": LATEST, "newest": LATEST, **watched}
        )
        return socket

    def drain(self) -> None:
        """Does what is owed now, as workers would."""
        wiring.use(self.troupe)
        soon = self.troupe.clock() + timedelta(minutes=1)
        owed = (JobRow.done_at.is_(None), JobRow.holder == "", JobRow.due_at < soon, JobRow.name.in_(SOON))
        while True:
            with self.troupe.storage.engine.begin() as connection:
                ids = [row.id for row in connection.execute(select(JobRow.id).where(*owed))]
            if not ids:
                return
            for id in ids:
                run(id)

    def draft(self, about: str = "our new release") -> Subject:
        """A draft that waits for approval, with its card in #general."""
        from bot.calls import Place
        from bot.cards import Card

        alice = self.person("Alice")
        line = f'/post draft @ada "{about}" on stage'
        card = self.troupe.dispatcher.command(line, alice, Place("console", self.general.id)).outcome
        assert isinstance(card, Card) and card.subject is not None
        self.drain()
        return card.subject

    def action(self, verb: str, post: Subject) -> str:
        """The button as the post's card shows it now."""
        with self.troupe.storage.reading() as work:
            variant = work.posts.variant(post.id)
            seen = work.approvals.get(variant.approval_id).fingerprint[:16] if variant.approval_id else ""
        return f"{verb}:{post.id}:{seen}"


class Socket:
    """A page's side of NiceGUI's socket (Engine.IO 4), spoken by hand."""

    def __init__(self, console: Console, token: str) -> None:
        address = console.address.replace("http", "ws") + "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
        headers = {"Cookie": f"{console.cookie}={token}"}
        self._stack = ExitStack()
        opened = connect(address, additional_headers=headers, open_timeout=10)
        self._socket: ClientConnection = self._stack.enter_context(opened)
        self._socket.recv()
        self._socket.send("40")
        self._socket.recv()
        self._numbers = itertools.count()
        self.pushed: list[dict[str, Any]] = []

    def ask(self, op: str, **said: Any) -> dict[str, Any]:
        """The acknowledged answer; what is pushed meanwhile is kept in `pushed`."""
        number = next(self._numbers)
        self._socket.send(f"42{number}" + json.dumps(["troupe", {"op": op, **said}]))
        while True:
            message = self._read(10)
            if message.startswith(f"43{number}["):
                answer: dict[str, Any] = json.loads(message[len(f"43{number}") :])[0]
                return answer

    def ask_all(self, questions: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All of them before any answer is read."""
        numbers = [next(self._numbers) for _ in questions]
        for number, said in zip(numbers, questions, strict=True):
            self._socket.send(f"42{number}" + json.dumps(["troupe", said]))
        heads = {f"43{number}" for number in numbers}
        answers: list[dict[str, Any]] = []
        while len(answers) < len(questions):
            head, _, rest = self._read(10).partition("[")
            if head in heads:
                answers.append(json.loads("[" + rest)[0])
        return answers

    def push(self, name: str, timeout_s: float = 5) -> dict[str, Any]:
        """The next push that holds `name`. Raises TimeoutError, or EOFError once the server closed."""
        while True:
            for i, sent in enumerate(self.pushed):
                if name in sent:
                    return self.pushed.pop(i)
            self._read(timeout_s)

    def card(self, subject: Subject, words: str) -> str:
        """The card, as soon as it says that. Raises TimeoutError."""
        while True:
            html: str = self.push("cards")["cards"].get(str(subject), "")
            if words in html:
                return html

    def item(self, words: str) -> dict[str, Any]:
        """What is pushed with a new message that says that. Raises TimeoutError."""
        while True:
            sent = self.push("items")
            if words in sent["items"]:
                return sent

    def quiet(self, *names: str, for_s: float = 0.5) -> bool:
        """Whether nothing that holds one of `names` is pushed for so long."""
        until = monotonic() + for_s
        try:
            while not any(set(sent) & set(names) for sent in self.pushed):
                self._read(until - monotonic())
        except TimeoutError:
            return True
        return False

    def close(self) -> None:
        self._stack.close()

    def _read(self, timeout_s: float) -> str:
        message = str(self._socket.recv(timeout=timeout_s))
        if message == "1":
            raise EOFError("The server closed the connection.")
        if message == "2":
            self._socket.send("3")
        elif message.startswith("42"):
            self.pushed.append(json.loads(message[2:])[1])
        return message
