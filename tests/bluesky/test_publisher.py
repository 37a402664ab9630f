"""Against a real PDS: what goes out, what is found again, what is gone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from agents.publishing.platform import (
    Account,
    Minted,
    OutcomeUnknown,
    Publisher,
    RateLimited,
    Rejected,
    Sent,
    SignInNeeded,
)
from agents.writing.content import Content, LinkCard, Segment
from integrations.bluesky.connect import Connected
from integrations.bluesky.publisher import BlueskyPublisher
from integrations.bluesky.tid import decode
from integrations.http.door import Door
from tests.bluesky.cast import Album, FileVault, clock, open_door
from tests.servers.pds import Pds
from tests.servers.relay import Answer

PUT, RESOLVE = "repo.putRecord", "identity.resolveHandle"


def post(text: str, **more: Any) -> Content:
    return Content((Segment(text, **more),))


def out(publisher: Publisher, account: Account, content: Content) -> list[Sent]:
    sent: list[Sent] = []
    for plan in publisher.mint(content, clock()):
        sent.append(publisher.send(account, content, plan, sent))
    return sent


def key(sent: Sent) -> str:
    return sent.ref.rpartition("/")[2]


def value(pds: Pds, account: Account, sent: Sent) -> dict[str, Any]:
    record = pds.record(account.external_id, key(sent))
    assert record is not None
    assert record["cid"] == sent.cid
    return dict(record["value"])


def posts(pds: Pds, account: Account, *texts: str) -> list[str]:
    """The texts of the account's posts that are among `texts`."""
    return [text for r in pds.records(account.external_id) if (text := r["value"]["text"]) in texts]


def calls(pds: Pds, name: str) -> int:
    return sum(name in exchange.path for exchange in pds.relay.seen)


def test_a_post_is_out_as_it_was_written(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, people: dict[str, Connected]
) -> None:
    bob = people["bob"].handle
    text = f"👩‍🚀 Grüße @{bob} und @nobody-{bob}: https://example.com/ä. #Raumfahrt!"
    content = Content((Segment(text),), ("de", "en"))
    (plan,) = publisher.mint(content, datetime(2026, 3, 1, 12, 0, 0, 123456, UTC))

    sent = publisher.send(ada, content, plan, [])

    assert sent.ref == f"at://{ada.external_id}/app.bsky.feed.post/{plan.key}"
    record = value(pds, ada, sent)
    assert {name: record[name] for name in ("text", "langs", "createdAt")} == {
        "text": text,
        "langs": ["de", "en"],
        "createdAt": plan.created_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    }
    raw = text.encode()
    marked = [
        (raw[f["index"]["byteStart"] : f["index"]["byteEnd"]].decode(), f["features"][0])
        for f in record["facets"]
    ]
    did = pds.read("com.atproto.identity.resolveHandle", handle=bob)["did"]
    assert marked == [
        (f"@{bob}", {"$type": "app.bsky.richtext.facet#mention", "did": did}),
        ("https://example.com/ä", {"$type": "app.bsky.richtext.facet#link", "uri": "https://example.com/ä"}),
        ("#Raumfahrt", {"$type": "app.bsky.richtext.facet#tag", "tag": "Raumfahrt"}),
    ]
    assert set(record) == {"$type", "text", "langs", "createdAt", "facets"}


def test_a_link_card_with_its_thumbnail(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, album: Album
) -> None:
    thumb = album.paint("thumb", "navy", 120, 63, kind="jpeg")
    card = LinkCard("https://example.com/news", "News", "All of it", thumb)

    (sent,) = out(publisher, ada, post("Read this", card=card))

    embed = value(pds, ada, sent)["embed"]
    blob = embed["external"].pop("thumb")
    assert embed == {
        "$type": "app.bsky.embed.external",
        "external": {"uri": "https://example.com/news", "title": "News", "description": "All of it"},
    }
    assert (blob["mimeType"], blob["size"]) == ("image/jpeg", thumb.bytes)
    assert kept_by(pds, ada, blob) == album["thumb"]


def test_four_pictures_with_alternative_texts(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, album: Album
) -> None:
    colours = ["red", "green", "blue", "white"]
    pictures = tuple(
        album.paint(colour, colour, 40 + 10 * n, 30, f"All {colour} ✨") for n, colour in enumerate(colours)
    )

    (sent,) = out(publisher, ada, post("", pictures=pictures))

    images = value(pds, ada, sent)["embed"]["images"]
    assert [(i["alt"], i["aspectRatio"]) for i in images] == [
        (f"All {colour} ✨", {"width": 40 + 10 * n, "height": 30}) for n, colour in enumerate(colours)
    ]
    assert [kept_by(pds, ada, i["image"]) for i in images] == [album[colour] for colour in colours]


