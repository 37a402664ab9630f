"""What members and admins can do, and what of it the app hears."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import discord as dpy
import pytest
from discord import app_commands, ui

from tests.discord.client import Client, client
from tests.discord.emulator import Emulator, NotPossible


class Menus(ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)

    @ui.select(
        custom_id="tones",
        placeholder="Tones",
        max_values=2,
        options=[dpy.SelectOption(label=each.title(), value=each) for each in ("dry", "warm", "loud")],
    )
    async def tones(self, interaction: dpy.Interaction[Any], chosen: ui.Select[Any]) -> None:
        await interaction.response.edit_message(content=f"tones {chosen.values}")

    @ui.select(cls=ui.UserSelect, custom_id="who", placeholder="Who")
    async def who(self, interaction: dpy.Interaction[Any], chosen: ui.UserSelect[Any]) -> None:
        await interaction.response.edit_message(content=f"for {chosen.values[0].name}")

    @ui.select(cls=ui.ChannelSelect, custom_id="where", placeholder="Where")
    async def where(self, interaction: dpy.Interaction[Any], chosen: ui.ChannelSelect[Any]) -> None:
        await interaction.response.edit_message(content=f"in {chosen.values[0].name}")

    @ui.button(label="Ask", custom_id="ask")
    async def ask(self, interaction: dpy.Interaction[Any], button: ui.Button[Any]) -> None:
        await interaction.response.send_modal(Ask())

    @ui.button(label="Never", custom_id="never", disabled=True)
    async def never(self, interaction: dpy.Interaction[Any], button: ui.Button[Any]) -> None:
        raise AssertionError("a disabled button was pressed")


class Ask(ui.Modal, title="Ask"):
    """Comes from a button, and changes the button's message."""

    kind: Any = ui.Label(text="Kind", component=ui.RadioGroup())
    more: Any = ui.Label(text="More", component=ui.CheckboxGroup(required=False))
    sure: Any = ui.Label(text="Sure", component=ui.Checkbox())
    whom: Any = ui.Label(text="Whom", component=ui.UserSelect(required=False))

    def __init__(self) -> None:
        super().__init__()
        for each in ("one", "two", "three"):
            self.kind.component.add_option(label=each.title(), value=each)
            self.more.component.add_option(label=each.title(), value=each)

    async def on_submit(self, interaction: dpy.Interaction[Any]) -> None:
        kind, more = self.kind.component.value, self.more.component.values
        whom = [each.name for each in self.whom.component.values]
        await interaction.response.edit_message(content=f"{kind} {more} {self.sure.component.value} {whom}")


def declare(app: Client) -> None:
    app.add_view(Menus())

    @app.tree.command(description="Menus")
    async def menus(interaction: dpy.Interaction[Any], mine: bool = False) -> None:
        await interaction.response.send_message("choose", view=Menus(), ephemeral=mine)

    @app.tree.command(description="All kinds of options")
    @app_commands.choices(
        tone=[app_commands.Choice(name="Dry", value=1), app_commands.Choice(name="Warm", value=2)]
    )
    async def kinds(
        interaction: dpy.Interaction[Any],
        tone: app_commands.Choice[int],
        ratio: float,
        place: dpy.TextChannel,
        role: dpy.Role,
        file: dpy.Attachment,
        due_date: str = "never",
    ) -> None:
        words = f"{tone.name} {ratio} {place.name} {role.name} {(await file.read()).decode()} {due_date}"
        await interaction.response.send_message(words)


