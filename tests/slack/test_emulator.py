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


def test_somebody_whose_client_is_behind_clicks_on_what_they_still_see(slack: Emulator) -> None:
    alice, bob = slack.user("alice"), slack.user("bob")
    general = slack.channel("general", members=[alice, bob])
    with bolt(slack, declare):
        alice.types("/post a card", in_=general)
        card = general.shows("decide")
        behind = card.as_seen()
        alice.clicks("Approve", on=card)
        slack.until(lambda: card.versions == 2)
        assert "decide" in behind.words
        assert bob.clicks("Approve", on=behind).ok, "Slack lets it through; the app must notice"
        assert slack.until(lambda: f"Approved by {bob.mention}" in card.words)


def test_what_only_one_sees_cannot_be_touched_by_others(slack: Emulator) -> None:
    alice, bob = slack.user("alice"), slack.user("bob")
    general = slack.channel("general", members=[alice, bob])
    with bolt(slack) as app:
        app.web("chat.postEphemeral", channel=general.id, user=alice.id, text="psst", blocks=CARD)
        note = alice.told("psst", in_=general)
        with pytest.raises(NotPossible, match="only somebody else"):
            bob.clicks("Approve", on=note)
        alice.deletes(note)
        assert alice.private(general) == []
        with pytest.raises(NotPossible, match="not a member"):
            slack.user("eve").types("/post x", in_=general)


def test_messages_that_people_change_or_delete_are_told(slack: Emulator) -> None:
    alice, admin = slack.user("alice"), slack.user("admin", admin=True)
    general = slack.channel("general", members=[alice, admin])
    with bolt(slack, declare) as app:
        posted = app.web("chat.postMessage", channel=general.id, text="mine")["ts"]
        card = slack.message(general.id, posted)
        assert card is not None
        said = alice.says("helo", in_=general)
        alice.edits(said, "hello")
        with pytest.raises(NotPossible):
            alice.deletes(card)
        admin.deletes(card)
        with pytest.raises(SlackApiError, match="message_not_found"):
            app.web("chat.update", channel=general.id, ts=posted, text="again")
        subtypes = [d.payload["event"].get("subtype") for d in slack.deliveries("message")]
        assert subtypes == [None, None, "message_changed", "message_deleted"]


def test_rooms_and_groups_and_people_change(slack: Emulator) -> None:
    alice, bob = slack.user("alice"), slack.user("bob")
    general = slack.channel("general", members=[alice])
    with bolt(slack) as app:
        general.invite(bob)
        editors = slack.group("editors", [alice])
        slack.group("editors", [alice, bob])
        alice.changes(zone="Asia/Tokyo")
        general.archive()
        general.unarchive()
        general.kick(slack.bot)
        assert [d.payload["event"]["type"] for d in slack.deliveries("events_api")] == [
            "member_joined_channel",
            "subteam_created",
            "subteam_members_changed",
            "user_change",
            "channel_archive",
            "channel_unarchive",
            "channel_left",
        ]
        assert app.web("usergroups.users.list", usergroup=editors.id)["users"] == [alice.id, bob.id]
        assert app.web("users.info", user=alice.id)["user"]["tz"] == "Asia/Tokyo"
        assert app.web("conversations.join", channel=general.id)["channel"]["is_member"]


def test_every_kind_of_field_comes_back_in_its_own_shape(slack: Emulator) -> None:
    def select(kind: str, **more: Any) -> Body:
        return {"type": kind, "action_id": "a", **more}

    options = [
        {"text": {"type": "plain_text", "text": name}, "value": name.lower()} for name in ("One", "Two")
    ]
    fields = {
        "Text": select("plain_text_input", max_length=5),
        "Number": select("number_input", is_decimal_allowed=False),
        "Choice": select("static_select", options=options),
        "Several": select("checkboxes", options=options),
        "Day": select("datepicker"),
        "Minute": select("timepicker"),
        "Picture": select("file_input", filetypes=["png"], max_files=1),
    }
    blocks = [
        {"type": "input", "block_id": name, "label": {"type": "plain_text", "text": name}, "element": element}
        for name, element in fields.items()
    ]
    heard: list[Body] = []

    def listen(app: AsyncApp) -> None:
        @app.view("form")
        async def save(ack: AsyncAck, body: Body) -> None:
            heard.append(body["view"]["state"]["values"])
            await ack()

    alice = slack.user("alice")
    with bolt(slack, listen) as app:
        app.web("views.open", trigger_id=slack.world.trigger(alice.id), view={**form(), "blocks": blocks})
        modal = alice.modal
        with pytest.raises(NotPossible, match="more than 5 characters"):
            modal.fill({"Text": "too long"})
        with pytest.raises(NotPossible, match="no option"):
            modal.fill({"Choice": "Three"})
        picture = alice.uploads(b"\x89PNG\r\n\x1a\n", "a.png")
        modal.fill({"Text": "hi", "Number": "1.5", "Choice": "Two", "Several": ["One"], "Day": "2026-12-24"})
        modal.fill({"Minute": "09:30", "Picture": picture})
        assert modal.submit().errors == {"Number": "Please enter a whole number."}
        assert modal.fill({"Number": "2"}).submit().action == "closed"
    state = {name: {k: v for k, v in each["a"].items() if k != "type"} for name, each in heard[0].items()}
    assert state.pop("Picture")["files"][0]["id"] == picture.id
    assert state == {
        "Text": {"value": "hi"},
        "Number": {"value": "2"},
        "Choice": {"selected_option": options[1]},
        "Several": {"selected_options": [options[0]]},
        "Day": {"selected_date": "2026-12-24"},
        "Minute": {"selected_time": "09:30"},
    }


def test_an_answer_to_a_modal_that_slack_does_not_take_is_trouble(slack: Emulator) -> None:
    def listen(app: AsyncApp) -> None:
        @app.view("form")
        async def save(ack: AsyncAck) -> None:
            await ack(response_action="errors", errors={"nowhere": "Not this."})

    alice = slack.user("alice")
    with bolt(slack, listen) as app:
        app.web("views.open", trigger_id=slack.world.trigger(alice.id), view=form())
        submitted = alice.modal.fill({"Text": "x"}).submit()
        assert submitted.action == "trouble"
        assert "does not name input blocks" in submitted.error
        assert alice.modal.value("Text") == "x"
