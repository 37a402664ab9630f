"""Tokens, scopes, channels, triggers, response_url, rates: what Slack refuses is refused, by its name."""

import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient

from tests.slack.emulator import Emulator, NotPossible

Body = dict[str, Any]
CARD: list[Body] = [
    {
        "type": "actions",
        "elements": [{"type": "button", "action_id": "go", "text": {"type": "plain_text", "text": "Go"}}],
    }
]
MODAL: Body = {
    "type": "modal",
    "title": {"type": "plain_text", "text": "Edit"},
    "submit": {"type": "plain_text", "text": "Save"},
    "blocks": [
        {
            "type": "input",
            "block_id": "text",
            "label": {"type": "plain_text", "text": "Text"},
            "element": {"type": "plain_text_input", "action_id": "text"},
        }
    ],
}
MANIFEST = """
display_information: {name: Troupe}
features:
  app_home: {home_tab_enabled: true}
  slash_commands: [{command: /post, description: Posts, should_escape: true}]
  shortcuts: [{name: Make a post, type: message, callback_id: make_post, description: x}]
oauth_config: {scopes: {bot: [commands, "chat:write", "app_mentions:read"]}}
settings:
  socket_mode_enabled: true
  interactivity: {is_enabled: true}
  event_subscriptions: {bot_events: [app_mention, message.channels]}
"""


@pytest.fixture
def web(slack: Emulator) -> WebClient:
    slack.channel("general", members=[slack.user("alice")])
    return WebClient(slack.bot_token, base_url=slack.url)


def refusal(call: Any, **arguments: Any) -> str:
    """The error of a call that must fail."""
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return str(refused.value.response["error"])


def test_tokens(slack: Emulator, web: WebClient) -> None:
    assert web.auth_test()["user_id"] == slack.bot.id
    assert "chat:write" in str(web.auth_test().headers["x-oauth-scopes"])
    assert refusal(WebClient("xoxb-other", base_url=slack.url).auth_test) == "invalid_auth"
    assert refusal(WebClient(base_url=slack.url).auth_test) == "not_authed"
    assert refusal(web.apps_connections_open, app_token=slack.bot_token) == "not_allowed_token_type"
    assert refusal(web.api_call, api_method="chat.shout") == "unknown_method"
    slack.revoke("account_inactive")
    assert refusal(web.auth_test) == "account_inactive"
    slack.reinstate()
    assert web.auth_test()["ok"]


def test_a_missing_scope_names_what_is_needed(slack: Emulator, web: WebClient) -> None:
    slack.grants("commands")
    with pytest.raises(SlackApiError) as refused:
        web.chat_postMessage(channel="#general", text="hi")
    answer = refused.value.response
    assert (answer["error"], answer["needed"], answer["provided"]) == (
        "missing_scope",
        "chat:write",
        "commands",
    )


def test_another_name_is_ignored_without_its_scope_and_refused_where_it_is_forbidden(
    slack: Emulator, web: WebClient
) -> None:
    shown = web.chat_postMessage(channel="#general", text="hi", username="Ada", icon_emoji=":fox_face:")
    assert shown["message"]["username"] == "Ada"
    slack.forbids_customize()
    assert refusal(web.chat_postMessage, channel="#general", text="hi", username="Ada") == "missing_scope"
    assert web.chat_postMessage(channel="#general", text="hi")["ok"]
    slack.forbids_customize(False)
    slack.grants("chat:write")
    assert "username" not in web.chat_postMessage(channel="#general", text="hi", username="Ada")["message"]