def test_menus_offer_what_can_be_chosen(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        alice.types("/menus", in_=general)
        card = general.posts[-1]
        assert alice.chooses(["Dry", "loud"], on=card).ok
        assert card.words == "tones ['dry', 'loud']"
        assert alice.chooses("Warm", on=card).ok
        assert alice.chooses(discord.user("bob"), on=card, menu="Who").ok
        assert card.words == "for bob"
        assert alice.chooses(general, on=card, menu="where").ok
        assert card.words == "in general"
        impossible: tuple[tuple[Callable[[], object], str], ...] = (
            (lambda: alice.chooses("Cold", on=card, menu="Tones"), "no option 'Cold'"),
            (lambda: alice.chooses(["Dry", "Warm", "Loud"], on=card), "between 1 and 2"),
            (lambda: alice.chooses(general, on=card, menu="Who"), "none of the users"),
            (lambda: alice.clicks("Never", on=card), "disabled"),
            (lambda: alice.clicks("Ask", on=alice.says("hm", in_=general)), "only messages of apps"),
        )
        for wrong, why in impossible:
            with pytest.raises(NotPossible, match=why):
                wrong()
    assert discord.refusals == []


def test_a_private_card_changes_in_place(discord: Emulator) -> None:
    alice, bob, general = discord.user("alice"), discord.user("bob"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        alice.types("/menus", in_=general, mine=True)
        (card,) = alice.private(general)
        assert alice.chooses("Warm", on=card).ok
        assert card.words == "tones ['warm']"
        assert bob.private(general) == [] and general.posts == []
        alice.deletes(card)
        assert alice.private(general) == []


def test_a_modal_from_a_button_changes_its_message(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    with client(discord, declare) as app:
        app.sync()
        alice.types("/menus", in_=general)
        card = general.posts[-1]
        stale = card.as_seen()
        alice.clicks("Ask", on=stale)
        modal = alice.modal_titled("Ask")
        assert modal.submit().errors == {"Kind": "This field is required."}
        modal.fill({"Kind": "Two", "More": ["One", "Three"], "Sure": True, "Whom": discord.user("bob")})
        assert modal.submit().message is card
        assert card.words == "two ['one', 'three'] True ['bob']"
        with pytest.raises(NotPossible, match="closed"):
            modal.submit()
    assert discord.refusals == []


def test_options_of_all_kinds(discord: Emulator) -> None:
    alice, general = discord.user("alice"), discord.channel("general")
    role, file = discord.role("editors"), alice.uploads(b"facts", "facts.txt")
    with client(discord, declare) as app:
        app.sync()
        given: dict[str, Any] = {"ratio": 0.5, "place": general, "role": role, "file": file}
        assert alice.types("/kinds", in_=general, tone="Warm", due_date="friday", **given).ok
        assert general.posts[-1].words == "Warm 0.5 general editors facts friday"
        for wrong, why in (
            ({"tone": "Cold"}, r"offers \['Dry', 'Warm'\]"),
            ({"tone": "Dry", "ratio": "half"}, "'ratio' takes int|float"),
            ({"tone": "Dry", "place": role}, "none of the channels"),
        ):
            with pytest.raises(NotPossible, match=why):
                alice.types("/kinds", in_=general, **{**given, **wrong})


def test_what_members_do_is_heard(discord: Emulator) -> None:
    alice, bob, general = discord.user("alice"), discord.user("bob"), discord.channel("general")
    heard: list[Any] = []

    def listen(app: Client) -> None:
        @app.event
        async def on_message(message: dpy.Message) -> None:
            heard.append(("said", message.content, [each.filename for each in message.attachments]))

        @app.event
        async def on_raw_message_edit(event: dpy.RawMessageUpdateEvent) -> None:
            heard.append(("edited", event.data["content"]))

        @app.event
        async def on_raw_message_delete(event: dpy.RawMessageDeleteEvent) -> None:
            heard.append(("deleted", str(event.message_id)))

        @app.event
        async def on_raw_reaction_add(event: dpy.RawReactionActionEvent) -> None:
            heard.append(("reacted", str(event.emoji), event.member.name if event.member else None))

        @app.event
        async def on_raw_reaction_remove(event: dpy.RawReactionActionEvent) -> None:
            heard.append(("took back", str(event.emoji)))

    every = dpy.Intents(guilds=True, messages=True, message_content=True, reactions=True)
    with client(discord, listen, intents=every):
        said = alice.says("hi @bob in #general", in_=general, files=[alice.uploads(b"x", "x.txt")])
        assert said.mentions == [bob.id]
        with pytest.raises(NotPossible, match="one's own"):
            bob.edits(said, "no")
        with pytest.raises(NotPossible, match="MANAGE_MESSAGES"):
            bob.deletes(said)
        discord.until(lambda: heard)
        bob.reacts("👀", to=said)
        bob.unreacts("👀", to=said)
        alice.edits(said, "hello")
        alice.deletes(said)
        discord.until(lambda: len(heard) == 5)
    assert heard == [
        ("said", f"hi {bob.mention} in {general.mention}", ["x.txt"]),
        ("reacted", "👀", "bob"),
        ("took back", "👀"),
        ("edited", "hello"),
        ("deleted", said.id),
    ]


def test_who_may_not_see_or_write_cannot(discord: Emulator) -> None:
    alice, bob = discord.user("alice"), discord.user("bob")
    secret, quiet = discord.channel("secret", members=[alice]), discord.channel("quiet")
    alice.says("psst", in_=secret)
    with pytest.raises(NotPossible, match="VIEW_CHANNEL"):
        bob.sees(secret)
    quiet.denies(discord.everyone, "SEND_MESSAGES")
    quiet.allows(alice, "SEND_MESSAGES")
    alice.says("hear me", in_=quiet)
    with pytest.raises(NotPossible, match="SEND_MESSAGES"):
        bob.says("me too", in_=quiet)
    thread = quiet.begins_thread("aside")
    thread.archive()
    alice.says("open again", in_=quiet, thread=thread)
    assert not thread.channel.archived
    thread.archive(locked=True)
    with pytest.raises(NotPossible, match="locked"):
        alice.says("again", in_=thread)
    quiet.delete()
    with pytest.raises(NotPossible, match="deleted"):
        alice.says("still there?", in_=quiet)


def test_what_admins_take_away(discord: Emulator) -> None:
    general = discord.channel("general")
    with client(discord) as app:
        room: Any = app.client.get_channel(int(general.id))
        hook = app.call(room.create_webhook(name="Troupe"))
        by_hand = general.webhook("by hand")
        found = {each.name: each for each in app.call(room.webhooks())}
        assert found["by hand"].user.name == "owner"
        button: ui.View = ui.View()
        button.add_item(ui.Button(label="Go", custom_id="go"))
        with pytest.raises(dpy.HTTPException) as refused:
            body = {"components": button.to_components(), "content": "x"}
            app.rest(
                "POST",
                "/webhooks/{webhook_id}/{webhook_token}?with_components=true",
                body,
                webhook_id=by_hand.id,
                webhook_token=by_hand.token,
            )
        assert refused.value.code == 50035
        general.removes_webhooks()
        with pytest.raises(dpy.NotFound) as gone:
            app.call(hook.send("anyone?"))
        assert gone.value.code == 10015
        thread = general.begins_thread("old")
        thread.archive()

        async def archived() -> list[str]:
            return [each.name async for each in room.archived_threads()]

        assert app.call(archived()) == ["old"]
