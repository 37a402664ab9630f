"""A program does what a person can do: ask for a post, change it, have it approved, take it down."""

from __future__ import annotations

from starlette.testclient import TestClient

from agents.approvals.policy import Policy
from agents.events import Actor
from agents.people import Role
from tests.api.team import Team, button, card, picture


def press(client: TestClient, action: str, **values: object) -> dict[str, object]:
    answer = client.post("/api/actions", json={"action": action, **({"values": values} if values else {})})
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_post_is_asked_for_approved_and_published(team: Team, alice: TestClient) -> None:
    draft = team.draft(alice)
    assert draft["badge"] == "waiting for approval"
    assert "Stage" in draft["text"] and "[Approve]" in draft["text"]

    press(alice, button(draft, "Approve")["action"])
    team.drain()
    after = card(alice, draft["subject"])
    assert after["badge"] == "published"
    assert any(b["url"].startswith("http") for b in after["buttons"])


def test_a_button_with_a_form_first_describes_it(team: Team, alice: TestClient) -> None:
    edit = button(team.draft(alice), "Edit…")
    assert edit["opens_form"]
    form = alice.post("/api/actions", json={"action": edit["action"]}).json()["form"]
    assert form["action"] == edit["action"]
    text = next(field for field in form["fields"] if field["name"] == "text")
    assert text["widget"] == "multiline" and text["required"] and "release" in text["value"]

    answer = press(alice, edit["action"], text="My own words.", note="shorter")
    assert "My own words." in str(answer["card"])


def test_missing_and_unknown_values_are_told_field_by_field(team: Team, alice: TestClient) -> None:
    edit = button(team.draft(alice), "Edit…")["action"]
    answer = alice.post("/api/actions", json={"action": edit, "values": {"colour": "red"}})
    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    assert set(error["fields"]) == {"text", "colour"}
    assert error["field"] in error["fields"]


def test_a_rule_that_is_broken_names_its_field_too(team: Team, alice: TestClient) -> None:
    schedule = button(team.draft(alice), "Schedule…")["action"]
    answer = alice.post("/api/actions", json={"action": schedule, "values": {"at": "yesterday"}})
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == ["at"]


def test_a_button_of_an_old_version_decides_nothing(team: Team, alice: TestClient) -> None:
    draft = team.draft(alice)
    old = button(draft, "Approve")["action"]
    press(alice, button(draft, "Edit…")["action"], text="Something else.")
    team.drain()
    answer = alice.post("/api/actions", json={"action": old})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "stale")
    assert card(alice, draft["subject"])["badge"] == "waiting for approval"


