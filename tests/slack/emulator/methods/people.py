"""users.* and usergroups.*"""

from tests.slack.emulator.args import Args, page
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import Group, User
from tests.slack.emulator.webapi import method
from tests.slack.emulator.world import World


def _told(world: World, user: User) -> Json:
    return {**user.told(world.granted("users:read.email")), "team_id": world.workspace.team}


@method("users.info", 4, "users:read")
def info(world: World, args: Args) -> Json:
    user = world.workspace.users.get(args.need("user"))
    if user is None:
        raise Refused("user_not_found")
    return {"user": _told(world, user)}


@method("users.list", 2, "users:read")
def everybody(world: World, args: Args) -> Json:
    return page([_told(world, user) for user in list(world.workspace.users.values())], args, "members")


@method("users.lookupByEmail", 3, "users:read.email")
def by_email(world: World, args: Args) -> Json:
    email = args.need("email")
    for user in list(world.workspace.users.values()):
        if user.email == email and not user.deleted:
            return {"user": _told(world, user)}
    raise Refused("users_not_found")


def group_told(world: World, group: Group, with_users: bool) -> Json:
    body: Json = {
        "id": group.id,
        "team_id": world.workspace.team,
        "is_usergroup": True,
        "handle": group.handle,
        "name": group.name,
        "description": "",
        "date_delete": 1 if group.disabled else 0,
        "user_count": len(group.members),
    }
    return {**body, "users": list(group.members)} if with_users else body


@method("usergroups.list", 2, "usergroups:read")
def groups(world: World, args: Args) -> Json:
    shown = [
        g for g in list(world.workspace.groups.values()) if not g.disabled or args.flag("include_disabled")
    ]
    return {"usergroups": [group_told(world, group, args.flag("include_users")) for group in shown]}


@method("usergroups.users.list", 2, "usergroups:read")
def group_members(world: World, args: Args) -> Json:
    group = world.workspace.groups.get(args.need("usergroup"))
    if group is None:
        raise Refused("no_such_subteam")
    return {"users": list(group.members)}
