import os
import signal
from pathlib import Path

import pytest
import redis

from integrations import redis_server
from tests.ground.conftest import ended, until


def test_it_answers_redis_py_keeps_nothing_and_is_gone_afterwards(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as url, redis.Redis.from_url(url) as client:
        assert client.set("key", "value")
        assert client.get("key") == b"value"
        pid = int(client.info("server")["process_id"])
        assert client.config_get("save") == {"save": ""}

    assert ended(pid)
    assert not redis_server.ping(tmp_path)
    assert [path.name for path in tmp_path.iterdir() if path.suffix in (".rdb", ".aof")] == []


def test_it_listens_on_its_socket_only_and_for_us_only(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as url, redis.Redis.from_url(url) as client:
        assert client.config_get("port") == {"port": "0"}
        assert redis_server.socket_path(tmp_path).stat().st_mode & 0o077 == 0


def test_a_home_too_deep_for_a_socket_still_has_one_address(tmp_path: Path) -> None:
    home = tmp_path / ("deep" * 40)
    home.mkdir()

    assert len(os.fsencode(redis_server.socket_path(home))) <= redis_server.MAX_SOCKET_PATH
    assert redis_server.url(home) == redis_server.url(home)
    assert redis_server.url(home) != redis_server.url(tmp_path / ("deep" * 41))
    with redis_server.running(home) as url, redis.Redis.from_url(url) as client:
        assert client.ping()
    redis_server.socket_path(home).parent.rmdir()


def test_a_killed_one_comes_back_at_the_same_address(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as url, redis.Redis.from_url(url) as client:
        pid = int(client.info("server")["process_id"])
        os.kill(pid, signal.SIGKILL)
        until(lambda: not redis_server.ping(tmp_path))
    with redis_server.running(tmp_path) as again, redis.Redis.from_url(again) as client:
        assert again == url
        assert int(client.info("server")["process_id"]) != pid


def test_one_left_over_by_a_killed_run_is_ended(tmp_path: Path) -> None:
    with redis_server.running(tmp_path) as url, redis.Redis.from_url(url) as client:
        pid = int(client.info("server")["process_id"])

        redis_server.stop_leftover(tmp_path)

        until(lambda: ended(pid))
        assert not redis_server.ping(tmp_path)
    redis_server.stop_leftover(tmp_path)  # and nothing to end is no error


def test_one_that_cannot_start_says_why(tmp_path: Path) -> None:
    (tmp_path / "redis.sock").mkdir()  # where the socket should be

    with (
        pytest.raises(redis_server.RedisFailed, match=r"did not start\. It said: .*\w"),
        redis_server.running(tmp_path),
    ):
        pass


def test_a_machine_without_redis_is_told_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr("sys.path", [])  # nor is there a wheel

    with pytest.raises(redis_server.RedisFailed, match="Install it: apt-get install redis-server"):
        redis_server.find()
