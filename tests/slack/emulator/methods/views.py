"""views.open, push, update, publish: modals in a stack of three, one home tab per person."""

import secrets
import time
from typing import Any

from tests.slack.emulator import blocks as kit
from tests.slack.emulator.args import Args
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.inputs import initial
from tests.slack.emulator.state import View, elements_of, settled
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import World

DEPTH = 3  # "after a modal is opened, the app is limited to pushing 2 additional views" (views.push page)


def checked(world: World, given: Any, kind: str) -> Json:
    """A view as Slack would keep it.  Views answer `invalid_arguments` where messages answer `invalid_blocks`."""
    if not isinstance(given, dict):
        raise Refused("invalid_arguments", messages=["missing required field: view"])
    if kit.view_too_large(given):
        raise Refused("view_too_large")
    problems = kit.view(given, kind, world.may_show, world.manifest.scopes)
    if problems:
        raise Refused("invalid_arguments", messages=problems)
    return {**given, "blocks": settled(given["blocks"])}


def _unique_external(world: World, body: Json, but: str | None = None) -> None:
    name = body.get("external_id")
    if name and any(
        v.body.get("external_id") == name and v.id != but and v.open
        for v in list(world.workspace.views.values())
    ):
        raise Refused("duplicate_external_id")


def _hash() -> str:
    return f"{int(time.time())}.{secrets.token_hex(4)}"


def values_of(body: Json) -> dict[str, dict[str, Json]]:
    """The state of a view nobody has touched: what each element begins with."""
    values: dict[str, dict[str, Json]] = {}
    for block in body["blocks"]:
        for element in elements_of(block):
            state = initial(element)
            if state is not None:
                values.setdefault(block["block_id"], {})[element["action_id"]] = state
    return values


def new_view(world: World, user: str, body: Json, below: View | None = None) -> View:
    _unique_external(world, body)
    name = world.workspace.mint("V")
    view = View(
        name,
        user,
        body,
        _hash(),
        root=below.root if below else name,
        previous=below.id if below else None,
        values=values_of(body),
    )
    world.workspace.views[name] = view
    return view


def change(world: World, view: View, body: Json) -> View:
    """Another content for a view that is open.  What was typed stays where block_id and action_id are the same."""
    _unique_external(world, body, but=view.id)
    fresh = values_of(body)
    for block, actions in fresh.items():
        for action, state in actions.items():
            kept = view.values.get(block, {}).get(action)
            if kept is not None and kept["type"] == state["type"]:
                actions[action] = kept
    view.body, view.values, view.hash, view.errors = body, fresh, _hash(), {}
    return view


def told(world: World, view: View) -> Json:
    body = view.body
    empty: Json = {"title": None, "close": None, "submit": None, "callback_id": "", "external_id": ""}
    flags: Json = {"clear_on_close": False, "notify_on_close": False, "private_metadata": ""}
    return {
        **empty,
        **flags,
        **body,
        "id": view.id,
        "team_id": world.workspace.team,
        "app_id": world.app_id,
        "app_installed_team_id": world.workspace.team,
        "bot_id": world.bot_id,
        "hash": view.hash,
        "root_view_id": view.root,
        "previous_view_id": view.previous,
        "state": {"values": view.values},
    }


@method("views.open", 4)
def open_view(world: World, args: Args) -> Json:
    """The view is checked first: a refused view leaves the trigger as it was."""
    body = checked(world, args.json("view"), "modal")
    trigger = world.exchange(args.need("trigger_id"))
    for view in world.workspace.stacks.get(trigger.user, ()):
        view.open = False
    view = new_view(world, trigger.user, body)
    world.workspace.stacks[trigger.user] = [view]
    return {"view": told(world, view)}


@method("views.push", 4)
def push_view(world: World, args: Args) -> Json:
    body = checked(world, args.json("view"), "modal")
    trigger = world.exchange(args.need("trigger_id"))
    stack = world.workspace.stacks.get(trigger.user) or []
    if not stack or trigger.view not in {view.id for view in stack}:
        raise Refused("not_found")
    if len(stack) >= DEPTH:
        raise Refused("push_limit_reached")
    view = new_view(world, trigger.user, body, stack[-1])
    stack.append(view)
    return {"view": told(world, view)}


@method("views.update", 4)
def update_view(world: World, args: Args) -> Json:
    external = args.text("external_id")
    view = world.workspace.views.get(args.text("view_id"))
    if external:
        every = world.workspace.views.values()
        view = next((v for v in every if v.open and v.body.get("external_id") == external), None)
    body = checked(world, args.json("view"), view.body["type"] if view else "modal")
    if view is None or not view.open:
        raise Refused("not_found")
    if args.text("hash") and args.text("hash") != view.hash:
        raise Refused("hash_conflict")
    return {"view": told(world, change(world, view, body))}


@method("views.publish", 4)
def publish_view(world: World, args: Args) -> Json:
    user = args.need("user_id")
    body = checked(world, args.json("view"), "home")
    if user not in world.workspace.users:
        raise Refused("invalid_arguments", messages=["invalid user_id"])
    if not world.manifest.home:
        raise Refused("not_enabled")
    view = world.workspace.homes.get(user)
    if view is not None and args.text("hash") and args.text("hash") != view.hash:
        raise Refused("hash_conflict")
    if view is None:
        view = world.workspace.homes[user] = new_view(world, user, body)
    else:
        change(world, view, body)
    return {"view": told(world, view)}