def test_a_key_decides_only_where_the_policy_lets_keys(team: Team, alice: TestClient) -> None:
    with team.troupe.storage.unit_of_work() as work:
        work.personas.set_policy(work.personas.by_handle("ada").id, "", Policy(keys_may_decide=False))
    draft = team.draft(alice)
    answer = alice.post("/api/actions", json={"action": button(draft, "Approve")["action"]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert "API key" in answer.json()["error"]["message"]


def test_a_decision_names_the_key_it_came_through(team: Team) -> None:
    client = team.client("bob", Role.MANAGER, name="nightly")
    draft = team.draft(client)
    press(client, button(draft, "Approve")["action"])
    said = client.get("/api/audit", params={"matching": "post.approved"}).json()
    assert [(event["actor"], event["via"]) for event in said] == [("Bob", "nightly")]
    assert said[0]["subject"] == draft["subject"]


def test_a_picture_is_uploaded_and_added(team: Team, alice: TestClient) -> None:
    draft = team.draft(alice)
    sent = alice.post("/api/pictures", files={"picture": ("team.png", picture(), "image/png")})
    assert sent.status_code == 201
    assert (sent.json()["width"], sent.json()["height"]) == (40, 30)
    press(alice, button(draft, "Add a picture…")["action"], picture=sent.json()["id"], alt="A square.")
    team.drain()
    shown = card(alice, draft["subject"])
    assert [b["alt"] for b in shown["blocks"] if b["type"] == "picture"] == ["A square."]


def test_what_is_no_picture_is_refused_by_name(alice: TestClient) -> None:
    answer = alice.post("/api/pictures", files={"picture": ("a.png", b"not a picture", "image/png")})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid")


def test_viewers_add_no_pictures_and_the_attempt_is_in_the_trail(team: Team, alice: TestClient) -> None:
    vera = team.client("vera", name="vera's eye")
    answer = vera.post("/api/pictures", files={"picture": ("a.png", picture(), "image/png")})
    assert answer.status_code == 403
    refused = [event for event in alice.get("/api/audit").json() if event["refused"]]
    assert [(event["name"], event["via"]) for event in refused] == [("picture.refused", "vera's eye")]
    assert refused[0]["correlation_id"] == answer.headers["x-correlation-id"]


def test_plain_words_are_kept_and_answered_in_their_thread(team: Team, alice: TestClient) -> None:
    words = {"text": "hello @ada, how are you?", "channel": "#general"}
    said = alice.post("/api/commands", json=words).json()["message"]
    team.drain()
    where = "/api/channels/general/messages"
    assert [m["text"] for m in alice.get(where).json()] == ["hello @ada, how are you?"]
    thread = alice.get(where, params={"thread": said["thread"]}).json()
    assert [(m["author"], m["done"]) for m in thread] == [("Ada", True)]


def test_an_answer_that_is_still_being_written_says_so(team: Team, alice: TestClient) -> None:
    words = {"text": "hello @ada, and now?", "channel": "#general"}
    said = alice.post("/api/commands", json=words).json()["message"]
    with team.troupe.storage.unit_of_work() as work:
        channel, ada = work.messages.get(said["id"]).channel_id, work.personas.by_handle("ada")
        author = Actor("persona", ada.id, ada.name)
        begun = work.messages.say(channel, said["thread"], author, "", work.now, done=False)
        work.messages.grow(begun.id, "So far")
    where = {"thread": said["thread"]}
    (answer,) = alice.get("/api/channels/general/messages", params=where).json()
    assert (said["done"], answer["text"], answer["done"]) == (True, "So far", False)


def test_plain_words_need_a_channel(alice: TestClient) -> None:
    answer = alice.post("/api/commands", json={"text": "hello"})
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "channel")


def test_a_mistyped_command_is_answered_with_the_nearest(alice: TestClient) -> None:
    error = alice.post("/api/commands", json={"text": "/psot draft @ada x"}).json()["error"]
    assert error["code"] == "not_found"
    assert "/post" in error["remedy"]


def test_nobody_reads_what_is_said_to_another_alone(team: Team, alice: TestClient) -> None:
    with team.troupe.storage.unit_of_work() as work:
        direct = work.channels.direct(team.people["bob"].id, work.now)
        said = work.messages.say(direct.id, "", team.people["bob"].actor, "for Troupe alone", work.now)
    assert [c["name"] for c in alice.get("/api/channels").json()] == ["general"]
    assert alice.get(f"/api/channels/{direct.id}/messages").status_code == 404
    thread = {"text": "and I?", "channel": "general", "thread": f"message:{said.id}"}
    assert alice.post("/api/commands", json=thread).status_code == 403
    bob = team.client("bob")
    assert [m["text"] for m in bob.get(f"/api/channels/{direct.id}/messages").json()] == ["for Troupe alone"]


def test_messages_are_paged_back(team: Team, alice: TestClient) -> None:
    for number in range(5):
        alice.post("/api/commands", json={"text": f"number {number}", "channel": "general"})
    where = "/api/channels/general/messages"
    last = alice.get(where, params={"limit": 2}).json()
    assert [m["text"] for m in last] == ["number 3", "number 4"]
    earlier = alice.get(where, params={"limit": 2, "before": last[0]["id"]}).json()
    assert [m["text"] for m in earlier] == ["number 1", "number 2"]


def test_every_answer_of_one_request_carries_one_correlation_id(team: Team, alice: TestClient) -> None:
    answer = alice.post("/api/commands", json={"text": '/post draft @ada "x y z"', "channel": "general"})
    id = answer.json()["correlation_id"]
    assert answer.headers["x-correlation-id"] == id
    asked = alice.get("/api/audit", params={"matching": "post."}).json()
    assert {event["correlation_id"] for event in asked} == {id}
