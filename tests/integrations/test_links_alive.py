"""Dead, alive, or not for us to say."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from time import sleep

import pytest

from integrations.http.door import Door
from integrations.http.resolve import Resolved
from integrations.links.alive import Life, check
from tests.integrations.town import Heard, Town, redirect, reply


def answering(**by_method: str) -> Callable[[Heard], bytes]:
    return lambda heard: reply(b"" if heard.method == "HEAD" else b"page", status=by_method[heard.method])


@pytest.mark.parametrize(
    ("head", "get", "life"),
    [
        ("200 OK", "-", Life.ALIVE),
        ("204 No Content", "-", Life.ALIVE),
        ("404 Not Found", "404 Not Found", Life.DEAD),
        ("410 Gone", "410 Gone", Life.DEAD),
        ("404 Not Found", "200 OK", Life.ALIVE),
        ("405 Method Not Allowed", "200 OK", Life.ALIVE),
        ("405 Method Not Allowed", "404 Not Found", Life.DEAD),
        ("403 Forbidden", "403 Forbidden", Life.UNSURE),
        ("401 Unauthorized", "401 Unauthorized", Life.UNSURE),
        ("429 Too Many Requests", "429 Too Many Requests", Life.UNSURE),
        ("999 Request denied", "999 Request denied", Life.UNSURE),
        ("500 Internal Server Error", "500 Internal Server Error", Life.UNSURE),
        ("503 Service Unavailable", "200 OK", Life.ALIVE),
    ],
)
def test_what_a_server_says(town: Town, head: str, get: str, life: Life) -> None:
    server = town.serve("shop.test", answering(HEAD=head, GET=get))
    found = check("http://shop.test/", Door(town))
    assert found.life is life
    assert (found.reason == "") is (life is Life.ALIVE)
    assert [heard.method for heard in server.heard] == (["HEAD"] if get == "-" else ["HEAD", "GET"])


def test_the_reason_is_a_sentence(town: Town) -> None:
    town.pages("shop.test")
    assert check("http://shop.test/", Door(town)).reason == "It answers 404 Not Found."


def test_redirects_are_followed_to_their_end(town: Town) -> None:
    town.pages("old.test", index=redirect("http://new.test/"))
    town.pages("new.test", index=reply(b"here"))
    assert check("http://old.test/", Door(town)).life is Life.ALIVE


def test_a_server_that_hangs_up_on_head_is_asked_again(town: Town) -> None:
    town.serve("shop.test", lambda heard: b"" if heard.method == "HEAD" else reply(b"page"))
    assert check("http://shop.test/", Door(town)).life is Life.ALIVE


def test_nobody_there_is_dead(town: Town) -> None:
    town.serve("closed.test").close()
    for url in ("http://typo.test/", "http://closed.test/"):
        assert check(url, Door(town)).life is Life.DEAD


def test_what_only_we_could_open_is_dead_for_readers(town: Town) -> None:
    town.others["intranet.test"] = ["10.0.0.8"]
    found = check("http://intranet.test/", Door(town))
    assert found.life is Life.DEAD
    assert "inside this machine's network" in found.reason


def test_what_we_do_not_ask_is_not_called_dead(town: Town) -> None:
    for url in ("http://shop.test:8080/", "http://ada:pw@shop.test/", "nonsense"):
        assert check(url, Door(town)).life is Life.UNSURE
    assert town.asked == []


def test_slow_is_not_dead(town: Town) -> None:
    server = town.serve("slow.test", script=lambda _stream, _heard: sleep(0.5))
    assert check("http://slow.test/", Door(town), timeout_s=0.2).life is Life.UNSURE
    assert len(server.heard) == 1


def test_without_a_network_no_link_is_called_dead() -> None:
    class Offline:
        def resolve(self, host: str, port: int) -> Sequence[Resolved]:
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    assert check("http://shop.test/", Door(Offline())).life is Life.UNSURE


def test_going_in_circles_is_not_dead(town: Town) -> None:
    town.pages("maze.test", index=redirect("/"))
    assert check("http://maze.test/", Door(town)).life is Life.UNSURE
