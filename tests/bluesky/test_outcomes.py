"""Whatever a server answers, a caller learns one of four things: never, later, ask a person, look first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from agents.errors import TroupeError
from agents.publishing.platform import (
    Account,
    Minted,
    OutcomeUnknown,
    PublishError,
    RateLimited,
    Rejected,
    Sent,
    SignInNeeded,
)
from agents.writing.content import Content, Segment
from integrations.bluesky.connect import connect
from integrations.bluesky.failures import CallFailed
from integrations.bluesky.outcomes import NOTHING_OUT, outcome
from integrations.bluesky.publisher import BlueskyPublisher
from integrations.http.errors import NobodyThere, NotPublic, TookTooLong, Unreachable
from tests.bluesky.cast import Album, FileVault, Scripted, clock

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ADA = Account("ada", "persona", "bluesky", "ada.test", "https://pds.example", "did:plc:ada")
PLAN = Minted(0, "3jzfcijpj2z2a", NOW)
SENT = Sent(0, "at://did:plc:ada/app.bsky.feed.post/3jzfcijpj2z2a", "bafy", "https://x")
POST = Content((Segment("Hello @bob.test"),))


def means(failed: CallFailed) -> PublishError:
    return outcome(failed, ADA, NOW, refused=NOTHING_OUT, lost="It may be out.")


@pytest.mark.parametrize(
    ("failed", "kind"),
    [
        (CallFailed("Input/record/text must not be longer", status=400, error="InvalidRequest"), Rejected),
        (CallFailed("No", status=403, error="Forbidden"), Rejected),
        (
            CallFailed("No", status=403),
            OutcomeUnknown,
        ),  # a gateway, not the server, which always names its error
        (CallFailed("HTTP status 404", status=404), OutcomeUnknown),
        # The SDK calls 409, 413 and 502 alike a NetworkError.
        (CallFailed("Conflict", status=409, error="UpstreamConflict"), Rejected),
        (CallFailed("Too large", status=413), Rejected),
        (CallFailed("Inside", sent=False, permanent=True), Rejected),
        (CallFailed("Expired", status=400, error="ExpiredToken"), SignInNeeded),
        (CallFailed("Broken", status=400, error="InvalidToken"), SignInNeeded),
        (CallFailed("Who?", status=401), SignInNeeded),
        (CallFailed("Gone", status=401, error="AccountDeactivated"), SignInNeeded),
        (CallFailed("Gone", status=400, error="AccountTakedown"), SignInNeeded),
        (CallFailed("Slow", status=408), OutcomeUnknown),
        (CallFailed("Broken", status=500), OutcomeUnknown),
        (CallFailed("Gateway", status=502), OutcomeUnknown),
        (CallFailed("Cut off"), OutcomeUnknown),
    ],
)
def test_what_a_failure_means(failed: CallFailed, kind: type[PublishError]) -> None:
    error = means(failed)
    assert type(error) is kind
    assert failed.message in str(error)
    assert (("may be out" in str(error)), (NOTHING_OUT in str(error))) == {
        OutcomeUnknown: (True, False),
        Rejected: (False, True),
        SignInNeeded: (False, False),
    }[kind]


def test_a_request_that_never_left_is_not_out() -> None:
    assert NOTHING_OUT in str(means(CallFailed("No such host", sent=False)))


@pytest.mark.parametrize(
    ("asked", "pause_s"),
    [
        ({"retry_after_s": 7.5}, 7.5),
        ({"reset_at": NOW + timedelta(minutes=5)}, 300),
        ({"retry_after_s": 1.0, "reset_at": NOW + timedelta(hours=1)}, 1),
        ({"reset_at": NOW - timedelta(minutes=5)}, 0),
        ({"reset_at": NOW + timedelta(days=4000)}, 86_400),
        ({}, 60),
    ],
)
def test_how_long_to_wait(asked: dict[str, object], pause_s: float) -> None:
    error = means(CallFailed("Rate Limit Exceeded", status=429, **asked))  # type: ignore[arg-type]
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == pause_s


class Story:
    """A publisher before a server that is told what to answer, with credentials that look good."""

    def __init__(self, folder: Path) -> None:
        self.answer: Callable[[httpx.Request], httpx.Response] = lambda _: httpx.Response(200)
        self.vault = FileVault(folder)
        self.door = Scripted(httpx.MockTransport(lambda request: self.answer(request)))
        self.publisher = BlueskyPublisher(self.vault, Album(), self.door, clock)

    def acts(self) -> list[Callable[[], object]]:
        self.vault.write(ADA.id, {"access_jwt": "a", "refresh_jwt": "b", "app_password": "c"})
        publisher = self.publisher
        return [
            lambda: publisher.send(ADA, POST, PLAN, []),
            lambda: publisher.find(ADA, PLAN),
            lambda: publisher.delete(ADA, SENT),
        ]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    return Story(tmp_path_factory.mktemp("vault"))


bodies = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"{}",
            b"[]",
            b"null",
            b'"x"',
            b"[1]",
            b'{"error":1,"message":{}}',
            b'{"error":"ExpiredToken"}',
            b'{"did":"did:plc:ada","handle":"ada.test","accessJwt":"","refreshJwt":""}',
            b'{"did":"did:plc:ada","handle":"ada.test","accessJwt":"n","refreshJwt":"","didDoc":[]}',
            b'{"uri":1,"cid":[]}',
            b'{"uri":"at://x","cid":"y","value":{"$type":"app.bsky.feed.post","text":3}}',
        ]
    ),
)
headers = st.sampled_from(
    [
        {"content-type": "application/json"},
        {"content-type": "text/html"},
        {"content-type": "application/json", "ratelimit-reset": "9" * 30},
        {"content-type": "application/json", "ratelimit-reset": "soon", "retry-after": "nan"},
        {"retry-after": "Wed, 99 Foo 2026"},
        {"retry-after": "-1"},
        {"retry-after": "inf"},
        {"location": "http://[::1", "content-type": "application/json"},
        {},
    ]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(status=st.integers(200, 599), body=bodies, headers=headers)
@example(status=429, body=b"", headers={"ratelimit-reset": "9" * 30})
@example(status=200, body=b"\xff", headers={"content-type": "application/json"})
def test_no_answer_leads_to_any_other_error(
    story: Story, status: int, body: bytes, headers: dict[str, str]
) -> None:
    story.answer = lambda _: httpx.Response(status, content=body, headers=headers)
    for act in story.acts():
        try:
            act()
        except PublishError as error:
            assert not isinstance(error, RateLimited) or 0 <= error.retry_after_s <= 86_400
    try:
        connect("https://pds.example", "ada.test", "aaaa", door=story.door)
    except TroupeError as error:
        assert error.what


@pytest.mark.parametrize(
    ("trouble", "kind", "says"),
    [
        (NotPublic("10.0.0.1 is inside."), Rejected, "Nothing of it is out|still up"),
        (NobodyThere("No such host."), OutcomeUnknown, "Nothing of it is out|is still up|Nothing was sent"),
        (TookTooLong("It took too long to answer."), OutcomeUnknown, "did not answer properly"),
        (Unreachable("Broke off."), OutcomeUnknown, "did not answer properly"),
        (httpx.RemoteProtocolError("Server disconnected"), OutcomeUnknown, "did not answer properly"),
        (httpx.ReadTimeout(""), OutcomeUnknown, "did not answer properly"),
    ],
)
def test_trouble_on_the_way(story: Story, trouble: Exception, kind: type[PublishError], says: str) -> None:
    def fail(request: httpx.Request) -> httpx.Response:
        raise trouble

    story.answer = fail
    for act in story.acts():
        with pytest.raises(kind, match=says):
            act()
    with pytest.raises(TroupeError, match=r"pds\.example"):
        connect("https://pds.example", "ada.test", "aaaa", door=story.door)
