"""One thing that a member asked of the app, and how far the app has come with the answer."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.state import Message

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5


@dataclass(eq=False)
class View:
    """A modal as it was opened.  origin: the interaction that opened it."""

    body: Json
    origin: Interaction
    open: bool = True
    values: dict[str, object] = field(default_factory=dict)  # custom_id -> what was entered


@dataclass(eq=False)
class Interaction:
    """type: 2 command, 3 component, 4 autocomplete, 5 modal submit.  message: the one it came from.  origin: of a
    modal submit the interaction that opened the modal.

    callback: the type of the first response, None as long as there is none.  error: "timeout" after three seconds
    without, "undelivered" when no app was listening.  response: the message that the first response made or changed.
    """

    id: str
    token: str
    type: int
    user: str
    channel: str
    payload: Json
    message: Message | None = None
    origin: Interaction | None = None
    callback: int | None = None
    body: Json | None = None
    response: Message | None = None
    followups: list[Message] = field(default_factory=list)
    choices: list[Json] = field(default_factory=list)
    opened: View | None = None
    error: str = ""
    sent_at: float = 0.0
    acked_at: float = 0.0
    expires: float = float("inf")
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def answered(self) -> bool:
        return self.callback is not None

    @property
    def latency_s(self) -> float:
        """From sending to the arrival of the first response, as measured here; endless without one."""
        return self.acked_at - self.sent_at if self.answered else float("inf")

    @property
    def expired(self) -> bool:
        return time.monotonic() > self.expires

    def answer(self, callback: int, body: Json, at: float) -> None:
        self.callback, self.body, self.acked_at = callback, body, at

    def give_up(self) -> None:
        """The member is told that the interaction failed."""
        if not self.answered:
            self.error = self.error or "timeout"
            self.done.set()

    def wait(self, timeout_s: float = 30.0) -> Interaction:
        if not self.done.wait(timeout_s):
            raise NotPossible(f"the interaction was not settled within {timeout_s} s")
        return self
