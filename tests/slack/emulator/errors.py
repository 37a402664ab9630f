"""What Slack answers when it refuses, and what a person cannot do."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


class Refused(Exception):
    """A Web API call that Slack refuses.  error: Slack's own name of it.  more: further keys of the body."""

    def __init__(self, error: str, status: int = 200, messages: Sequence[str] = (), **more: Any) -> None:
        super().__init__(f"{error} {' '.join(messages)}".strip())
        self.error = error
        self.status = status
        self.messages = list(messages)
        self.more = more

    def body(self) -> Json:
        body: Json = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            body["response_metadata"] = {"messages": [f"[ERROR] {message}" for message in self.messages]}
        return body


class NotPossible(AssertionError):
    """What a person in Slack cannot do: no such button, an archived channel, a command in a thread."""
