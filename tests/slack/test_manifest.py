"""The app manifest is one that Slack takes, and asks for what the code uses."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from slack_sdk.web.async_client import AsyncWebClient

from bot import commands
from bot.registry import REGISTRY, Registry
from bot.settings import ROOT
from bot.slack import manifest
from bot.slack.manifest import BUILT_IN, EVENTS, METHODS, OWN, SCOPES, Json
from tests.slack.emulator.manifest import Manifest
from tests.slack.emulator.world import EVENT_SCOPES

URL = "https://troupe.example.com"
PARTS = {
    "api.call": (),
    "apps.connections.open": (),  # with the app's own token, whose scope is no scope of the bot
    "files.upload.v2": ("files.getUploadURLExternal", "files.completeUploadExternal"),
}
"""What slack_sdk's own names stand for."""
COMMAND_LIMIT = 32  # with its slash; json.schemastore.org/slack-app-manifest.json, as the others


@pytest.fixture(autouse=True)
def loaded() -> None:
    commands.load()


def slashes(made: Json) -> dict[str, Json]:
    return {each["command"]: each for each in made["features"]["slash_commands"]}


@pytest.mark.parametrize("url", [None, URL])
def test_it_keeps_to_the_limits_that_slack_publishes(url: str | None) -> None:
    made = manifest.manifest(url)
    shown = made["display_information"]
    assert len(shown["name"]) <= 35
    assert len(shown["description"]) <= 140
    assert 174 <= len(shown["long_description"]) <= 4000
    assert re.fullmatch(r"#[0-9a-fA-F]{6}", shown["background_color"])
    assert re.fullmatch(r"[\w.-]{1,80}", made["features"]["bot_user"]["display_name"])
    for shortcut in made["features"]["shortcuts"]:
        assert len(shortcut["name"]) <= 24 and len(shortcut["description"]) <= 150
    assert len(slashes(made)) == len(made["features"]["slash_commands"]) <= manifest.COMMANDS_LIMIT
    for each in slashes(made).values():
        assert re.fullmatch(r"/[a-z-]+", each["command"]) and len(each["command"]) <= COMMAND_LIMIT
        assert 1 <= len(each["description"]) <= 100, "longer ones are cut in Slack's list"
        assert len(each.get("usage_hint", "")) <= manifest.HINT_LIMIT
        assert each["should_escape"] is True
    assert len(made["settings"]["event_subscriptions"]["bot_events"]) <= 100
    assert len(made["oauth_config"]["scopes"]["bot"]) <= 255


def test_every_group_of_commands_has_one_but_those_that_slack_keeps() -> None:
    made = slashes(manifest.manifest())
    groups = {each.group for each in REGISTRY.commands.values()}
    kept = manifest.only_through_own(REGISTRY.commands.values())
    assert kept == ["help", "status"]
    assert set(made) == {f"/{group}" for group in groups.difference(kept)} | {f"/{OWN}"}
    assert set(made[f"/{OWN}"]["usage_hint"].split(" | ")) == groups
    assert "draft | show" in made["/post"]["usage_hint"]
    assert made["/halt"] == {
        "command": "/halt",
        "description": "Stop every persona and every effect at once",
        "usage_hint": "[reason]",
        "should_escape": True,
    }
    assert "usage_hint" not in made["/resume"]


def test_every_group_of_several_commands_has_a_line_of_its_own() -> None:
    several = {each.group for each in REGISTRY.commands.values() if each.group != each.path}
    assert set(commands.ABOUT) == several


def test_a_new_group_is_there_by_being_declared() -> None:
    registry = Registry()

    @registry.command("topic show", "A topic")
    @registry.command("task give", "Give a task")
    @registry.command("task list", "Every task")
    def nothing(call: object, ports: object) -> None: ...

    made = slashes(manifest.manifest(commands=registry.commands.values()))
    assert list(made) == ["/troupe", "/task"]
    assert made["/task"]["usage_hint"] == "list | give"
    assert made["/troupe"]["usage_hint"] == "task | topic"


