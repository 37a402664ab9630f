"""Sending an e-mail with files of the workspace: to people whom the installation lets personas write to, and nobody else."""

from __future__ import annotations

import mimetypes
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Protocol, cast

from pydantic import AfterValidator, Field

from agents.oncall.reach import EMAIL, Sending, Sent
from agents.tasks.family import Family
from agents.tasks.task import Stage
from agents.tasks.toolbox.base import MAKING, Arguments, LeavingTool, adapter
from agents.tasks.toolbox.fenced import one_line, readable
from agents.tasks.toolbox.paths import FilePath
from agents.tasks.tools import Bench, ToolFailed, Unsure, Wish

FILES, TOTAL = 10, 15_000_000
"""Attachments of one mail, and their bytes together: many servers take 20 MB, of which encoding eats a third."""


@dataclass(frozen=True, slots=True)
class Attached:
    """kind: media type."""

    name: str
    kind: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """id: the same whenever it is sent again."""

    to: str
    subject: str
    text: str
    id: str
    attached: tuple[Attached, ...] = ()


class Post(Protocol):
    @property
    def sender(self) -> str: ...
    def refusal(self, address: str) -> str:
        """Why a persona may not write there, in words; "" if it may."""

    def send(self, letter: Letter, now: datetime) -> Sent: ...


def _address(text: str) -> str:
    if not EMAIL.fullmatch(text) or ".." in text:
        raise ValueError("must be one address, like max@example.com")
    name, _, host = text.rpartition("@")
    return f"{name}@{host.lower()}"


class Mail(Arguments):
    to: Annotated[str, AfterValidator(_address), Field(max_length=254, description="One address")]
    subject: Annotated[
        str, AfterValidator(one_line), Field(min_length=1, max_length=200, description="One line")
    ]
    body: Annotated[
        str, AfterValidator(readable), Field(min_length=1, max_length=30_000, description="Plain text")
    ]
    attachments: Annotated[
        tuple[FilePath, ...], Field(max_length=FILES, description="Files of the workspace")
    ] = ()


def wish(given: Mail, bench: Bench) -> Wish:
    post = _post(given, bench)
    files = _files(given, bench)
    lines = [f"From: {post.sender}", f"To: {given.to}", f"Subject: {given.subject}"]
    lines += [f"Attached: {path} ({len(data):,} bytes)" for path, data in files]
    checksums = {path: sha256(data).hexdigest() for path, data in files}
    return Wish(f"Send an e-mail to {given.to}", "\n".join([*lines, "", given.body]), checksums)


def act(given: Mail, bench: Bench, key: str) -> str:
    post = _post(given, bench)
    attached = tuple(
        Attached(path.rpartition("/")[2], _kind(path), data) for path, data in _files(given, bench)
    )
    letter = Letter(given.to, given.subject, given.body, _id(key), attached)
    sent = post.send(letter, bench.now)
    if sent.sending is Sending.SENT:
        return f"The mail server took the e-mail to {given.to}."
    if sent.sending is Sending.UNKNOWN:
        raise Unsure(f"Nobody can tell whether the e-mail to {given.to} was sent. {sent.words}")
    raise ToolFailed(f"The e-mail was not sent. {sent.words}", remedy="Try again later, or ask_person.")


def find(given: Mail, bench: Bench, key: str) -> str | None:
    raise Unsure(
        f"Troupe broke off while it sent an e-mail to {given.to}, and a mail server cannot be asked afterwards.",
        remedy=f"Ask {given.to}, or look into the mail server's log for the Message-ID {_id(key)}.",
    )


def _post(given: Mail, bench: Bench) -> Post:
    post = cast(Post, adapter("mail", bench))
    if why := post.refusal(given.to):
        raise ToolFailed(why, remedy="Ask a person to send it, or hand the file over instead.")
    return post


def _files(given: Mail, bench: Bench) -> Sequence[tuple[str, bytes]]:
    files = [(path, bench.workspace.read(path, TOTAL)) for path in dict.fromkeys(given.attachments)]
    if (total := sum(len(data) for _, data in files)) > TOTAL:
        raise ToolFailed(f"The attachments have {total:,} bytes together; {TOTAL:,} is the most.")
    return files


def _kind(path: str) -> str:
    return mimetypes.guess_type(path)[0] or "application/octet-stream"


def _id(key: str) -> str:
    """The left part of its Message-ID, by which a mail server recognises a repeat."""
    return f"task-{sha256(key.encode()).hexdigest()[:32]}"


send_email = LeavingTool(
    "send_email",
    "Send an e-mail, with files of the workspace. A person approves exactly this mail first.",
    Family.EMAIL,
    Mail,
    frozenset((*MAKING, Stage.REVIEW)),
    wish,
    act,
    find,
    needs="mail",
)

TOOLS = (send_email,)
