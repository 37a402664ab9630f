"""How Slack reaches the app: sockets that come and go, envelopes that come again, signed requests."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from aiohttp import web as http
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.bolt import bolt
from tests.slack.emulator import Emulator, Patience

Body = dict[str, Any]


class Ears:
    """What an app heard.  deaf: how many commands and events it lets pass without an acknowledgement."""

    def __init__(self, deaf: int = 0) -> None:
        self.deaf = deaf
        self.texts: list[str] = []
        self.events: list[str] = []

    def declare(self, app: AsyncApp) -> None:
        @app.middleware
        async def heard(body: Body, next: Any) -> None:
            if "event_id" in body:
                self.events.append(body["event_id"])
            self.texts.append(body.get("event", body).get("text", ""))
            if self.deaf > 0:
                self.deaf -= 1
                await asyncio.sleep(1.0)
            await next()

        @app.command("/post")
        async def post(ack: AsyncAck) -> None:
            await ack("fine")

        @app.event("message")
        @app.event("tokens_revoked")
        async def message() -> None:
            pass


def test_hello_and_an_acknowledgement_with_words(slack: Emulator) -> None:
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    with bolt(slack, Ears().declare):
        answer = alice.types("/post x", in_=general)
        assert answer.ok
        assert alice.told("fine", in_=general).only_for == alice.id
        assert answer.sent is not None
        assert 0 < answer.sent.latency_s < 1


def test_an_event_comes_again_until_it_is_acknowledged_and_a_command_does_not(slack: Emulator) -> None:
    slack.patience.ack_s = 0.3
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    ears = Ears(deaf=2)
    with bolt(slack, ears.declare):
        alice.says("hello", in_=general)
        sent = slack.deliveries("message")[0].wait()
        assert (sent.attempts, sent.acknowledged) == (3, True)
        assert ears.events == [sent.payload["event_id"]] * 3
        ears.deaf = 1
        answer = alice.types("/post x", in_=general)
        assert (answer.ok, answer.error) == (False, "operation_timeout")
        assert answer.sent is not None
        assert answer.sent.attempts == 1


@pytest.mark.parametrize("way", ["drop", "disconnect", "restart"])
def test_the_real_client_comes_back_and_nothing_is_lost(slack: Emulator, way: str) -> None:
    slack.patience.retries_s = (0.0, 1.0, 2.0, 4.0)
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    ears = Ears()
    with bolt(slack, ears.declare) as app:
        opened = slack.sockets.opened
        getattr(slack, way)()
        alice.says("in between", in_=general)
        slack.until(lambda: slack.sockets.opened > opened and slack.connections == 1, 20)
        slack.until(lambda: "in between" in ears.texts, 20)
        assert app.web("chat.postMessage", channel=general.id, text="still here")["ok"]
        assert [message.text for message in general.messages] == ["in between", "still here"]


def test_connections_can_be_refused_for_a_while(slack: Emulator) -> None:
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    with bolt(slack, Ears().declare):
        slack.refuses_connections(for_s=1.0)
        slack.drop()
        slack.until(lambda: slack.connections == 0)
        assert alice.types("/post x", in_=general).error == "dispatch_failed"
        slack.until(lambda: slack.connections == 1, 20)
        assert alice.types("/post x", in_=general).ok


def test_an_envelope_goes_to_one_of_several_connections(slack: Emulator) -> None:
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    one, two = Ears(), Ears()
    with bolt(slack, one.declare), bolt(slack, two.declare):
        slack.until(lambda: slack.connections == 2)
        for number in range(4):
            assert alice.types(f"/post {number}", in_=general).ok
        assert sorted(one.texts + two.texts) == ["0", "1", "2", "3"]
        assert len(one.texts) == 2


def test_a_revoked_token_is_announced_and_then_refused(slack: Emulator) -> None:
    with bolt(slack, Ears().declare) as app:
        sent = slack.revoke()
        assert sent is not None
        assert sent.wait().acknowledged
        assert sent.payload["event"]["type"] == "tokens_revoked"
        with pytest.raises(Exception, match="invalid_auth"):
            app.web("auth.test")


@contextmanager
def served(ears: Ears) -> Iterator[Emulator]:
    """A real Bolt app behind signed HTTP."""
    loop, port = asyncio.new_event_loop(), _free_port()
    patience = Patience(ack_s=2.0, retries_s=(0.0, 0.1))
    slack = Emulator(request_url=f"http://127.0.0.1:{port}/slack/events", patience=patience)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def start() -> http.AppRunner:
        client = AsyncWebClient(token=slack.bot_token, base_url=slack.url)
        app = AsyncApp(client=client, signing_secret=slack.signing_secret, process_before_response=True)
        ears.declare(app)
        runner = http.AppRunner(app.web_app("/slack/events"))
        await runner.setup()
        await http.TCPSite(runner, "127.0.0.1", port).start()
        return runner

    with slack.running():
        runner = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
        yield slack
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def test_signed_requests() -> None:
    ears = Ears()
    with served(ears) as slack:
        alice = slack.user("alice")
        general = slack.channel("general", members=[alice])
        assert slack.verifies_url()
        assert alice.types("/post x", in_=general).ok
        assert alice.told("fine", in_=general)
        alice.says("hello", in_=general)
        assert slack.deliveries("message")[0].wait().acknowledged
        heard = list(ears.texts)
        for how in ("bad", "unsigned", "old", "future"):
            slack.signs(how)
            answer = alice.types("/post forged", in_=general)
            assert not answer.ok
            assert answer.sent is not None
            assert answer.sent.reply is not None
            assert answer.sent.reply.status == 401
        assert ears.texts == heard, "nothing of a forged request is worked"
        slack.signs("good")
        again = alice.types("/post again", in_=general)
        assert again.sent is not None
        assert slack.replay(again.sent).ok, "inside the window Slack's signature alone does not stop a replay"
        assert ears.texts.count("again") == 2


def test_an_http_event_comes_again_with_its_number_and_reason() -> None:
    ears = Ears(deaf=1)
    with served(ears) as slack:
        slack.patience.ack_s = 0.3
        alice = slack.user("alice")
        alice.says("hello", in_=slack.channel("general", members=[alice]))
        sent = slack.deliveries("message")[0].wait()
        assert (sent.attempts, sent.acknowledged) == (2, True)
        assert sent.headers["X-Slack-Retry-Num"] == "1"
        assert sent.headers["X-Slack-Retry-Reason"] == "http_timeout"


def test_what_is_in_the_workspace_outlives_a_restart(slack: Emulator) -> None:
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    said = alice.says("before", in_=general)
    url = slack.url
    slack.restart(down_s=0.1)
    assert slack.url == url
    assert slack.message(general.id, said.ts) is said
    assert time.time() - float(said.ts) < 60