def test_channels(slack: Emulator, web: WebClient) -> None:
    alice = slack.user("alice")
    elsewhere = slack.channel("elsewhere", members=[alice], bot=False)
    secret = slack.channel("secret", members=[alice], private=True, bot=False)
    general = slack.channel("general")
    ts = web.chat_postMessage(channel=general.id, text="hi")["ts"]
    slack.grants("chat:write", "channels:history")
    assert refusal(web.chat_postMessage, channel=elsewhere.id, text="hi") == "not_in_channel"
    assert refusal(web.chat_postMessage, channel=secret.id, text="hi") == "channel_not_found"
    assert refusal(web.conversations_history, channel=elsewhere.id) == "not_in_channel"
    assert refusal(web.chat_update, channel=general.id, ts="1.000001", text="x") == "message_not_found"
    theirs = alice.says("mine", in_=general)
    assert refusal(web.chat_update, channel=general.id, ts=theirs.ts, text="x") == "cant_update_message"
    assert refusal(web.chat_delete, channel=general.id, ts=theirs.ts) == "cant_delete_message"
    assert refusal(web.chat_update, channel=general.id, ts=ts, text="x" * 4001) == "msg_too_long"
    bob = slack.user("bob")
    assert refusal(web.chat_postEphemeral, channel=general.id, user=bob.id, text="x") == "user_not_in_channel"
    assert refusal(web.chat_postEphemeral, channel=general.id, user="U404", text="x") == "user_not_found"
    general.restrict()
    assert refusal(web.chat_postMessage, channel=general.id, text="hi") == "restricted_action"
    general.archive()
    assert refusal(web.chat_postMessage, channel=general.id, text="hi") == "is_archived"
    with pytest.raises(NotPossible, match="archived"):
        alice.says("hi", in_=general)


def test_a_trigger_serves_once_within_three_seconds(slack: Emulator, web: WebClient) -> None:
    alice = slack.user("alice")
    slack.patience.trigger_s = 0.2
    assert refusal(web.views_open, trigger_id="1.2.abc", view=MODAL) == "invalid_trigger_id"
    trigger = slack.world.trigger(alice.id)
    web.views_open(trigger_id=trigger, view=MODAL)
    assert refusal(web.views_open, trigger_id=trigger, view=MODAL) == "exchanged_trigger_id"
    trigger = slack.world.trigger(alice.id)
    time.sleep(0.25)
    assert refusal(web.views_open, trigger_id=trigger, view=MODAL) == "expired_trigger_id"


