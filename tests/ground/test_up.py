"""`up`, seen by the person who types it."""

import os
import signal
import socket
import time

import httpx
import psutil

from integrations import redis_server
from tests.ground.conftest import Up, ended, until


def test_the_whole_of_it_starts_answers_and_ends(up: Up) -> None:
    """Our own Procfile, as the newcomer starts it."""
    up.ready(TROUPE_PROCFILE="Procfile")

    link = up.lines()[-2].removeprefix("Sign in once with ")
    signed_in = httpx.get(link, follow_redirects=True)
    assert signed_in.status_code == 200
    assert str(signed_in.url).startswith(up.address)
    until(lambda: (up.home / "logs" / "writer.log").exists())
    everyone = up.everyone()

    up.signal(signal.SIGTERM)

    assert up.wait() == 0
    assert ended(*everyone)
    grave = [line for line in up.err.read_text().splitlines() if "|" in line]
    assert grave == [], "a start and a stop are nothing to warn of"


def test_it_ends_with_the_address_alone_and_a_second_one_says_where_it_runs(up: Up) -> None:
    up.ready("serve", "parent")

    assert up.lines()[-2].startswith(f"Sign in once with {up.address}/")
    second = up.run()

    assert second.returncode == 0
    assert f"running already, since {time.strftime('%Y-')}" in second.stdout
    assert second.stdout.splitlines()[-1] == up.address
    assert up.home.stat().st_mode & 0o777 == 0o700


def test_ctrl_c_ends_everything_and_says_so(up: Up) -> None:
    up.ready("serve", "parent")
    until(lambda: len(up.pids("child")) == 2)
    everyone = up.everyone()
    assert set(up.pids("child") + up.pids("parent") + up.pids("serve")) <= set(everyone)

    up.signal(signal.SIGINT)

    assert up.wait() == 0
    assert ended(*everyone)
    assert {"stopping redis", "stopping serve", "stopping parent"} <= set(up.err.read_text().splitlines())
    assert up.lines()[-1] == up.address


def test_a_second_ctrl_c_does_not_wait_for_the_stubborn(up: Up) -> None:
    up.ready("serve", "stubborn")
    until(lambda: up.pids("deaf"))

    up.signal(signal.SIGINT)
    time.sleep(0.5)
    assert up.status() is None
    began = time.monotonic()
    up.signal(signal.SIGINT)

    assert up.wait() == 0
    assert time.monotonic() - began < 5
    assert ended(*up.pids("stubborn"))


def test_a_killed_up_leaves_no_orphans_and_the_next_one_starts(up: Up) -> None:
    up.ready("serve", "parent")
    until(lambda: len(up.pids("child")) == 2)
    everyone = up.everyone()

    up.signal(signal.SIGKILL)
    up.wait()
    up.ready("serve", "parent")  # at once, at the same port, in the same home

    assert ended(*everyone)


def test_what_dies_is_started_again_and_its_children_are_not_left_behind(up: Up) -> None:
    up.ready("serve", "parent")
    until(lambda: len(up.pids("child")) == 2)
    children = up.pids("child")

    os.kill(up.pids("parent")[0], signal.SIGKILL)
    until(lambda: len(up.pids("parent")) == 2)

    assert ended(*children)
    assert "parent was ended by SIGKILL; starting it again in 0.2 s" in up.err.read_text()


def test_redis_comes_back_at_the_same_address(up: Up) -> None:
    up.ready("serve")
    redis = next(pid for pid in up.everyone() if "redis" in psutil.Process(pid).name())

    os.kill(redis, signal.SIGKILL)
    until(lambda: ended(redis))

    until(lambda: redis_server.ping(up.home))
    assert redis not in up.everyone()


def test_a_port_in_use_is_named_with_the_way_out(up: Up) -> None:
    with socket.create_server(("127.0.0.1", up.port)):
        up.start("serve")
        assert up.wait() == 1
    assert f"Port {up.port} is in use" in up.err.read_text()
    assert f"PORT={up.port + 1} ./troupe up" in up.err.read_text()
    assert up.pids("serve") == []


def test_a_process_that_cannot_live_ends_the_start_and_names_its_log(up: Up) -> None:
    up.start("broken", "parent")

    assert up.wait() == 1
    assert (
        f"broken ended 3 times while starting. Its last words are in {up.home}/logs/broken.log"
        in up.err.read_text()
    )
    assert (up.home / "logs" / "broken.log").read_text().splitlines() == ["no such module"] * 3
    assert ended(*up.pids("parent"))


def test_the_terminal_shows_what_is_grave_and_the_file_everything_without_secrets(up: Up) -> None:
    up.ready("serve", OPENAI_API_KEY="sk-do-not-show-me")
    log = up.home / "logs" / "serve.log"
    until(lambda: "toy.warning" in log.read_text())
    until(lambda: "toy.warning" in up.err.read_text())

    assert "toy.info" in log.read_text()
    assert "toy.info" not in up.err.read_text()
    assert "sk-do-not-show-me" not in log.read_text() + up.err.read_text()


def test_a_wrong_setting_stops_the_start_with_its_name(up: Up) -> None:
    refused = up.run(WORKERS="many")

    assert refused.returncode == 2
    assert refused.stderr.startswith("WORKERS cannot be used: ")
    assert not up.home.exists()
