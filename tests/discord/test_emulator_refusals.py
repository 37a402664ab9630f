"""What Discord refuses, the emulator refuses: bodies, rights, lateness, rates; each with Discord's code."""

from __future__ import annotations

import io
import time
from typing import Any

import aiohttp
import discord as dpy
import pytest

from tests.discord.client import Client, Running, client
from tests.discord.emulator import Emulator, spec
from tests.discord.emulator.rates import Rates
from tests.discord.emulator.state import V2

Body = dict[str, Any]
MESSAGES = "/channels/{channel_id}/messages"
ONE = "/channels/{channel_id}/messages/{message_id}"


def text(words: str = "words") -> Body:
    return {"type": 10, "content": words}


def button(custom_id: str = "go", **more: Any) -> Body:
    return {"type": 2, "style": 2, "label": "Go", "custom_id": custom_id} | more


def row(*inner: Body) -> Body:
    return {"type": 1, "components": list(inner)}


def select(count: int = 2, **more: Any) -> Body:
    options = [{"label": f"n{n}", "value": f"v{n}"} for n in range(count)]
    return {"type": 3, "custom_id": "pick", "options": options} | more


def box(*inner: Body) -> Body:
    return {"type": 17, "components": list(inner)}


def v2(*components: Body, **more: Any) -> Body:
    return {"flags": V2, "components": list(components)} | more


def gallery(url: str = "https://example.com/a.png", count: int = 1) -> Body:
    return {"type": 12, "items": [{"media": {"url": url}} for _ in range(count)]}


def embed(**more: Any) -> Body:
    return {"embeds": [{"title": "t"} | more]}