def test_views_lie_three_deep_and_change_by_their_hash(slack: Emulator, web: WebClient) -> None:
    alice = slack.user("alice")
    first = web.views_open(trigger_id=slack.world.trigger(alice.id), view=MODAL)["view"]
    assert refusal(web.views_push, trigger_id=slack.world.trigger(alice.id), view=MODAL) == "not_found"
    for _ in range(2):
        web.views_push(trigger_id=slack.world.trigger(alice.id, first["id"]), view=MODAL)
    third = slack.world.trigger(alice.id, first["id"])
    assert refusal(web.views_push, trigger_id=third, view=MODAL) == "push_limit_reached"
    alice.modal.fill({"Text": "typed"})
    top = alice.modal.view
    assert refusal(web.views_update, view_id=top.id, view=MODAL, hash="1.old") == "hash_conflict"
    web.views_update(
        view_id=top.id, view={**MODAL, "title": {"type": "plain_text", "text": "New"}}, hash=top.hash
    )
    assert (alice.modal.title, alice.modal.value("Text")) == ("New", "typed")
    alice.modal.close()
    assert refusal(web.views_update, view_id=top.id, view=MODAL) == "not_found"
    large = {**MODAL, "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 99}
    assert refusal(web.views_update, view_id=first["id"], view=large) == "view_too_large"


def test_the_home_tab(slack: Emulator, web: WebClient) -> None:
    alice = slack.user("alice")
    home = {"type": "home", "blocks": CARD}
    shown = web.views_publish(user_id=alice.id, view=home)["view"]
    assert alice.home.buttons == ["Go"]
    assert refusal(web.views_publish, user_id=alice.id, view=home, hash="1.old") == "hash_conflict"
    assert web.views_publish(user_id=alice.id, view=home, hash=shown["hash"])["ok"]
    assert refusal(web.views_publish, user_id=alice.id, view=MODAL) == "invalid_arguments"


def test_a_response_url_answers_five_times(slack: Emulator, web: WebClient) -> None:
    alice, general = slack.user("alice"), slack.channel("general")
    card = slack.message(general.id, web.chat_postMessage(channel=general.id, text="card", blocks=CARD)["ts"])
    assert card is not None
    reply = WebhookClient(slack.world.response_url(general.id, alice.id, card))
    assert reply.send(text="only you").body == "ok"
    assert alice.private(general)[-1].text == "only you"
    assert reply.send(text="all", response_type="in_channel").status_code == 200
    assert reply.send(text="new", replace_original=True).status_code == 200
    assert (card.text, card.blocks) == ("new", [])
    assert reply.send(text="bad", blocks=[{"type": "marquee"}]).status_code == 500
    assert reply.send(delete_original=True).status_code == 200
    assert card.deleted
    spent = reply.send(text="again")
    assert (spent.status_code, json.loads(spent.body)["error"]) == (404, "used_url")


def test_allowances_are_kept_per_channel_and_method(slack: Emulator, web: WebClient) -> None:
    slack.channel("random")
    for _ in range(5):
        web.chat_postMessage(channel="#general", text="hi")
    with pytest.raises(SlackApiError) as refused:
        web.chat_postMessage(channel="#general", text="hi")
    assert (refused.value.response.status_code, refused.value.response["error"]) == (429, "ratelimited")
    assert int(refused.value.response.headers["Retry-After"]) == 1
    assert web.chat_postMessage(channel="#random", text="hi")["ok"], "another channel has its own allowance"
    time.sleep(1.1)
    assert web.chat_postMessage(channel="#general", text="hi")["ok"]
    slack.rate_limits("chat.update", times=1, retry_after=7)
    with pytest.raises(SlackApiError) as refused:
        web.chat_update(channel="#general", ts="1.1", text="x")
    assert refused.value.response.headers["Retry-After"] == "7"
    for _ in range(20):
        web.users_list()
    assert refusal(web.users_list) == "ratelimited"
    slack.rates = "off"
    assert web.users_list()["ok"]


def test_a_stream_grows_ends_and_dies(slack: Emulator, web: WebClient) -> None:
    alice, general = slack.user("alice"), slack.channel("general")
    root = alice.says("tell me", in_=general)
    assert refusal(web.chat_startStream, channel=general.id, thread_ts=root.ts) == "missing_recipient_user_id"
    to: Body = {"recipient_user_id": alice.id, "recipient_team_id": slack.team}
    ts = web.chat_startStream(
        channel=general.id, thread_ts=root.ts, markdown_text="One", username="Ada", **to
    )["ts"]
    web.chat_appendStream(channel=general.id, ts=ts, markdown_text=" two")
    assert refusal(web.chat_update, channel=general.id, ts=ts, text="x") == "streaming_state_conflict"
    web.chat_stopStream(channel=general.id, ts=ts, markdown_text=" three", blocks=CARD)
    message = slack.message(general.id, ts)
    assert message is not None
    assert (message.text, message.username, message.streaming) == ("One two three", "Ada", False)
    late = refusal(web.chat_appendStream, channel=general.id, ts=ts, markdown_text="x")
    assert late == "message_not_in_streaming_state"
    slack.world.stream_s = 0.0
    ts = web.chat_startStream(channel=general.id, thread_ts=root.ts, **to)["ts"]
    assert refusal(web.chat_stopStream, channel=general.id, ts=ts) == "message_not_in_streaming_state"


def test_history_tells_metadata_and_threads(slack: Emulator, web: WebClient) -> None:
    general, alice = slack.channel("general"), slack.user("alice")
    mark = {"event_type": "card", "event_payload": {"id": "7"}}
    root = web.chat_postMessage(channel=general.id, text="root", metadata=mark)["ts"]
    message = slack.message(general.id, root)
    assert message is not None
    alice.says("reply", in_=general, thread=message)
    told = web.conversations_history(channel=general.id, include_all_metadata=True)["messages"]
    assert [(each["text"], each["metadata"]) for each in told] == [("root", mark)]
    thread = web.conversations_replies(channel=general.id, ts=root)["messages"]
    assert [each["text"] for each in thread] == ["root", "reply"]
    assert "metadata" not in thread[0]
    web.chat_delete(channel=general.id, ts=root)
    thread = web.conversations_replies(channel=general.id, ts=root)["messages"]
    assert thread[0]["subtype"] == "tombstone", "a thread outlives its root"
    assert (
        refusal(web.chat_postMessage, channel=general.id, text="x", thread_ts="1.000001")
        == "thread_not_found"
    )


def test_files_are_read_with_the_token_only(slack: Emulator, web: WebClient) -> None:
    file = slack.user("alice").uploads(b"\x89PNG\r\n\x1a\n1", "a.png")
    url = web.files_info(file=file.id)["file"]["url_private_download"]
    assert "Sign in" in httpx.get(url).text, "Slack shows its sign-in page with status 200"
    assert httpx.get(url, headers={"Authorization": f"Bearer {slack.bot_token}"}).content == file.content


@pytest.mark.parametrize("kind", ["unsent", "lost"])
def test_a_call_may_break_before_or_after_it_took_effect(slack: Emulator, web: WebClient, kind: str) -> None:
    slack.fails("chat.postMessage", kind)
    web.retry_handlers.clear()
    with pytest.raises(OSError):
        web.chat_postMessage(channel="#general", text="hi")
    assert len(slack.channel("general").posts) == (kind == "lost")
    assert web.chat_postMessage(channel="#general", text="again")["ok"]


def test_the_manifest_says_what_can_be_typed_and_heard(tmp_path: Path) -> None:
    path = tmp_path / "manifest.yaml"
    path.write_text(MANIFEST)
    with Emulator(path).running() as slack:
        alice = slack.user("alice")
        general = slack.channel("general", members=[alice])
        with pytest.raises(NotPossible, match="not a valid command"):
            alice.types("/coach x", in_=general)
        root = alice.says("hi <@BOT>", in_=general)
        with pytest.raises(NotPossible, match="not supported in threads"):
            alice.types("/post x", in_=general, thread=root)
        assert [d.payload["event"]["type"] for d in slack.deliveries()] == ["app_mention"], (
            "no channels:history"
        )
        answer = alice.types('/post draft @alice in #general "x"', in_=general)
        assert answer.error == "dispatch_failed", "nobody is connected"
        typed = slack.deliveries("slash_commands")[0].payload["text"]
        assert typed == f'draft <@{alice.id}|alice> in <#{general.id}|general> "x"'
        with pytest.raises(NotPossible, match="no message shortcut"):
            alice.shortcut("Burn it", on=root)
        assert alice.shortcut("Make a post", on=root).error == "dispatch_failed"
        assert slack.deliveries("message_action")[0].payload["callback_id"] == "make_post"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"features": {"slash_commands": [{"command": "post"}]}}, "post"),
        ({"features": {"slash_commands": [{"command": "/post"}, {"command": "/post"}]}}, "/post"),
        ({"features": {"slash_commands": [{"command": "/post"}]}}, "need the scope `commands`"),
        ({"oauth_config": {"scopes": {"bot": ["chat:shout"]}}}, "chat:shout"),
    ],
)
def test_a_manifest_that_slack_refuses(wrong: Body, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        Emulator({"display_information": {"name": "Troupe"}, **wrong})


def test_a_message_under_another_name_cannot_be_deleted(slack: Emulator, web: WebClient) -> None:
    general = slack.channel("general")
    ts = web.chat_postMessage(channel=general.id, text="hi", username="Ada")["ts"]
    assert refusal(web.chat_delete, channel=general.id, ts=ts) == "cant_delete_message"
    ts = web.chat_postMessage(channel=general.id, text="hi")["ts"]
    assert web.chat_delete(channel=general.id, ts=ts)["ok"]


def test_what_a_page_holds_and_where_the_next_begins(slack: Emulator, web: WebClient) -> None:
    for number in range(5):
        slack.channel(f"room-{number}")
    slack.channel("hidden", private=True, bot=False)
    first = web.conversations_list(limit=4)
    rest = web.conversations_list(limit=4, cursor=first["response_metadata"]["next_cursor"])
    names = [each["name"] for each in [*first["channels"], *rest["channels"]]]
    assert names == ["general", *(f"room-{number}" for number in range(5))]
    assert rest["response_metadata"]["next_cursor"] == ""
    assert refusal(web.conversations_list, cursor="nowhere") == "invalid_cursor"
