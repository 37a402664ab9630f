"""The emulator against the real discord.py: what works in Discord works."""

from __future__ import annotations

import io
import re
from typing import Any

import aiohttp
import discord as dpy
import pytest
from discord import app_commands, ui
from PIL import Image

from tests.discord.client import Client, client
from tests.discord.emulator import Emulator, NotPossible

Seen = list[Any]


class Approve(ui.DynamicItem[ui.Button[ui.View]], template=r"approve:(?P<id>[0-9]+)"):
    """A button that outlives the process: all it knows stands in its custom_id."""

    def __init__(self, id: int) -> None:
        super().__init__(ui.Button(label="Approve", custom_id=f"approve:{id}"))
        self.id = id

    @classmethod
    async def from_custom_id(cls, interaction: Any, item: Any, match: re.Match[str], /) -> Approve:
        return cls(int(match["id"]))

    async def callback(self, interaction: dpy.Interaction[Any]) -> None:
        await interaction.response.edit_message(content=f"{self.id} approved", view=None)


class Form(ui.Modal, title="Edit"):
    text: Any = ui.Label(
        text="Text", component=ui.TextInput(style=dpy.TextStyle.long, max_length=20, default="as it was")
    )
    tone: Any = ui.Label(
        text="Tone",
        component=ui.Select(
            options=[dpy.SelectOption(label="Dry", value="dry"), dpy.SelectOption(label="Warm")]
        ),
    )
    proof: Any = ui.Label(text="Proof", component=ui.FileUpload(required=False))

    async def on_submit(self, interaction: dpy.Interaction[Any]) -> None:
        files = [file.filename for file in self.proof.component.values]
        told = f"{self.text.component.value}, {self.tone.component.values}, {files}"
        await interaction.response.send_message(told, ephemeral=True)


class Card(ui.LayoutView):
    def __init__(self, words: str, picture: str | None = None) -> None:
        super().__init__(timeout=None)
        box: ui.Container[Any] = ui.Container(ui.TextDisplay(words), accent_colour=0x336699)
        if picture:
            gallery: ui.MediaGallery[Any] = ui.MediaGallery()
            gallery.add_item(media=picture, description="a blue square")
            box.add_item(gallery)
        row: ui.ActionRow[Any] = ui.ActionRow()
        row.add_item(Approve(7))
        row.add_item(ui.Button(label="Docs", url="https://example.com/docs"))
        self.add_item(box)
        self.add_item(row)


def declare(app: Client) -> None:
    app.add_dynamic_items(Approve)
    post = app_commands.Group(name="post", description="Posts")

    @post.command(description="A new draft")
    async def draft(
        interaction: dpy.Interaction[Any],
        persona: str,
        about: app_commands.Range[str, 3, 100],
        loud: bool = False,
        due: app_commands.Range[int, 1, 9] | None = None,
        reviewer: dpy.Member | None = None,
    ) -> None:
        words = f"{persona} on {about}, {loud}, {due}, {reviewer.name if reviewer else None}"
        view: ui.View = ui.View(timeout=None)
        view.add_item(Approve(7))
        await interaction.response.send_message(words, view=view)

    @draft.autocomplete("persona")
    async def personas(interaction: dpy.Interaction[Any], current: str) -> list[app_commands.Choice[str]]:
        return [
            app_commands.Choice(name=n.title(), value=n)
            for n in ("ada", "adele", "bob")
            if n.startswith(current)
        ]

    @post.command(description="A form")
    async def form(interaction: dpy.Interaction[Any]) -> None:
        await interaction.response.send_modal(Form())

    @post.command(description="A card")
    async def card(interaction: dpy.Interaction[Any]) -> None:
        picture = io.BytesIO()
        Image.new("RGB", (8, 6), "blue").save(picture, "PNG")
        picture.seek(0)
        view = Card("**A post** to decide on", "attachment://square.png")
        await interaction.response.send_message(view=view, file=dpy.File(picture, "square.png"))

    @post.command(description="Takes its time")
    async def slow(interaction: dpy.Interaction[Any]) -> None:
        await interaction.response.defer(ephemeral=True, thinking=True)
        await interaction.edit_original_response(view=Card("done at last"))
        await interaction.followup.send("and one more", ephemeral=True)

    @app.tree.command(description="For admins")
    @app_commands.default_permissions(manage_guild=True)
    async def settings(interaction: dpy.Interaction[Any]) -> None:
        await interaction.response.send_message("settings", ephemeral=True)

    @app.tree.context_menu(name="Make a post from this")
    async def from_this(interaction: dpy.Interaction[Any], message: dpy.Message) -> None:
        await interaction.response.send_message(f"from: {message.content}", ephemeral=True)

    app.tree.add_command(post)


