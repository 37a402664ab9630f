"""response_url: five answers to one interaction, within half an hour.

docs.slack.dev/interactivity/handling-user-interaction: private unless `in_channel`; `replace_original` and
`delete_original` act on the message that was clicked on and mean nothing for a command; an ephemeral message never
becomes a public one.
"""

from aiohttp import web

from tests.slack.emulator import posting
from tests.slack.emulator.args import Args, read
from tests.slack.emulator.errors import Json, Refused
from tests.slack.emulator.state import Message
from tests.slack.emulator.world import RESPONSE_USES, Call, ResponseUrl, World

KNOWN = {
    "text",
    "blocks",
    "attachments",
    "response_type",
    "replace_original",
    "delete_original",
    "thread_ts",
    "unfurl_links",
    "unfurl_media",
    "metadata",
}


async def serve(world: World, request: web.Request) -> web.Response:
    """ "ok" for what was shown; 404 for a spent or expired address, 500 for content that Slack does not take."""
    name = request.match_info["name"]
    given: Json = {}
    try:
        args = await read(request)
        given = args.given
        answer(world, name, args)
    except Refused as refused:
        status = 404 if refused.error in {"used_url", "expired_url"} else 500
        _note(world, name, given, status, refused.error)
        return web.json_response(refused.body(), status=status)
    _note(world, name, given, 200, None)
    return web.Response(text="ok")


def _note(world: World, name: str, given: Json, status: int, error: str | None) -> None:
    world.calls.append(Call("response_url", {**given, "name": name}, status, error, {}, 0.0, 0.0))


def answer(world: World, name: str, args: Args) -> Message | None:
    place = world.responses.get(name)
    if place is None or world.clock() > place.expires:
        raise Refused("expired_url")
    if place.uses >= RESPONSE_USES:
        raise Refused("used_url")
    place.uses += 1
    return show(world, place, args)


def show(world: World, place: ResponseUrl, args: Args) -> Message | None:
    """Shows, replaces or deletes; None after a deletion."""
    if set(args.given) - KNOWN:
        raise Refused("invalid_payload")
    original = place.message
    if args.flag("delete_original"):
        if original is not None:
            _delete(world, original)
        return None
    posting.said(args)
    blocks = posting.checked_blocks(world, args.json("blocks"), summed=False) or []
    channel = world.workspace.channels[place.channel]
    if args.flag("replace_original") and original is not None and not original.deleted:
        before = posting.told(world, original)
        original.text, original.blocks, original.edited = args.text("text"), blocks, True
        original.versions += 1
        if original.only_for is None:
            posting.changed(world, channel, original, before)
        return original
    if channel.archived:
        raise Refused("is_archived")
    message = Message(
        world.workspace.stamp(), channel.id, world.bot.id, args.text("text"), blocks=blocks, by_app=True
    )
    message.thread_ts = args.text("thread_ts") or None
    if args.text("response_type") == "in_channel":
        return posting.add(world, channel, message)
    message.only_for = place.user
    channel.ephemerals.append(message)
    return message


def _delete(world: World, message: Message) -> None:
    channel = world.workspace.channels[message.channel]
    if message.only_for is None:
        posting.remove(world, channel, message)
    elif not message.deleted:
        message.deleted = True
        channel.ephemerals.remove(message)