def kept_by(pds: Pds, account: Account, blob: dict[str, Any]) -> bytes:
    where = {"did": account.external_id, "cid": blob["ref"]["$link"]}
    return httpx.get(f"{pds.url}/xrpc/com.atproto.sync.getBlob", params=where, trust_env=False).content


def test_a_thread_hangs_together(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    content = Content((Segment("One"), Segment("Two"), Segment("Three")))

    one, two, three = out(publisher, ada, content)

    refs = [{"uri": sent.ref, "cid": sent.cid} for sent in (one, two)]
    assert "reply" not in value(pds, ada, one)
    assert value(pds, ada, two)["reply"] == {"root": refs[0], "parent": refs[0]}
    assert value(pds, ada, three)["reply"] == {"root": refs[0], "parent": refs[1]}
    assert key(one) < key(two) < key(three)


def test_a_thread_goes_on_where_it_stopped(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, vault: FileVault, album: Album
) -> None:
    content = Content((Segment("Uno"), Segment("Due"), Segment("Tre")))
    plans = publisher.mint(content, clock())
    uno = publisher.send(ada, content, plans[0], [])
    pds.relay.drop(delivered=True, path=PUT, times=1)
    with pytest.raises(OutcomeUnknown):
        publisher.send(ada, content, plans[1], [uno])

    due = publisher.find(ada, plans[1])  # as after a restart
    assert due is not None
    assert publisher.find(ada, plans[2]) is None
    tre = publisher.send(ada, content, plans[2], [uno, due])

    assert posts(pds, ada, "Uno", "Due", "Tre") == ["Uno", "Due", "Tre"]
    assert value(pds, ada, tre)["reply"]["parent"] == {"uri": due.ref, "cid": due.cid}


def test_sending_again_changes_nothing(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, album: Album
) -> None:
    content = post("Once", pictures=(album.paint("dot", "black", 8, 8),))
    (plan,) = publisher.mint(content, clock())
    first = publisher.send(ada, content, plan, [])
    before = pds.read("com.atproto.sync.getLatestCommit", did=ada.external_id)

    again = [publisher.send(ada, content, plan, []) for _ in range(3)]

    assert again == [first] * 3
    assert pds.read("com.atproto.sync.getLatestCommit", did=ada.external_id) == before
    assert posts(pds, ada, "Once") == ["Once"]


@pytest.mark.parametrize("known_at_first", [True, False])
def test_what_is_out_stays_when_a_mention_leads_elsewhere_later(
    publisher: BlueskyPublisher,
    pds: Pds,
    ada: Account,
    people: dict[str, Connected],
    known_at_first: bool,
) -> None:
    content = post(f"Hello @{people['bob'].handle} {known_at_first}")
    (plan,) = publisher.mint(content, clock())
    nobody = Answer(400, [("Content-Type", "application/json")], b'{"error":"InvalidRequest","message":"no"}')
    if not known_at_first:
        pds.relay.answer(nobody, path=RESOLVE)
    first = publisher.send(ada, content, plan, [])
    pds.relay.calm()
    if known_at_first:
        pds.relay.answer(nobody, path=RESOLVE)

    assert publisher.send(ada, content, plan, []) == first
    assert ("facets" in value(pds, ada, first)) == known_at_first


def test_a_lost_answer_is_found_again(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    content = post("Did it arrive?")
    (plan,) = publisher.mint(content, clock())
    pds.relay.drop(delivered=True, path=PUT, times=1)

    with pytest.raises(OutcomeUnknown, match="may be out"):
        publisher.send(ada, content, plan, [])

    found = publisher.find(ada, plan)
    assert found == publisher.send(ada, content, plan, [])
    assert posts(pds, ada, "Did it arrive?") == ["Did it arrive?"]


@pytest.mark.parametrize("delivered", [True, False])
def test_silence_ends_in_time(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, vault: FileVault, album: Album, delivered: bool
) -> None:
    content = post(f"Silence {delivered}")
    (plan,) = publisher.mint(content, clock())
    hasty = BlueskyPublisher(vault, album, open_door(), clock, total_s=1.0)
    pds.relay.hang(delivered=delivered, path=PUT, times=1)
    began = clock()

    with pytest.raises(OutcomeUnknown, match="may be out"):
        hasty.send(ada, content, plan, [])

    assert (clock() - began).total_seconds() < 3
    hasty.close()
    assert (publisher.find(ada, plan) is not None) == delivered


def test_a_server_in_trouble(publisher: BlueskyPublisher, pds: Pds, ada: Account, album: Album) -> None:
    content = post("Trouble", pictures=(album.paint("dot", "black", 8, 8),))
    (plan,) = publisher.mint(content, clock())
    for path, says in (("uploadBlob", "Nothing of it is out"), (PUT, "may be out")):
        pds.fails(500, path=path, times=1)
        with pytest.raises(OutcomeUnknown, match=says):
            publisher.send(ada, content, plan, [])
    assert publisher.find(ada, plan) is None
    pds.fails(502, path="getRecord", times=1)
    with pytest.raises(OutcomeUnknown):
        publisher.find(ada, plan)


def test_too_many(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    content = post("Too many")
    (plan,) = publisher.mint(content, clock())
    pds.rate_limited(reset_s=40, path=PUT, times=1)

    with pytest.raises(RateLimited, match="Nothing of it is out") as refused:
        publisher.send(ada, content, plan, [])

    assert 35 < refused.value.retry_after_s <= 41
    assert publisher.find(ada, plan) is None


def test_what_the_server_does_not_take(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    content = post("x" * 301)
    (plan,) = publisher.mint(content, clock())

    with pytest.raises(Rejected, match="300"):
        publisher.send(ada, content, plan, [])

    assert publisher.find(ada, plan) is None


def test_a_server_that_lets_nobody_in(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    content = post("Let me in")
    (plan,) = publisher.mint(content, clock())
    pds.unauthorized(path=PUT)

    with pytest.raises(SignInNeeded, match=ada.handle):
        publisher.send(ada, content, plan, [])

    assert (calls(pds, PUT), calls(pds, "refreshSession"), calls(pds, "createSession")) == (2, 1, 0)


def test_other_bytes_than_the_approved_ones_never_leave(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, album: Album
) -> None:
    content = post("Look", pictures=(album.paint("swapped", "red", 8, 8), album.paint("lost", "red", 9, 9)))
    (plan,) = publisher.mint(content, clock())
    album.paint("swapped", "green", 8, 8)
    with pytest.raises(Rejected, match="not the one that was approved"):
        publisher.send(ada, content, plan, [])
    album.paint("swapped", "red", 8, 8)
    del album["lost"]
    with pytest.raises(Rejected, match="no longer there"):
        publisher.send(ada, content, plan, [])
    assert calls(pds, PUT) == 0


def test_taking_down_is_proven(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    one, two = out(publisher, ada, Content((Segment("Down"), Segment("Up"))))

    publisher.delete(ada, one)
    publisher.delete(ada, one)

    assert posts(pds, ada, "Down", "Up") == ["Up"]
    pds.relay.answer(Answer(200, [("Content-Type", "application/json")], b"{}"), path="deleteRecord", times=1)
    with pytest.raises(OutcomeUnknown, match="still shows it"):
        publisher.delete(ada, two)
    pds.fails(500, path="getRecord", times=1)
    with pytest.raises(OutcomeUnknown, match="could not be seen"):
        publisher.delete(ada, one)
    pds.relay.drop(delivered=True, path="deleteRecord", times=1)
    with pytest.raises(OutcomeUnknown, match="may still be up"):
        publisher.delete(ada, two)
    publisher.delete(ada, two)
    assert posts(pds, ada, "Down", "Up") == []


def test_nobody_logs_in_for_a_post(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, vault: FileVault, album: Album
) -> None:
    for n in range(3):
        (sent,) = out(publisher, ada, post(f"Post {n}"))
        publisher.delete(ada, sent)
    assert calls(pds, PUT) == 3
    assert calls(pds, "createSession") == calls(pds, "refreshSession") == 0


def test_the_guard_stands_before_every_server(vault: FileVault, album: Album, pds: Pds, ada: Account) -> None:
    guarded = BlueskyPublisher(vault, album, Door(ports=None), clock)
    content = post("Inside")
    (plan,) = guarded.mint(content, clock())
    with pytest.raises(Rejected, match="this machine itself"):
        guarded.send(ada, content, plan, [])
    with pytest.raises(Rejected, match="this machine itself"):
        guarded.find(ada, plan)
    guarded.close()
    assert pds.relay.seen == []


def test_a_server_that_is_gone(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    elsewhere = Account("x", "p", "bluesky", ada.handle, "http://localhost:9", ada.external_id)
    with pytest.raises(OutcomeUnknown, match="Nothing of it is out"):
        publisher.find(elsewhere, Minted(0, "2222222222222", clock()))


def test_the_link_opens_the_post(publisher: BlueskyPublisher, pds: Pds, ada: Account) -> None:
    (sent,) = out(publisher, ada, post("Open me"))
    assert httpx.get(sent.url, trust_env=False).json()["value"]["text"] == "Open me"
    assert urlsplit(sent.url).netloc == urlsplit(pds.url).netloc


def test_a_mint_gives_every_segment_a_key_and_a_time(publisher: BlueskyPublisher) -> None:
    now = clock()
    plans = publisher.mint(Content((Segment("a"), Segment("b"))), now)
    assert [plan.position for plan in plans] == [0, 1]
    assert all(re.fullmatch("[2-7a-z]{13}", plan.key) for plan in plans)
    assert [decode(plan.key)[0] for plan in plans] == [plan.created_at for plan in plans]
    assert now <= plans[0].created_at < plans[1].created_at
