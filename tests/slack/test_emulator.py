"""The emulator against the real slack-bolt and slack_sdk: what works in Slack works, what Slack refuses is refused."""

from typing import Any

import pytest
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from tests.slack.bolt import bolt
from tests.slack.emulator import Emulator, NotPossible

Body = dict[str, Any]
CARD: list[Body] = [
    {"type": "section", "text": {"type": "mrkdwn", "text": "A post to decide on"}},
    {
        "type": "actions",
        "elements": [
            {
                "type": "button",
                "action_id": "approve",
                "value": "1",
                "text": {"type": "plain_text", "text": "Approve"},
                "confirm": {
                    "title": {"type": "plain_text", "text": "Sure?"},
                    "text": {"type": "plain_text", "text": "It goes out."},
                    "confirm": {"type": "plain_text", "text": "Yes"},
                    "deny": {"type": "plain_text", "text": "No"},
                },
            },
            {
                "type": "overflow",
                "action_id": "menu",
                "options": [{"text": {"type": "plain_text", "text": "Veto"}, "value": "veto"}],
            },
        ],
    },
]


def form(title: str = "Edit", **input_more: Any) -> Body:
    return {
        "type": "modal",
        "callback_id": "form",
        "title": {"type": "plain_text", "text": title},
        "submit": {"type": "plain_text", "text": "Save"},
        "blocks": [
            {
                "type": "input",
                "block_id": "text",
                "label": {"type": "plain_text", "text": "Text"},
                "element": {"type": "plain_text_input", "action_id": "text", **input_more},
            }
        ],
    }


def declare(app: AsyncApp) -> None:
    @app.command("/post")
    async def post(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        if body["text"] == "form":
            await client.views_open(trigger_id=body["trigger_id"], view=form())
        else:
            await client.chat_postMessage(channel=body["channel_id"], text=body["text"], blocks=CARD)

    @app.action("approve")
    async def approve(ack: AsyncAck, body: Body, client: AsyncWebClient) -> None:
        await ack()
        done = [
            {"type": "section", "text": {"type": "mrkdwn", "text": f"Approved by <@{body['user']['id']}>"}}
        ]
        place, ts = body["channel"]["id"], body["message"]["ts"]
        await client.chat_update(channel=place, ts=ts, text="Approved", blocks=done)

    @app.action("menu")
    async def menu(ack: AsyncAck, body: Body, respond: Any) -> None:
        await ack()
        await respond(text=f"you chose {body['actions'][0]['selected_option']['value']}")

    @app.view("form")
    async def save(ack: AsyncAck, body: Body) -> None:
        text = body["view"]["state"]["values"]["text"]["text"]["value"]
        if text == "bad":
            await ack(response_action="errors", errors={"text": "Not this."})
        elif text == "more":
            await ack(response_action="push", view=form("More"))
        else:
            await ack()

    @app.event("app_mention")
    async def mentioned(body: Body, client: AsyncWebClient) -> None:
        event = body["event"]
        await client.chat_postMessage(
            channel=event["channel"], thread_ts=event["ts"], text=f"heard {event['text']}"
        )

    @app.event("message")
    async def heard() -> None:
        pass


def test_a_command_posts_a_card_and_a_click_changes_it_in_place(slack: Emulator) -> None:
    alice = slack.user("alice", zone="Europe/Berlin")
    general = slack.channel("general", members=[alice])
    with bolt(slack, declare):
        assert alice.types("/post a card", in_=general).ok
        card = general.shows("A post to decide on")
        assert alice.clicks("Approve", on=card, confirm=False).confirm == {
            "title": "Sure?",
            "text": "It goes out.",
            "confirm": "Yes",
            "deny": "No",
        }
        assert card.versions == 1, "who presses No sends nothing"
        assert alice.clicks("Approve", on=card).ok
        slack.until(lambda: card.versions == 2)
        assert f"Approved by {alice.mention}" in card.words
        with pytest.raises(NotPossible, match="no button 'Approve'"):
            alice.clicks("Approve", on=card)
        assert len(general.posts) == 1
    assert not slack.refusals()


def test_a_menu_answers_privately(slack: Emulator) -> None:
    alice, bob = slack.user("alice"), slack.user("bob")
    general = slack.channel("general", members=[alice, bob])
    with bolt(slack, declare):
        alice.types("/post a card", in_=general)
        alice.chooses("Veto", on=general.shows("decide"))
        assert alice.told("you chose veto", in_=general)
        assert bob.private(general) == []


def test_a_modal_keeps_what_was_typed_when_it_has_errors(slack: Emulator) -> None:
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    with bolt(slack, declare):
        alice.types("/post form", in_=general)
        modal = alice.modal
        assert modal.submit().errors == {"Text": "Please complete this required field."}
        assert modal.fill({"Text": "bad"}).submit().errors == {"Text": "Not this."}
        assert modal.value("Text") == "bad"
        assert modal.fill({"Text": "more"}).submit().action == "push"
        assert alice.modal.title == "More"
        assert alice.modal.fill({"Text": "fine"}).submit().action == "closed"
        assert alice.modal.title == "Edit"
        alice.modal.close()
        assert not alice.has_modal


def test_a_mention_is_heard_as_slack_sends_it(slack: Emulator) -> None:
    alice = slack.user("alice")
    general = slack.channel("general", members=[alice])
    with bolt(slack, declare):
        said = alice.says("<@BOT> hi & <bye>", in_=general)
        assert general.shows("hi &amp; &lt;bye&gt;").thread_ts == said.ts
        assert {d.payload["event"]["type"] for d in slack.deliveries("events_api")} == {
            "message",
            "app_mention",
        }


def test_what_slack_refuses_by_name(slack: Emulator) -> None:
    alice = slack.user("alice")
    slack.channel("general", members=[alice])
    with bolt(slack) as app, pytest.raises(SlackApiError, match="channel_not_found"):
        app.web("chat.postMessage", channel="C404", text="hi")