def test_a_command_has_typed_options_and_completes_them(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    bob = discord.user("bob")
    with client(discord, declare) as app:
        app.sync()
        offered = alice.completes("/post draft", "persona", "ad", in_=general)
        assert offered == [{"name": "Ada", "value": "ada"}, {"name": "Adele", "value": "adele"}]
        answer = alice.types(
            "/post draft", in_=general, persona="ada", about="our release", due=3, reviewer=bob
        )
        assert answer.ok
        assert answer.message is general.posts[-1]
        assert general.posts[-1].words == "ada on our release, False, 3, bob"
        for wrong, why in (
            ({"persona": "ada"}, "'about': this option is required"),
            ({"persona": "ada", "about": "x"}, "'about' must be between 3 and 100"),
            ({"persona": "ada", "about": "long enough", "due": "soon"}, "'due' takes int"),
            ({"persona": "ada", "about": "long enough", "mood": "good"}, "no option 'mood'"),
        ):
            with pytest.raises(NotPossible, match=why):
                alice.types("/post draft", in_=general, **wrong)
        with pytest.raises(NotPossible, match="no command /nothing"):
            alice.types("/nothing", in_=general)
    assert discord.refusals == []


def test_who_may_use_a_command(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    admin, editor = discord.user("boss", "admins"), discord.user("eve", "editors")
    discord.permits(discord.role("admins"), "VIEW_CHANNEL", "USE_APPLICATION_COMMANDS", "MANAGE_GUILD")
    with client(discord, declare) as app:
        app.sync()
        for nobody in (alice, editor):
            with pytest.raises(NotPossible, match="no command /settings"):
                nobody.types("/settings", in_=general)
        assert admin.types("/settings", in_=general).ok
        discord.restricts("settings", discord.role("editors"))
        assert editor.types("/settings", in_=general).ok
        assert [m.words for m in editor.private(general)] == ["settings"]
        general.denies(discord.everyone, "USE_APPLICATION_COMMANDS")
        with pytest.raises(NotPossible, match="no command /post"):
            alice.types("/post form", in_=general)


def test_a_button_outlives_the_process(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        alice.types("/post draft", in_=general, persona="ada", about="release")
        card = general.shows("ada on release")
    discord.patience.ack_s = 0.2
    assert alice.clicks("Approve", on=card).error == "timeout", "nobody is there"
    discord.patience.ack_s = 3.0
    discord.gateway.sessions.clear()
    discord.patience.identify_s = 0.0
    with client(discord, declare):
        assert alice.clicks("Approve", on=card).ok
        assert (card.words, card.versions) == ("7 approved", 2)
        with pytest.raises(NotPossible, match="no button 'Approve'"):
            alice.clicks("Approve", on=card)


def test_a_modal_is_filled_in_checked_and_sent(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        alice.types("/post form", in_=general)
        modal = alice.modal
        assert (modal.title, modal.labels) == ("Edit", ["Text", "Tone", "Proof"])
        assert modal.value("Text") == "as it was"
        assert modal.submit().errors == {"Tone": "This field is required."}
        assert modal.fill({"Text": "x" * 21, "Tone": "Dry"}).submit().errors == {
            "Text": "Must be between 0 and 20."
        }
        with pytest.raises(NotPossible, match="no field 'Colour'"):
            modal.fill({"Colour": "red"})
        proof = alice.uploads(b"%PDF-1.7", "proof.pdf")
        assert modal.fill({"Text": "anew", "Proof": proof}).submit().action == "closed"
        assert alice.told("anew, ['dry'], ['proof.pdf']", in_=general)
        assert not alice.has_modal


def test_components_v2_with_a_picture(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        assert alice.types("/post card", in_=general).ok
        card = general.shows("to decide on")
        assert card.words == "**A post** to decide on\na blue square"
        assert alice.buttons(card) == ["Approve", "Docs"]
        assert alice.clicks("Docs", on=card).url == "https://example.com/docs"
        (file,) = card.attachments
        assert (file.content_type, file.size) == ("image/png", (8, 6))
        seen = app.call(app.client.get_partial_messageable(int(general.id)).fetch_message(int(card.id)))
        assert seen.flags.components_v2
        box: Any = seen.components[0]
        assert box.children[1].items[0].media.url == file.url
        assert app.call(_fetched(file.url)) == file.content


async def _fetched(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return await response.read()


def test_an_answer_that_takes_its_time_is_edited_into_a_card_for_one(discord: Emulator) -> None:
    alice, bob, general = discord.user("alice"), discord.user("bob"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        answer = alice.types("/post slow", in_=general)
        assert answer.ok and answer.message is not None
        alice.told("done at last", in_=general)
        alice.told("and one more", in_=general)
        assert [m.words for m in alice.private(general)] == ["done at last", "and one more"]
        assert not answer.message.loading
        assert bob.sees(general) == []
        with pytest.raises(NotPossible, match="somebody else"):
            bob.clicks("Approve", on=answer.message)


def test_a_context_menu(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        said = alice.says("a thought", in_=general)
        assert alice.uses("Make a post from this", on=said).ok
        assert alice.private(general)[0].words == "from: a thought"
        with pytest.raises(NotPossible, match="no 'Translate' on messages"):
            alice.uses("Translate", on=said)


def test_a_persona_speaks_through_a_webhook_and_hears_what_is_said_to_it(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    heard: Seen = []

    def listen(app: Client) -> None:
        @app.event
        async def on_message(message: dpy.Message) -> None:
            heard.append((message.author.name, message.content, message.webhook_id is not None, message.type))

    with client(discord, listen) as app:
        room: Any = app.client.get_channel(int(general.id))
        hook = app.call(room.create_webhook(name="Troupe"))
        assert [each.name for each in app.call(room.webhooks())] == ["Troupe"]
        sent = app.call(
            hook.send("Hello, I am Ada", username="Ada", avatar_url="https://example.com/ada.png", wait=True)
        )
        post = general.shows("I am Ada")
        discord.until(lambda: heard)
        assert (post.username, post.avatar_url) == ("Ada", "https://example.com/ada.png")
        app.call(hook.edit_message(sent.id, content="Hello, I was Ada"))
        assert post.words == "Hello, I was Ada"
        thread = general.begins_thread("about it", on=post)
        app.call(hook.send("in the thread", username="Ada", thread=dpy.Object(int(thread.id))))
        assert [m.words for m in thread.messages] == ["in the thread"]
        alice.says("what, @troupe?", in_=general, reply_to=post)
        discord.until(lambda: len(heard) == 3)
        assert heard[0] == ("Ada", "Hello, I am Ada", True, dpy.MessageType.default)
        assert heard[2] == ("alice", f"what, <@{discord.bot.id}>?", False, dpy.MessageType.reply)
        app.call(hook.delete_message(sent.id))
        assert post.deleted
    assert discord.refusals == []


def test_messages_are_listed_typed_reacted_to_and_not_doubled(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord) as app:
        room: Any = app.client.get_channel(int(general.id))
        said = [alice.says(f"number {n}", in_=general) for n in range(5)]
        middle = dpy.Object(int(said[2].id))

        async def listed(**where: Any) -> list[str]:
            return [m.content async for m in room.history(**where)]

        assert app.call(listed(limit=2)) == ["number 4", "number 3"]
        assert app.call(listed(before=middle)) == ["number 1", "number 0"]
        assert app.call(listed(after=middle)) == ["number 3", "number 4"]
        assert app.call(listed(around=middle, limit=3)) == ["number 3", "number 2", "number 1"]
        app.call(room.typing().__aenter__())
        assert general.typing()
        body = {"content": "once", "nonce": "n1", "enforce_nonce": True}
        first, again = (
            app.rest("POST", "/channels/{channel_id}/messages", body, channel_id=general.id) for _ in range(2)
        )
        assert first["id"] == again["id"]
        assert [m.words for m in general.posts] == ["once"]
        partial = room.get_partial_message(int(said[0].id))
        app.call(partial.add_reaction("👍"))
        alice.reacts("👍", to=said[0])
        assert said[0].reactions == {"👍": [discord.bot.id, alice.id]}
        app.call(partial.remove_reaction("👍", dpy.Object(int(discord.bot.id))))
        alice.unreacts("👍", to=said[0])
        assert said[0].reactions == {}
    assert discord.refusals == []


def test_threads_archive_and_open_again_when_written_to(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord) as app:
        said = alice.says("a subject", in_=general)
        room: Any = app.client.get_channel(int(general.id))
        thread = app.call(room.get_partial_message(int(said.id)).create_thread(name="about a subject"))
        there = general.thread(said)
        assert (there.name, there.id) == ("about a subject", said.id)
        mine = app.call(thread.send("first"))
        there.archive()
        with pytest.raises(dpy.HTTPException) as refused:
            app.call(mine.edit(content="second"))
        assert refused.value.code == 50083
        app.call(thread.send("third"))
        assert not there.channel.archived
        there.archive(locked=True)
        discord.grants("VIEW_CHANNEL", "SEND_MESSAGES_IN_THREADS")
        with pytest.raises(dpy.Forbidden) as locked:
            app.call(thread.send("fourth"))
        assert locked.value.code == 160005


def test_direct_messages(discord: Emulator) -> None:
    alice = discord.user("alice")
    with client(discord, declare) as app:
        app.sync()
        user = app.call(app.client.fetch_user(int(alice.id)))
        app.call(user.send("your code is 1234"))
        assert [m.words for m in alice.direct.posts] == ["your code is 1234"]
        assert alice.types("/post draft", in_=alice.direct, persona="ada", about="in private").ok
        alice.takes_direct_messages(False)
        with pytest.raises(dpy.Forbidden) as refused:
            app.call(user.send("hello?"))
        assert refused.value.code == 50007


def test_members_and_roles_are_told(discord: Emulator) -> None:
    alice = discord.user("alice", "editors")
    intents = dpy.Intents(guilds=True, members=True)
    with client(discord, intents=intents) as app:
        (guild,) = app.client.guilds
        known = guild.get_member(int(alice.id))
        assert known is not None and [role.name for role in known.roles] == ["@everyone", "editors"]
        alice.gets("owners")
        discord.until(lambda: [role.name for role in known.roles] == ["@everyone", "owners"])
        bob = discord.user("bob")
        discord.until(lambda: guild.get_member(int(bob.id)))
        fetched = app.call(guild.fetch_member(int(bob.id)))
        assert fetched.name == "bob"
        bob.leaves()
        discord.until(lambda: guild.get_member(int(bob.id)) is None)
        with pytest.raises(dpy.NotFound):
            app.call(guild.fetch_member(int(bob.id)))


def test_what_can_be_looked_up(discord: Emulator) -> None:
    alice = discord.user("alice", "editors")
    general, direct = discord.channel("general"), alice.direct
    guild = {"guild_id": discord.guild.id}
    with client(discord) as app:
        assert app.rest("GET", "/gateway")["url"] == discord.gateway_url
        left = app.rest("GET", "/gateway/bot")["session_start_limit"]["remaining"]
        assert left == 1000 - discord.gateway.identified
        assert [each["id"] for each in app.rest("GET", "/users/@me/guilds")] == [discord.guild.id]
        assert app.rest("GET", "/applications/@me")["id"] == discord.application_id
        assert app.rest("GET", "/guilds/{guild_id}", **guild)["owner_id"] == discord.owner.id
        shown = app.rest("GET", "/guilds/{guild_id}/channels", **guild)
        assert [each["name"] for each in shown] == ["general"]
        names = [each["name"] for each in app.rest("GET", "/guilds/{guild_id}/roles", **guild)]
        assert names == ["@everyone", "troupe", "editors"]
        found = app.rest("GET", "/guilds/{guild_id}/members/search?query=al&limit=5", **guild)
        assert [each["user"]["username"] for each in found] == ["alice"]
        listed = app.rest("GET", "/guilds/{guild_id}/members?limit=2", **guild)
        assert len(listed) == 2
        rest = app.rest(
            "GET", f"/guilds/{{guild_id}}/members?limit=9&after={listed[-1]['user']['id']}", **guild
        )
        assert [each["user"]["username"] for each in rest] == ["alice"]
        for room, kind in ((general, 0), (direct, 1)):
            assert app.rest("GET", "/channels/{channel_id}", channel_id=room.id)["type"] == kind
        thread = general.begins_thread("aside")
        active = app.rest("GET", "/guilds/{guild_id}/threads/active", **guild)
        assert [each["id"] for each in active["threads"]] == [thread.id]
        app.rest("PUT", "/channels/{channel_id}/thread-members/@me", channel_id=thread.id)
        joined = app.rest("GET", "/channels/{channel_id}/thread-members", channel_id=thread.id)
        assert discord.bot.id in {each["user_id"] for each in joined}
    assert discord.refusals == []


def test_commands_of_the_server_are_edited_and_removed(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    path = "/applications/{application_id}/guilds/{guild_id}/commands"
    ids = {"application_id": discord.application_id, "guild_id": discord.guild.id}
    with client(discord) as app:
        made = app.rest("POST", path, {"name": "post", "description": "Write"}, **ids)
        app.rest(
            "POST",
            "/applications/{application_id}/commands",
            {"name": "post", "description": "Anywhere"},
            **ids,
        )
        assert [each.get("guild_id") for each in alice.commands(general)] == [discord.guild.id, None]
        one = {**ids, "command_id": made["id"]}
        closed = {"default_member_permissions": "0", "description": "Closed"}
        assert app.rest("PATCH", path + "/{command_id}", closed, **one)["description"] == "Closed"
        assert made["id"] not in {each["id"] for each in alice.commands(general)}
        assert made["id"] in {each["id"] for each in discord.owner.commands(general)}
        discord.restricts("post", alice)
        (told,) = app.rest("GET", path + "/permissions", **ids)
        assert told["permissions"] == [{"id": alice.id, "type": 2, "permission": True}]
        with pytest.raises(dpy.Forbidden) as refused:
            app.rest("PUT", path + "/{command_id}/permissions", {"permissions": told["permissions"]}, **one)
        assert refused.value.code == 20001
        app.rest("DELETE", path + "/{command_id}", **one)
        assert [each["description"] for each in discord.commands] == ["Anywhere"]


def test_an_edit_keeps_adds_and_drops_files(discord: Emulator) -> None:
    general = discord.channel("general")
    with client(discord) as app:
        room: Any = app.client.get_channel(int(general.id))

        def file(name: str) -> dpy.File:
            return dpy.File(io.BytesIO(name.encode()), name, description=f"this is {name}")

        sent = app.call(room.send("with files", files=[file("a.txt"), file("b.txt")]))
        (post,) = general.posts
        assert [(f.filename, f.description) for f in post.attachments] == [
            ("a.txt", "this is a.txt"),
            ("b.txt", "this is b.txt"),
        ]
        app.call(sent.edit(content="still with files"))
        assert len(post.attachments) == 2
        app.call(sent.edit(attachments=[sent.attachments[1], file("c.txt")]))
        assert [f.filename for f in post.attachments] == ["b.txt", "c.txt"]
        assert app.call(_fetched(post.attachments[1].url)) == b"c.txt"
        app.call(sent.edit(attachments=[]))
        assert post.attachments == [] and post.words == "still with files"
    assert discord.refusals == []