GOOD: dict[str, Body] = {
    "text": {"content": "x" * 2000},
    "embed": embed(fields=[{"name": "n", "value": "v"}] * 25),
    "five rows": {"components": [row(*[button(f"{r}-{n}") for n in range(5)]) for r in range(5)]},
    "select": {"components": [row(select(25))]},
    "v2": v2(box(text("x" * 4000), row(button())), {"type": 14}),
    "v2 of 40": v2(box(*[text() for _ in range(39)])),
    "section": v2({"type": 9, "components": [text()], "accessory": button()}),
    "gallery of 10": v2(gallery(count=10)),
    "link": {"components": [row({"type": 2, "style": 5, "label": "Go", "url": "https://example.com"})]},
}
BAD: dict[str, tuple[Body, str]] = {
    "content 2001": ({"content": "x" * 2001}, "content"),
    "11 embeds": ({"embeds": [{"title": "t"}] * 11}, "embeds"),
    "embed title 257": (embed(title="x" * 257), "embeds"),
    "embeds 6001 in sum": ({"embeds": [{"description": "x" * 3001}, {"description": "x" * 3000}]}, "embeds"),
    "26 fields": (embed(fields=[{"name": "n", "value": "v"}] * 26), "embeds"),
    "empty field": (embed(fields=[{"name": "", "value": "v"}]), "embeds"),
    "six rows": ({"components": [row(button(str(n))) for n in range(6)]}, "components"),
    "six buttons": ({"components": [row(*[button(str(n)) for n in range(6)])]}, "components"),
    "empty row": ({"components": [row()]}, "components"),
    "custom_id 101": ({"components": [row(button("x" * 101))]}, "components"),
    "duplicate custom_id": ({"components": [row(button()), row(button())]}, "components"),
    "label 81": ({"components": [row(button(label="x" * 81))]}, "components"),
    "no label": ({"components": [row(button(label=None))]}, "components"),
    "button with url and id": ({"components": [row(button(url="https://example.com"))]}, "components"),
    "link without url": ({"components": [row({"type": 2, "style": 5, "label": "Go"})]}, "components"),
    "select beside a button": ({"components": [row(button(), select())]}, "components"),
    "26 options": ({"components": [row(select(26))]}, "components"),
    "no options": ({"components": [row(select(0))]}, "components"),
    "duplicate option": (
        {"components": [row(select(options=[{"label": "a", "value": "v"}, {"label": "b", "value": "v"}]))]},
        "components",
    ),
    "option label 101": (
        {"components": [row(select(options=[{"label": "x" * 101, "value": "v"}]))]},
        "components",
    ),
    "placeholder 151": ({"components": [row(select(placeholder="x" * 151))]}, "components"),
    "more wanted than offered": ({"components": [row(select(2, max_values=3))]}, "components"),
    "v2 without its flag": ({"components": [box(text())]}, "components"),
    "v2 with content": (v2(text(), content="hello"), "content"),
    "v2 with an embed": (v2(text(), **embed()), "embeds"),
    "v2 without components": ({"flags": V2}, "components"),
    "v2 text 4001": (v2(text("x" * 4001)), "components"),
    "v2 text 4001 in sum": (v2(text("x" * 2001), box(text("x" * 2000))), "components"),
    "v2 of 41": (v2(box(*[text() for _ in range(40)])), "components"),
    "empty text": (v2(text("")), "components"),
    "box in box": (v2(box(box(text()))), "components"),
    "section without accessory": (v2({"type": 9, "components": [text()]}), "components"),
    "section of four": (v2({"type": 9, "components": [text()] * 4, "accessory": button()}), "components"),
    "gallery of 11": (v2(gallery(count=11)), "components"),
    "picture that is not there": (v2(gallery("attachment://none.png")), "components"),
    "no address": (v2(gallery("file:///etc/passwd")), "components"),
    "unknown component": (v2({"type": 99}), "components"),
    "text input in a message": (
        {"components": [row({"type": 4, "custom_id": "a", "style": 1, "label": "b"})]},
        "components",
    ),
    "unknown field": ({"content": "x", "colour": "red"}, "colour"),
    "unknown field of a component": ({"components": [row(button(colour="red"))]}, "components"),
    "ephemeral by itself": ({"content": "x", "flags": 64}, "flags"),
    "nonce 26": ({"content": "x", "nonce": "x" * 26}, "nonce"),
    "mentions both ways": (
        {"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}},
        "allowed_mentions",
    ),
    "reply to nothing": ({"content": "x", "message_reference": {"message_id": "1"}}, "message_reference"),
}


@pytest.fixture
def quiet(discord: Emulator) -> Emulator:
    discord.rates = "off"
    return discord


def refused(app: Running, method: str, path: str, body: Any = None, **ids: str) -> dpy.HTTPException:
    with pytest.raises(dpy.HTTPException) as caught:
        app.rest(method, path, body, **ids)
    return caught.value


def test_good_messages_pass_and_bad_ones_are_refused_each_at_its_place(quiet: Emulator) -> None:
    general = quiet.channel("general")
    with client(quiet) as app:
        for name, body in GOOD.items():
            assert app.rest("POST", MESSAGES, body, channel_id=general.id)["id"], name
        before, wrong = len(general.messages), {}
        for name, (body, where) in BAD.items():
            quiet.clear()
            error = refused(app, "POST", MESSAGES, body, channel_id=general.id)
            told = quiet.refusals[-1].response
            if error.code != 50035 or where not in told["errors"]:
                wrong[name] = told
        assert not wrong
        assert len(general.messages) == before
        assert refused(app, "POST", MESSAGES, {"content": ""}, channel_id=general.id).code == 50006


def test_the_same_is_refused_without_discords_own_description(
    quiet: Emulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spec, "_validator", lambda method, template: None)
    assert spec._validator("POST", MESSAGES) is None
    test_good_messages_pass_and_bad_ones_are_refused_each_at_its_place(quiet)


def test_an_edit_is_judged_with_what_stays(quiet: Emulator) -> None:
    general = quiet.channel("general")
    with client(quiet) as app:
        made = app.rest("POST", MESSAGES, v2(text()), channel_id=general.id)
        ids = {"channel_id": general.id, "message_id": made["id"]}
        assert "content" in _tree(quiet, app, ONE, {"content": "x"}, ids), "V2 cannot be taken back"
        app.rest("PATCH", ONE, {"components": [text("changed")]}, **ids)
        assert general.posts[0].words == "changed"
        plain = app.rest("POST", MESSAGES, {"content": "plain"}, channel_id=general.id)
        ids["message_id"] = plain["id"]
        assert "content" in _tree(quiet, app, ONE, v2(text()), ids)
        app.rest("PATCH", ONE, v2(text("now a card"), content=None), **ids)
        assert general.posts[1].words == "now a card"
        assert refused(app, "PATCH", ONE, {"components": []}, **ids).code == 50035


def _tree(discord: Emulator, app: Running, path: str, body: Body, ids: dict[str, str]) -> Body:
    refused(app, "PATCH", path, body, **ids)
    errors: Body = discord.refusals[-1].response["errors"]
    return errors


def test_commands_that_discord_does_not_take(quiet: Emulator) -> None:
    path, ids = "/applications/{application_id}/commands", {"application_id": quiet.application_id}
    good: Body = {"name": "post", "description": "Write"}
    option: Body = {"type": 3, "name": "text", "description": "What"}
    choice: Body = {"name": "a", "value": "a"}
    bad = (
        good | {"name": "Post"},
        good | {"name": "po st"},
        good | {"name": "x" * 33},
        good | {"description": ""},
        good | {"description": "x" * 101},
        good | {"options": [option | {"name": f"o{n}"} for n in range(26)]},
        good | {"options": [option, option]},
        good | {"options": [option, option | {"name": "more", "required": True}]},
        good | {"options": [option | {"choices": [choice] * 26}]},
        good | {"options": [option | {"choices": [choice], "autocomplete": True}]},
        good | {"options": [option, {"type": 1, "name": "sub", "description": "Sub"}]},
        good
        | {"options": [option | {"description": "x" * 100, "name": f"{'n' * 20}{n}"} for n in range(10)] * 8},
        good | {"colour": "red"},
        {"name": "Menu", "type": 3, "description": "not here"},
    )
    with client(quiet) as app:
        for body in bad:
            assert refused(app, "PUT", path, [body], **ids).code == 50035, body
        assert refused(app, "PUT", path, [good, good], **ids).code == 50035
        assert refused(app, "PUT", path, [good | {"name": f"c{n}"} for n in range(101)], **ids).code == 50035
        menus = [{"name": f"Menu {n}", "type": 3} for n in range(16)]
        assert refused(app, "PUT", path, menus, **ids).code == 50035
        first = app.rest("PUT", path, [good, *menus[:15]], **ids)
        again = app.rest("PUT", path, [good], **ids)
        assert again[0]["id"] == first[0]["id"]
        assert [each["name"] for each in quiet.commands] == ["post"]
        gone = {**ids, "command_id": first[1]["id"]}
        assert refused(app, "DELETE", path + "/{command_id}", **gone).code == 10063


def test_two_hundred_commands_a_day(discord: Emulator) -> None:
    path, ids = "/applications/{application_id}/commands", {"application_id": discord.application_id}
    discord.world.created_today = 199
    good = {"name": "post", "description": "Write"}
    with client(discord) as app:
        app.rest("POST", path, good, **ids)
        app.rest("POST", path, good | {"description": "Changed"}, **ids)
        assert refused(app, "POST", path, good | {"name": "other"}, **ids).code == 30034


def test_rights_channels_and_messages_that_are_missing(quiet: Emulator) -> None:
    alice, general = quiet.user("alice"), quiet.channel("general")
    hidden = quiet.channel("hidden", members=[alice], bot=False)
    said = alice.says("hello", in_=general)
    hello, ids = {"content": "hi"}, {"channel_id": general.id}
    with client(quiet) as app:
        assert refused(app, "POST", MESSAGES, hello, channel_id="1").code == 10003
        assert refused(app, "POST", MESSAGES, hello, channel_id=hidden.id).code == 50001
        assert refused(app, "GET", ONE, **ids, message_id="1").code == 10008
        assert refused(app, "PATCH", ONE, hello, **ids, message_id=said.id).code == 50005
        general.denies(
            quiet.bot, "SEND_MESSAGES", "MANAGE_WEBHOOKS", "MANAGE_MESSAGES", "CREATE_PUBLIC_THREADS"
        )
        assert refused(app, "POST", MESSAGES, hello, **ids).code == 50013
        hooks = "/channels/{channel_id}/webhooks"
        assert refused(app, "POST", hooks, {"name": "Troupe"}, **ids).code == 50013
        assert refused(app, "GET", hooks, **ids).code == 50013
        assert refused(app, "DELETE", ONE, **ids, message_id=said.id).code == 50013
        begin = ONE + "/threads"
        assert refused(app, "POST", begin, {"name": "t"}, **ids, message_id=said.id).code == 50013
        general.allows(quiet.bot, "SEND_MESSAGES", "MANAGE_WEBHOOKS", "CREATE_PUBLIC_THREADS")
        app.rest("POST", begin, {"name": "t"}, **ids, message_id=said.id)
        assert refused(app, "POST", begin, {"name": "t"}, **ids, message_id=said.id).code == 160004
        assert refused(app, "POST", hooks, {"name": "Clyde"}, **ids).code == 50035
        for _ in range(15):
            app.rest("POST", hooks, {"name": "Troupe"}, **ids)
        assert refused(app, "POST", hooks, {"name": "Troupe"}, **ids).code == 30007
        general.denies(quiet.bot, "ATTACH_FILES")
        room: Any = app.client.get_channel(int(general.id))
        with pytest.raises(dpy.Forbidden):
            app.call(room.send(file=dpy.File(__file__)))
        general.deletes(said)
        assert refused(app, "GET", ONE, **ids, message_id=said.id).code == 10008
        general.delete()
        assert refused(app, "POST", MESSAGES, hello, **ids).code == 10003


def test_webhooks_by_their_token(quiet: Emulator) -> None:
    general = quiet.channel("general")
    one = "/webhooks/{webhook_id}/{webhook_token}"
    with client(quiet) as app:
        hook = app.rest("POST", "/channels/{channel_id}/webhooks", {"name": "Troupe"}, channel_id=general.id)
        ids = {"webhook_id": hook["id"], "webhook_token": hook["token"]}
        assert refused(app, "POST", one, {"content": "x"}, **ids | {"webhook_token": "wrong"}).code == 50027
        assert refused(app, "POST", one, {"content": "x"}, **ids | {"webhook_id": "1"}).code == 10015
        assert refused(app, "POST", one, {"content": "x", "username": "Clyde"}, **ids).code == 50035
        assert refused(app, "POST", one, {"content": "x", "username": "x" * 81}, **ids).code == 50035
        assert (
            refused(
                app, "PATCH", one + "/messages/{message_id}", {"content": "x"}, **ids, message_id="1"
            ).code
            == 10008
        )
        app.rest("POST", one, {"content": "x", "username": "Ada"}, **ids)
        post = general.posts[-1]
        path = {"channel_id": general.id, "message_id": post.id}
        assert refused(app, "PATCH", ONE, {"content": "y"}, **path).code == 50005, "not the bot's own"
        app.rest("DELETE", "/webhooks/{webhook_id}", webhook_id=hook["id"])
        assert refused(app, "POST", one, {"content": "x"}, **ids).code == 10015


CALLBACK = "/interactions/{interaction_id}/{interaction_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
LABEL: Body = {"type": 18, "label": "Text", "component": {"type": 4, "custom_id": "text", "style": 1}}


def modal(*components: Body, **more: Any) -> Body:
    return {"type": 9, "data": {"custom_id": "form", "title": "Form", "components": list(components)} | more}


class Raw:
    """An app that does nothing by itself: tests answer interactions by hand."""

    def __init__(self) -> None:
        self.asked: list[dpy.Interaction[Any]] = []

    def declare(self, app: Client) -> None:
        @app.event
        async def on_interaction(interaction: dpy.Interaction[Any]) -> None:
            self.asked.append(interaction)

    def ids(self, nth: int = -1) -> dict[str, str]:
        asked = self.asked[nth]
        return {"interaction_id": str(asked.id), "interaction_token": asked.token}


@pytest.fixture
def raw() -> Raw:
    return Raw()


def ask(discord: Emulator, raw: Raw, app: Running, kind: int = 2, data: Body | None = None) -> dict[str, str]:
    """Alice asks something; what is to be put into the address of the answer."""
    alice, general = discord.user("alice"), discord.channel("general")
    before = len(raw.asked)
    data = data or {"id": "1", "name": "post", "type": 1, "options": []}
    message = general.posts[0] if kind == 3 else None
    discord.do(lambda: alice.asking(kind, data, message, general.id))
    discord.until(lambda: len(raw.asked) > before)
    return raw.ids()


def test_the_first_response_comes_once_in_time_and_of_the_right_kind(quiet: Emulator, raw: Raw) -> None:
    quiet.patience.ack_s = 0.4
    alice, general = quiet.user("alice"), quiet.channel("general")
    hello: Body = {"type": 4, "data": {"content": "hi"}}
    with client(quiet, raw.declare) as app:
        ids = ask(quiet, raw, app)
        follow = {"webhook_id": quiet.application_id, "webhook_token": ids["interaction_token"]}
        assert refused(app, "POST", FOLLOW_UP, {"content": "early"}, **follow).code == 10015
        for wrong in ({"type": 7, "data": {}}, {"type": 8, "data": {"choices": []}}, {"type": 3}):
            assert refused(app, "POST", CALLBACK, wrong, **ids).code == 50035
        assert refused(app, "POST", CALLBACK, {"type": 5, "data": {"flags": V2}}, **ids).code == 50035
        app.rest("POST", CALLBACK, hello, **ids)
        assert refused(app, "POST", CALLBACK, hello, **ids).code == 40060
        app.rest("POST", FOLLOW_UP, {"content": "more", "flags": 64}, **follow)
        assert [m.words for m in alice.private(general)] == ["more"]
        late = ask(quiet, raw, app)
        time.sleep(0.5)
        assert refused(app, "POST", CALLBACK, hello, **late).code == 10062
        assert quiet.interactions[-1].error == "timeout"


def test_the_token_lives_for_so_long(quiet: Emulator, raw: Raw) -> None:
    quiet.patience.token_s = 0.4
    with client(quiet, raw.declare) as app:
        ids = ask(quiet, raw, app)
        app.rest("POST", CALLBACK, {"type": 5}, **ids)
        follow = {"webhook_id": quiet.application_id, "webhook_token": ids["interaction_token"]}
        original = FOLLOW_UP + "/messages/@original"
        app.rest("PATCH", original, {"content": "in time"}, **follow)
        (post,) = quiet.channel("general").posts
        assert post.words == "in time" and not post.loading
        time.sleep(0.5)
        assert refused(app, "PATCH", original, {"content": "too late"}, **follow).code == 50027
        app.rest("PATCH", ONE, {"content": "as the bot"}, channel_id=post.channel, message_id=post.id)
        assert post.words == "as the bot"


def test_modals_that_discord_does_not_take(quiet: Emulator, raw: Raw) -> None:
    labelled = {"type": 4, "custom_id": "b", "style": 1, "label": "twice"}

    def named(n: int) -> Body:
        return LABEL | {"component": LABEL["component"] | {"custom_id": f"t{n}"}}

    bad = (
        modal(*[named(n) for n in range(6)]),
        modal(),
        modal(LABEL, title="x" * 46),
        modal(LABEL, custom_id="x" * 101),
        modal(LABEL, LABEL),
        modal(LABEL | {"label": "x" * 46}),
        modal(LABEL | {"component": labelled}),
        modal(LABEL | {"component": button()}),
        modal(LABEL | {"component": LABEL["component"] | {"placeholder": "x" * 101}}),
        modal(LABEL | {"component": LABEL["component"] | {"max_length": 3, "value": "four"}}),
        modal(LABEL | {"component": select(26)}),
        modal(row(button())),
        modal(row({"type": 4, "custom_id": "b", "style": 1})),
    )
    with client(quiet, raw.declare) as app:
        ids = ask(quiet, raw, app)
        for body in bad:
            assert refused(app, "POST", CALLBACK, body, **ids).code == 50035, body
        app.rest("POST", CALLBACK, modal(*[named(n) for n in range(5)]), **ids)
        assert quiet.user("alice").modal.title == "Form"
        submitted = ask(quiet, raw, app, 5, {"custom_id": "form", "components": []})
        assert refused(app, "POST", CALLBACK, modal(LABEL), **submitted).code == 50035
        assert (
            refused(app, "POST", CALLBACK, {"type": 7, "data": {"content": "x"}}, **submitted).code == 50035
        )


def test_completions_and_updates(quiet: Emulator, raw: Raw) -> None:
    general = quiet.channel("general")
    option = {"type": 3, "name": "who", "value": "a", "focused": True}
    typing = {"id": "1", "name": "post", "type": 1, "options": [option]}
    choice = {"name": "a", "value": "a"}
    with client(quiet, raw.declare) as app:
        ids = ask(quiet, raw, app, 4, typing)
        for wrong in (
            [choice] * 26,
            [{"name": "a", "value": 1}],
            [{"name": "", "value": "a"}],
            [{"name": "a"}],
        ):
            body = {"type": 8, "data": {"choices": wrong}}
            assert refused(app, "POST", CALLBACK, body, **ids).code == 50035, wrong
        assert refused(app, "POST", CALLBACK, {"type": 4, "data": {"content": "x"}}, **ids).code == 50035
        app.rest("POST", CALLBACK, {"type": 8, "data": {"choices": [choice] * 25}}, **ids)
        app.rest("POST", MESSAGES, {"components": [row(button())]}, channel_id=general.id)
        clicked = {"component_type": 2, "custom_id": "go"}
        ids = ask(quiet, raw, app, 3, clicked)
        assert (
            refused(app, "POST", CALLBACK, {"type": 7, "data": {"content": "x" * 2001}}, **ids).code == 50035
        )
        assert general.posts[0].versions == 1
        app.rest("POST", CALLBACK, {"type": 7, "data": {"content": "changed"}}, **ids)
        assert (general.posts[0].words, general.posts[0].versions) == ("changed", 2)


def test_rates_are_told_in_headers_and_kept_by_the_client(discord: Emulator) -> None:
    general = discord.channel("general")
    with client(discord) as app:
        room: Any = app.client.get_channel(int(general.id))
        begun = time.monotonic()
        for n in range(6):
            app.call(room.send(f"number {n}"))
        assert 4 < time.monotonic() - begun < 8, "five in five seconds"
        assert not discord.refusals, "discord.py waits before it is told to"
        discord.rate_limits("create_message", times=2, retry_after_s=0.2)
        app.call(room.send("again"))
        assert [call.error for call in discord.refusals] == ["429 You are being rate limited."] * 2
        assert [m.words for m in general.posts][-1] == "again"


def test_fifty_calls_a_second_in_all_and_ten_thousand_bad_ones_in_ten_minutes() -> None:
    rates = Rates()
    verdicts = [rates.take("channel", str(n)) for n in range(51)]
    assert [each.retry_after_s for each in verdicts[:50]] == [None] * 50
    assert verdicts[50].scope == "global" and 0 < (verdicts[50].retry_after_s or 0) <= 1
    assert rates.take("answer_interaction", "1").retry_after_s is None, "interactions are not bound by it"
    for _ in range(9_999):
        rates.note(403)
    assert not rates.take("answer_interaction", "1").banned
    rates.note(404)
    assert not rates.take("answer_interaction", "1").banned, "404 does not count"
    rates.note(401)
    assert rates.take("answer_interaction", "1").banned


async def _posted(discord: Emulator, count: int) -> list[tuple[int, dict[str, str], Any]]:
    url = f"{discord.api_url}/channels/{discord.channel('general').id}/typing"
    async with aiohttp.ClientSession(headers={"Authorization": f"Bot {discord.token}"}) as session:
        found = []
        for _ in range(count):
            async with session.post(url) as answer:
                told = (
                    await answer.json() if answer.content_type == "application/json" else await answer.text()
                )
                found.append((answer.status, dict(answer.headers), told))
        return found


def test_a_client_that_does_not_listen(discord: Emulator) -> None:
    discord.channel("general")
    answers = discord.thread.run(_posted(discord, 6))
    assert [status for status, _, _ in answers] == [204] * 5 + [429]
    assert [headers["X-RateLimit-Remaining"] for _, headers, _ in answers] == ["4", "3", "2", "1", "0", "0"]
    _, headers, told = answers[-1]
    assert headers["X-RateLimit-Scope"] == "user" and headers["Via"]
    assert 0 < told["retry_after"] <= 5 and told["global"] is False
    assert int(headers["Retry-After"]) >= told["retry_after"]
    discord.rate_limits("typing", scope="global", retry_after_s=0.5)
    ((status, headers, told),) = discord.thread.run(_posted(discord, 1))
    assert (status, headers["X-RateLimit-Global"], told["global"]) == (429, "true", True)
    discord.bans(for_s=60)
    ((status, headers, told),) = discord.thread.run(_posted(discord, 1))
    assert (status, told, "Via" in headers) == (429, "error code: 1015", False)


def test_faults_by_hand(quiet: Emulator) -> None:
    general = quiet.channel("general")
    with client(quiet) as app:
        room: Any = app.client.get_channel(int(general.id))
        quiet.fails("create_message", "error", 50013)
        with pytest.raises(dpy.Forbidden):
            app.call(room.send("x"))
        quiet.fails("POST " + MESSAGES, "slow", 0.3)
        begun = time.monotonic()
        app.call(room.send("slowly"))
        assert time.monotonic() - begun >= 0.3
        quiet.fails("create_message", "status", 502)
        app.call(room.send("at the second try"))
        quiet.fails("create_message", "lost")
        with pytest.raises(aiohttp.ClientError):
            app.call(room.send("it was said"))
        assert [m.words for m in general.posts] == ["slowly", "at the second try", "it was said"]
        assert [call.status for call in quiet.calls("create_message")] == [403, 200, 502, 200, 200]


async def _sent(discord: Emulator, data: Any, kind: str | None = "application/json") -> tuple[int, int]:
    url = f"{discord.api_url}/channels/{discord.channel('general').id}/messages"
    headers = {"Authorization": f"Bot {discord.token}"} | ({"Content-Type": kind} if kind else {})
    async with aiohttp.ClientSession() as session, session.post(url, data=data, headers=headers) as answer:
        return answer.status, (await answer.json())["code"]


def _with_file(size: int, name: str = "files[0]") -> aiohttp.FormData:
    form = aiohttp.FormData(quote_fields=False)
    form.add_field("payload_json", '{"content": "x"}')
    form.add_field(name, io.BytesIO(b"x" * size), filename="big.bin")
    return form


def test_bodies_that_are_no_json_too_large_or_in_the_wrong_parts(quiet: Emulator) -> None:
    quiet.channel("general")
    run = quiet.thread.run
    assert run(_sent(quiet, "{not json")) == (400, 50109)
    assert run(_sent(quiet, "[1]")) == (400, 50035)
    assert run(_sent(quiet, _with_file(10 * 2**20 + 1), None)) == (413, 40005)
    assert run(_sent(quiet, _with_file(10, "picture"), None)) == (400, 50035)
    assert len(quiet.refusals) == 4


def test_what_is_not_served_is_refused_and_seen(quiet: Emulator) -> None:
    with client(quiet) as app:
        assert refused(app, "GET", "/guilds/{guild_id}/bans", guild_id=quiet.guild.id).status == 404
        assert quiet.refusals[-1].path.endswith("/bans")
        assert refused(app, "GET", "/channels/{channel_id}", channel_id="general").code == 50035


def test_the_description_is_judged_by_the_branch_that_was_meant() -> None:
    body = v2(box(row(button("x" * 101))))
    if not spec.is_there():  # it lies beside the repository, or nothing is judged by it
        assert spec.problems("POST", MESSAGES, body) == []
        return
    (found,) = spec.problems("POST", MESSAGES, body)
    assert found.path == ("components", 0, "components", 0, "components", 0, "custom_id")
    assert found.code == "BASE_TYPE_MAX_LENGTH"
