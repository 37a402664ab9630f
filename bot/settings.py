"""What an installation may set, read once at the door of each process and passed on.

A field's name in capitals is its variable, in the environment or in `.env`; the environment goes first. A field's
description is its line in `.env.example`, and what a person reads when the value is of no use.
`python -m bot.settings > .env.example` writes that file anew; a test compares them.
"""

import base64
import re
import sys
from decimal import Decimal
from email.utils import parseaddr
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from agents.oncall.reach import EMAIL
from integrations import redis_server
from integrations.mail_server import Server

ROOT = Path(__file__).resolve().parent.parent


class WrongSetting(ValueError):
    """A value that stops the start. Its text names the variable, what is wrong with it and what it should be."""


def _address(*schemes: str) -> AfterValidator:
    def check(value: str) -> str:
        if urlsplit(value).scheme not in schemes or not urlsplit(value).netloc:
            raise ValueError(f"it should start with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value.rstrip("/")

    return AfterValidator(check)


def _database(value: str) -> str:
    """The dialect names of Heroku and of libpq mean the driver we bring."""
    dialect, colon, rest = value.partition("://")
    if dialect in ("postgres", "postgresql"):
        dialect = "postgresql+psycopg"
    if not colon or dialect not in ("sqlite", "postgresql+psycopg"):
        raise ValueError("it should start with sqlite:/// or postgresql://")
    return f"{dialect}://{rest}"


def _redis(value: str) -> str:
    if urlsplit(value).scheme not in ("redis", "rediss", "unix"):
        raise ValueError("it should start with redis://, rediss:// or unix://")
    return value


def _fernet_keys(value: SecretStr) -> SecretStr:
    for key in value.get_secret_value().split(","):
        try:
            size = len(base64.urlsafe_b64decode(key.strip()))
        except ValueError:
            size = 0
        if size != 32:
            raise ValueError("each key should be 32 bytes in URL-safe base64")
    return value


def _starts(*prefixes: str) -> AfterValidator:
    def check(value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(prefixes):
            raise ValueError(f"it should start with {' or '.join(prefixes)}")
        return value

    return AfterValidator(check)


def _mail_server(value: str) -> str:
    Server.parse(value)
    return value


def _sender(value: str) -> str:
    if not EMAIL.fullmatch(parseaddr(value)[1]) or not value.isprintable():
        raise ValueError("it should look like troupe@example.com or Troupe <troupe@example.com>")
    return value


def _domains(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    found = tuple(name.strip().lower() for name in names if name.strip())
    if not all(EMAIL.fullmatch(f"a@{name}") for name in found):
        raise ValueError("it should be names like example.com, with commas")
    return found


def _packages(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    found = tuple(name.strip() for name in names if name.strip())
    if not all(re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name) for name in found):
        raise ValueError("it should be names of packages, with commas")
    return found


def _repos(value: Any) -> tuple[str, ...]:
    names = value.split(",") if isinstance(value, str) else value
    found = tuple(name.strip() for name in names if name.strip())
    if not all(re.fullmatch(r"[A-Za-z0-9_-]+/[A-Za-z0-9._-]+", name) for name in found):
        raise ValueError("it should be repositories like owner/name, with commas")
    return found


def _safe_for_secrets(value: str) -> str:
    """A token is sent there: in the clear to this machine alone."""
    parts = urlsplit(value)
    if parts.scheme != "https" and parts.hostname not in ("127.0.0.1", "::1", "localhost"):
        raise ValueError("it should start with https://")
    return value


Http = Annotated[str, _address("http", "https")]
WebSocket = Annotated[str, _address("ws", "wss")]


class Settings(BaseSettings):
    """Every setting. A missing key turns its feature off; a wrong value stops the start (see `load`)."""

    model_config = SettingsConfigDict(
        env_file=ROOT / ".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    troupe_home: Annotated[Path, AfterValidator(lambda path: ROOT / path.expanduser())] = Field(
        ROOT / "var",
        description="The folder of everything that is kept: database, keys, logs. Counted from the project's folder.",
        examples=["var"],
    )
    host: str = Field(
        "127.0.0.1", description="The address the console listens on. 0.0.0.0 opens it to the network."
    )
    port: int = Field(8420, ge=1, le=65535, description="The console's port, from 1 to 65535.")
    public_url: Http | None = Field(
        None,
        description="The address people reach the console by, when it is not http://HOST:PORT; used in links.",
        examples=["https://troupe.example.com"],
    )
    database_url: Annotated[str, AfterValidator(_database)] = Field(
        default_factory=lambda before: f"sqlite:///{before['troupe_home']}/troupe.db",
        description="The database: SQLite in TROUPE_HOME unless set.",
        examples=["postgresql://troupe:password@localhost/troupe"],
        repr=False,
    )
    redis_url: Annotated[str, AfterValidator(_redis)] = Field(
        default_factory=lambda before: redis_server.url(before["troupe_home"]),
        description="The Redis: one of our own, started by `up`, unless set.",
        examples=["redis://localhost:6379/0"],
        repr=False,
    )
    workers: int = Field(2, ge=1, le=64, description="How many `worker` processes `up` starts, from 1 to 64.")
    agents: int = Field(
        2,
        ge=1,
        le=64,
        description="How many `agent` processes `up` starts: as many tasks are worked on at once. 1 to 64.",
    )
    troupe_secret_keys: Annotated[SecretStr, AfterValidator(_fernet_keys)] | None = Field(
        None,
        description="Fernet keys for stored credentials, newest first, with commas. One is made in TROUPE_HOME unless set.",
        examples=["a-new-key=,an-old-key="],
    )
    openai_api_key: SecretStr | None = Field(
        None, description="The key of OpenAI, or of what answers at OPENAI_BASE_URL.", examples=["sk-..."]
    )
    openai_base_url: Http = Field(
        "https://api.openai.com/v1",
        description="Any server that speaks OpenAI's protocol: Azure, Ollama, vLLM.",
    )
    openai_model: str = Field("gpt-5-mini", description="The model personas write with.")
    openrouter_api_key: SecretStr | None = Field(
        None,
        description="The key of OpenRouter, asked when the first provider fails.",
        examples=["sk-or-..."],
    )
    team_monthly_budget_usd: Decimal | None = Field(
        None,
        ge=0,
        le=1_000_000,
        description="What all personas together may spend on models in a month, in dollars; no limit unless set.",
        examples=["50"],
    )
    task_retention_days: int = Field(
        30,
        ge=1,
        le=3650,
        description="How many days a finished task's workspace is kept, from 1 to 3650; its files stay.",
    )
    task_packages: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_packages)] = Field(
        (),
        description="Packages that may be installed for a task when it was approved, with commas, beside the well-known ones.",
        examples=["pymc,geopy"],
    )
    task_package_index: str = Field(
        "",
        description="Where they come from: the address of an index, or a folder of wheels that all may read; PyPI unless set.",
        examples=["/srv/wheels"],
        repr=False,
    )
    slack_bot_token: Annotated[SecretStr, _starts("xoxb-")] | None = Field(
        None,
        description="Slack's bot token. Slack joins when this is set, and SLACK_APP_TOKEN or (over HTTP) SLACK_SIGNING_SECRET.",
        examples=["xoxb-..."],
    )
    slack_app_token: Annotated[SecretStr, _starts("xapp-")] | None = Field(
        None, description="Slack's app-level token, for Socket Mode.", examples=["xapp-..."]
    )
    slack_signing_secret: SecretStr | None = Field(
        None, description="Slack's signing secret, for requests over HTTP.", examples=["..."]
    )
    slack_mode: Literal["socket", "http"] = Field(
        "socket",
        description="How Slack reaches us: socket (Socket Mode, no public address) or http (signed requests).",
    )
    slack_http_port: int = Field(
        8421, ge=1, le=65535, description="The port on HOST for Slack's signed requests, from 1 to 65535."
    )
    slack_api_url: Http = Field("https://slack.com/api", description="Where Slack's API answers.")
    discord_token: SecretStr | None = Field(
        None, description="Discord's bot token. Discord joins when it is set.", examples=["..."]
    )
    discord_api_url: Http = Field("https://discord.com/api/v10", description="Where Discord's API answers.")
    discord_gateway_url: WebSocket = Field(
        "wss://gateway.discord.gg", description="Where Discord's gateway answers."
    )
    smtp_url: Annotated[str, AfterValidator(_mail_server)] | None = Field(
        None,
        description="The mail server through which people on call are reached: smtps:// (TLS), or smtp:// (STARTTLS, required but on loopback).",
        examples=["smtps://troupe:password@mail.example.com:465"],
        repr=False,
    )
    smtp_from: Annotated[str, AfterValidator(_sender)] | None = Field(
        None,
        description="Whom mails come from; both it and SMTP_URL have to be set.",
        examples=["Troupe <troupe@example.com>"],
    )
    task_email_domains: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_domains)] = Field(
        (),
        description="Domains to whose addresses personas may send e-mail when it was approved, with commas. People who gave Troupe their own address may be written to anyway.",
        examples=["example.com,example.org"],
    )
    github_token: SecretStr | None = Field(
        None,
        description="GitHub's token, with which personas clone, push, open issues and pull requests. It needs Contents, Issues and Pull requests.",
        examples=["github_pat_..."],
    )
    github_api_url: Annotated[Http, AfterValidator(_safe_for_secrets)] = Field(
        "https://api.github.com",
        description="Where GitHub's API answers; a server of your own is https://HOST/api/v3.",
    )
    github_repos: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_repos)] = Field(
        (),
        description="Repositories that personas may clone and read unasked, with commas. They may read those that a task's people name anyway; for any other they ask.",
        examples=["example/app,example/site"],
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="The least level that is logged: DEBUG, INFO, WARNING or ERROR."
    )
    log_format: Literal["auto", "console", "json"] = Field(
        "auto", description="How logs look: console, json, or auto (console at a terminal, json elsewhere)."
    )
    heartbeat_url: Annotated[SecretStr, _starts("https://", "http://")] | None = Field(
        None,
        description="An address outside that is asked for every minute while Troupe lives, and tells you when it is not.",
        examples=["https://hc-ping.com/your-uuid"],
    )
    troupe_procfile: Annotated[Path, AfterValidator(lambda path: ROOT / path.expanduser())] = Field(
        ROOT / "Procfile", description="The list of processes that `up` starts.", examples=["Procfile"]
    )

    @property
    def address(self) -> str:
        """Where the console answers on this machine, without a slash at the end."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104  "all" is no place to go to
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def link_base(self) -> str:
        """What links for people begin with, without a slash at the end."""
        return self.public_url or self.address

    @property
    def slack_misses(self) -> str:
        """The setting without which Slack does not join, "" when it does."""
        if self.slack_bot_token is None:
            return "SLACK_BOT_TOKEN"
        if self.slack_mode == "http":
            return "" if self.slack_signing_secret else "SLACK_SIGNING_SECRET"
        return "" if self.slack_app_token else "SLACK_APP_TOKEN"

    @property
    def slack_joins(self) -> bool:
        return not self.slack_misses

    @property
    def discord_misses(self) -> str:
        """The same for Discord."""
        return "" if self.discord_token else "DISCORD_TOKEN"

    @property
    def discord_joins(self) -> bool:
        return not self.discord_misses

    @property
    def mail_misses(self) -> str:
        """The setting without which nobody is reached by e-mail, "" when people are."""
        if self.smtp_url is None:
            return "SMTP_URL"
        return "" if self.smtp_from else "SMTP_FROM"

    @property
    def brings_redis(self) -> bool:
        """Whether the Redis is the one that `up` starts."""
        return self.redis_url == redis_server.url(self.troupe_home)

    def secrets(self) -> list[str]:
        """Every value that must never be shown, passwords inside addresses included."""
        fields = [value for _, value in self if isinstance(value, SecretStr)]
        keys = [part.strip() for field in fields for part in field.get_secret_value().split(",")]
        urls = (self.database_url, self.redis_url, self.smtp_url or "")
        passwords = [urlsplit(url).password for url in urls]
        return keys + [text for word in passwords if word for text in {word, unquote(word)}]


def load(**given: Any) -> Settings:
    """The settings of this process; `given` goes before the environment. Raises WrongSetting, one line per variable."""
    try:
        return Settings(**given)
    except ValidationError as error:
        # Only the name and the message: pydantic's own text would print the value, which may be a secret. What was not
        # even tried, because an earlier value is wrong, is no fault of anybody's.
        wrongs = [wrong for wrong in error.errors() if wrong["type"] != "default_factory_not_called"]
        raise WrongSetting(
            "\n".join(_sentence(str(wrong["loc"][0]), wrong["msg"]) for wrong in wrongs)
        ) from None


def load_or_exit() -> Settings:
    """The settings, at the door of a process: a wrong one ends it with its sentence and status 2."""
    try:
        return load()
    except WrongSetting as wrong:
        sys.stderr.write(f"{wrong}\n")
        sys.exit(2)


def _sentence(name: str, message: str) -> str:
    reason = message.removeprefix("Value error, ").removeprefix("Input ")
    return f"{name.upper()} cannot be used: {reason}. It is: {Settings.model_fields[name].description} Change it in the environment or in .env"


def example() -> str:
    """The text of `.env.example`."""
    lines = ["# Copy this to .env and uncomment what you need. The environment goes before this file.", ""]
    for name, field in Settings.model_fields.items():
        value = field.examples[0] if field.examples else field.default
        lines += [f"# {field.description}", f"#{name.upper()}={value}", ""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(example())
