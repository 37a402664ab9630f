import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.settings import ROOT, Settings, WrongSetting, example, load


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment in which nothing is set."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def settings(**given: object) -> Settings:
    return load(_env_file=None, **given)


def test_nothing_needs_to_be_set() -> None:
    bare = settings()

    assert bare.troupe_home == ROOT / "var"
    assert bare.address == bare.link_base == "http://127.0.0.1:8420"
    assert bare.database_url == f"sqlite:///{ROOT}/var/troupe.db"
    assert bare.brings_redis
    assert bare.redis_url == f"unix://{ROOT}/var/redis.sock"
    assert bare.secrets() == []


def test_database_and_redis_move_with_the_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TROUPE_HOME", str(tmp_path))

    assert settings().database_url == f"sqlite:///{tmp_path}/troupe.db"
    assert str(tmp_path) in settings().redis_url


def test_the_environment_goes_before_the_file_and_empty_means_unset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / ".env").write_text("PORT=9000\nWORKERS=3\nOPENAI_API_KEY=\nSOMEBODY_ELSES=1\n")
    monkeypatch.setenv("PORT", "9001")
    monkeypatch.setenv("WORKERS", "")

    read = load(_env_file=tmp_path / ".env")

    assert (read.port, read.workers, read.openai_api_key) == (9001, 3, None)


def test_the_home_of_the_person_is_not_our_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")

    assert settings().troupe_home == ROOT / "var"


@pytest.mark.parametrize(
    ("given", "dialect"),
    [
        ("postgres://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg://u:p@h/d"),
        ("sqlite:////tmp/x.db", "sqlite:////tmp/x.db"),
    ],
)
def test_a_database_is_named_as_its_ecosystem_names_it(given: str, dialect: str) -> None:
    assert settings(database_url=given).database_url == dialect


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://127.0.0.1:8420"),  # noqa: S104
        ("::", "http://[::1]:8420"),
        ("example.org", "http://example.org:8420"),
    ],
)
def test_the_address_is_one_that_can_be_opened(host: str, address: str) -> None:
    assert settings(host=host).address == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "99999"),
        ("PORT", "http"),
        ("WORKERS", "0"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("DATABASE_URL", "mysql://hunter2@host/db"),
        ("REDIS_URL", "localhost:6379"),
        ("PUBLIC_URL", "troupe.example.com"),
        ("OPENAI_BASE_URL", "ftp://hunter2"),
        ("DISCORD_GATEWAY_URL", "https://gateway"),
        ("SLACK_BOT_TOKEN", "hunter2"),
        ("SLACK_APP_TOKEN", "hunter2"),
        ("TROUPE_SECRET_KEYS", "hunter2"),
    ],
)
def test_a_wrong_value_is_refused_by_name_with_the_remedy_and_without_the_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    with pytest.raises(WrongSetting) as refused:
        settings()

    said = str(refused.value)
    assert said.startswith(f"{name} cannot be used: ")
    assert Settings.model_fields[name.lower()].description in said  # type: ignore[operator]  # each has one, see below
    assert "hunter2" not in said
    assert len(said.splitlines()) == 1


def test_every_wrong_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "0")
    monkeypatch.setenv("WORKERS", "0")

    with pytest.raises(WrongSetting) as refused:
        settings()

    assert [line.split()[0] for line in str(refused.value).splitlines()] == ["PORT", "WORKERS"]


def test_secrets_are_known_and_never_printed() -> None:
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    full = settings(
        troupe_secret_keys=",".join(keys),
        openai_api_key="sk-one",
        slack_bot_token="xoxb-two",
        database_url="postgresql://troupe:th%40ree@localhost/troupe",
        redis_url="redis://:four@localhost",
    )

    assert set(full.secrets()) == {*keys, "sk-one", "xoxb-two", "th%40ree", "th@ree", "four"}
    assert not any(secret in f"{full} {full!r}" for secret in full.secrets())


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings().port = 1  # type: ignore[misc]  # mypy knows, too


def test_the_example_file_is_what_the_code_says() -> None:
    assert (ROOT / ".env.example").read_text() == example(), (
        "write it anew: python -m bot.settings > .env.example"
    )
    assert all(field.description for field in Settings.model_fields.values())


def test_the_example_file_is_right_when_it_is_uncommented(tmp_path: Path) -> None:
    lines = [
        line[1:] for line in example().splitlines() if line.startswith("#") and not line.startswith("# ")
    ]
    keys = f"TROUPE_SECRET_KEYS={Fernet.generate_key().decode()}"
    (tmp_path / ".env").write_text("\n".join([*lines, keys]))

    assert load(_env_file=tmp_path / ".env").port == 8420
    assert [line.split("=")[0].lower() for line in lines] == list(Settings.model_fields)


def test_a_process_with_a_wrong_setting_ends_with_status_2() -> None:
    door = [sys.executable, "-c", "from bot.settings import load_or_exit; load_or_exit()"]
    refused = subprocess.run(door, env={"PORT": "x"}, cwd=ROOT, capture_output=True, text=True, check=False)

    assert refused.returncode == 2
    assert refused.stderr.startswith("PORT cannot be used: ")
    assert "Traceback" not in refused.stderr