def test_more_commands_than_slack_takes_are_told() -> None:
    registry = Registry()

    def nothing(call: object, ports: object) -> None: ...

    for number in range(manifest.COMMANDS_LIMIT):
        registry.command(f"group{number}", "It does nothing")(nothing)
    with pytest.raises(ValueError, match="Slack takes 50 slash commands, and there are 51"):
        manifest.manifest(commands=registry.commands.values())


def test_socket_mode_needs_no_address_and_http_needs_them_all() -> None:
    socket, http = manifest.manifest(), manifest.manifest(URL)
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "url" not in str([*socket["settings"].values(), *slashes(socket).values()])
    assert http["settings"]["socket_mode_enabled"] is False
    where = f"{URL}/slack/events"
    assert http["settings"]["event_subscriptions"]["request_url"] == where
    assert http["settings"]["interactivity"]["request_url"] == where
    assert {each["url"] for each in slashes(http).values()} == {where}


def test_slacks_own_commands_are_no_ones_else() -> None:
    assert {"status", "help", "topic", "who", "invite"} <= BUILT_IN
    assert not {OWN, "post", "people", "persona"} & BUILT_IN


def test_the_scopes_are_those_of_the_events_and_methods() -> None:
    assert set(EVENTS.values()) - {""} <= set(SCOPES)
    assert list(SCOPES) == sorted(set(SCOPES))
    assert "admin" not in str(SCOPES) and not any(":write" in s for s in SCOPES if s.startswith("channels"))


def sources() -> Iterator[str]:
    """The code that speaks with Slack, but for the list that is compared with it."""
    for folder in ("bot/slack", "bot/doctor"):
        for path in sorted(Path(ROOT, folder).glob("*.py")):
            if path.name != "manifest.py":
                yield path.read_text("utf-8")


def called() -> set[str]:
    """Methods of the Web API by name, as slack_sdk's clients call them or written out."""
    known = {name for name in dir(AsyncWebClient) if "_" in name.strip("_")}
    code = "\n".join(sources())
    by_client = {m.replace("_", ".") for m in re.findall(r"\.([a-z]\w+)\b", code) if m in known}
    written = set(re.findall(r'"((?:[a-z]+\.){1,2}[a-zA-Z]+)"', code)) & {n.replace("_", ".") for n in known}
    return {part for name in by_client | written for part in PARTS.get(name, (name,))}


def test_no_scope_is_asked_for_that_no_method_or_event_needs() -> None:
    """And none is missing: the methods are those that the code calls."""
    assert called() == set(METHODS)
    needed = {scope for name in called() for scope in METHODS[name]} | set(EVENTS.values())
    assert set(SCOPES) == needed - {""} | {"commands"}


def test_the_events_are_those_that_the_code_hears() -> None:
    code = "\n".join(sources())
    heard = {name for name in {*EVENT_SCOPES, *EVENTS} if f'"{name}"' in code}
    assert heard == {name for name in EVENTS if not name.startswith("message.")}
    assert 'case "message" | "app_mention"' in code
    assert {
        name: EVENT_SCOPES[name] or "" for name in EVENTS if name in EVENT_SCOPES
    }.items() <= EVENTS.items()


def test_what_the_manifest_prints_is_what_slack_would_read() -> None:
    printed = subprocess.run(
        [sys.executable, "-m", "bot.cli", "slack-manifest"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert yaml.safe_load(printed) == manifest.manifest()
    granted = Manifest.read(printed)
    assert granted.scopes == set(SCOPES) and granted.socket_mode and granted.home and granted.interactive
    assert granted.commands is not None and "/post" in granted.commands


def test_an_address_that_slack_would_not_call_is_refused() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "bot.cli", "slack-manifest", "--url", "http://x"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1 and "https addresses only" in done.stderr and done.stdout == ""
