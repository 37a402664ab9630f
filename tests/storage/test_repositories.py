"""What is put in comes out again, the same on both databases, and is found by the words people use."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

import pytest

from agents.approvals.approval import ApprovalState, Decision, Verdict
from agents.approvals.policy import Policy
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, Invalid, NotFound, NotSignedIn
from agents.events import TROUPE, Actor, Event, Subject
from agents.money import MicroUSD
from agents.oncall.kinds import AlertKind
from agents.people import Person, Role
from agents.personas.persona import Guardrails, Persona, PersonaState, Profile, Voice
from agents.publishing.platform import Minted, Sent
from agents.talk.delivery import DeliveryState
from agents.writing.content import Content, LinkCard, Segment
from agents.writing.facts import Check, CheckState
from agents.writing.post import Post, State, Variant, Version
from agents.writing.writer import ContentType
from storage.access import SESSION_LIVES, SIGN_IN_LINK_LIVES
from storage.pictures import PictureBytes
from storage.stage import Stage
from storage.unit_of_work import Storage, UnitOfWork
from tests.storage.cast import account, approval, person, persona, variant

HOUR = timedelta(hours=1)
ODD = "Zwölf Boxkämpfer 🏳️‍🌈 \u202e“quoted” '; drop table people; -- \\ % _ \n\ttab"


def test_people_are_found_by_name_without_regard_to_case(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice = person(work, "Alice")
        bob = work.people.add("Bob", Role.EDITOR, work.now, zone="Europe/Berlin")
        assert work.people.by_name(" @aLiCe ") == alice
        assert work.people.get(bob.id) == Person(bob.id, "Bob", Role.EDITOR, "Europe/Berlin")
        with pytest.raises(NotFound, match="Did you mean alice"):
            work.people.by_name("alcie")
        with pytest.raises(Conflict):
            work.people.add("ALICE", Role.VIEWER, work.now)


def test_who_was_removed_is_no_longer_there_but_keeps_the_name(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice, bob = person(work, "Alice"), person(work, "Bob", Role.EDITOR)
        gone = work.people.change(bob, removed_at=work.now)
        assert gone.removed_at == work.now
        assert work.people.everyone() == [alice]
        assert {p.id for p in work.people.everyone(removed=True)} == {alice.id, gone.id}
        assert work.people.count_active() == 1
        with pytest.raises(NotFound):
            work.people.by_name("Bob")
        with pytest.raises(Conflict):
            person(work, "bob")


def test_a_persona_comes_back_whole(storage: Storage) -> None:
    profile = Profile(
        name="Ada",
        handle="ada",
        bio=ODD.replace("\n", " ").strip(),
        voice=Voice(tone="dry", never_say=("synergy",), samples=("One.", "Two.")),
        guardrails=Guardrails(rules=("Name a price only with its currency",)),
        zone="Pacific/Chatham",
        monthly_budget_usd=Decimal("12.34"),
    )
    with storage.unit_of_work() as work:
        made = work.personas.add(profile, work.now, avatar="pic")
    with storage.unit_of_work() as work:
        assert work.personas.get(made.id) == made == Persona(id=made.id, profile=profile, avatar="pic")
        assert work.personas.by_handle("@ADA") == made
        with pytest.raises(NotFound, match="Did you mean @ada"):
            work.personas.by_handle("aada")
        paused = work.personas.change(made, state=PersonaState.PAUSED.value)
        assert (paused.state, paused.revision) == (PersonaState.PAUSED, 2)
        with pytest.raises(Conflict, match="changed by somebody else"):
            work.personas.change(made, state=PersonaState.ARCHIVED.value)


def test_a_handle_can_change_but_not_to_anothers(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada, _ = persona(work, "ada"), persona(work, "bob")
        with pytest.raises(Conflict, match="@bob is taken"):
            work.personas.change(ada, profile=ada.profile.model_copy(update={"handle": "bob"}))
        renamed = work.personas.change(ada, profile=ada.profile.model_copy(update={"handle": "eve"}))
        assert work.personas.by_handle("eve") == renamed


def test_a_platforms_own_policy_goes_before_the_personas(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada = persona(work)
        assert work.personas.policy(ada.id, "stage") == Policy()
        general, own = (
            Policy(quorum=2, approvers=("p1", "p2")),
            Policy(veto_role=Role.EDITOR, expires_after_hours=5),
        )
        work.personas.set_policy(ada.id, "", general)
        work.personas.set_policy(ada.id, "stage", own)
        assert work.personas.policy(ada.id, "stage") == own
        assert work.personas.policy(ada.id, "bluesky") == general
        work.personas.set_policy(ada.id, "stage", general)
        assert work.personas.policy(ada.id, "stage") == general


def test_standing_approvals_end_with_their_time_their_number_or_a_word(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada, alice = persona(work), person(work)
        at = work.now
        first = work.personas.grant_standing(ada.id, "stage", alice.id, 1, at + HOUR, at)
        second = work.personas.grant_standing(
            ada.id, "", alice.id, 5, at + 2 * HOUR, at + timedelta(seconds=1)
        )
        assert work.personas.standing(ada.id, at) == [first, second]
        assert work.personas.standing(ada.id, at + HOUR) == [second]
        assert work.personas.use_standing(first.id)
        assert not work.personas.use_standing(first.id)
        assert work.personas.standing(ada.id, at) == [second]
        assert work.personas.revoke_standing(ada.id, at) == 1
        assert not work.personas.use_standing(second.id)
        assert work.personas.standing(ada.id, at) == []


def whole_version(work: UnitOfWork, of: Variant, number: int) -> Version:
    picture = work.pictures.add(b"\x89PNG bytes", "image/png", 3, 4, "p1", work.now)
    card = LinkCard("https://example.com/?a=1&b=2", "Title", "", picture)
    content = Content(
        (Segment(ODD, (replace(picture, alt="A cat"),)), Segment("https://example.com", card=card)),
        ("de", "en-GB"),
    )
    return Version(
        variant_id=of.id,
        number=number,
        content=content,
        by=Actor("persona", of.persona_id, "Ada"),
        authors=frozenset({"p2", "p1"}),
        created_at=work.now,
        note="shorter",
        checks=(Check("length", CheckState.PASSED), Check("links", CheckState.PENDING, "being looked at")),
        model="gpt-5-mini",
        rehearsal=True,
        cost=MicroUSD(3_000_000_000),
        writing_notes=("one", "two"),
    )


def test_a_version_comes_back_whole_and_only_its_checks_change(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        of = variant(work)
        made = whole_version(work, of, 2)
        work.posts.add_version(made)
    with storage.unit_of_work() as work:
        assert work.posts.version(of.id, 2) == made
        assert [v.number for v in work.posts.versions(of.id)] == [1, 2]
        work.posts.set_checks(of.id, 2, (Check("links", CheckState.FAILED, "dead"),))
        assert work.posts.version(of.id, 2) == replace(
            made, checks=(Check("links", CheckState.FAILED, "dead"),)
        )
        with pytest.raises(NotFound):
            work.posts.version(of.id, 3)


def test_a_post_and_its_variants_come_back_whole(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada = persona(work)
        on = account(work, ada)
        post = Post(
            "post1", ada.id, ContentType.ARTICLE, ODD, "p1", "ch", work.now, "https://x.example", "Bob: hi"
        )
        plus_five = timezone(timedelta(hours=5))
        one = Variant("aaa1", "post1", ada.id, on.id, "stage", State.WRITING, 0, 1, work.now)
        two = replace(one, id="aaa2", publish_at=datetime(2026, 12, 1, 17, 30, 0, 123456, plus_five))
        work.posts.add(post, (one, two))
    with storage.reading() as work:
        assert work.posts.post("post1") == post
        assert work.posts.variant("aaa1") == one
        read = work.posts.variant("aaa2")
        assert read == two
        assert read.publish_at is not None and read.publish_at.utcoffset() == timedelta()


def test_a_post_is_found_by_the_beginning_of_its_id(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        made = variant(work)
        assert work.posts.find(f" #{made.id[:6].upper()}") == made
        with pytest.raises(NotFound):
            work.posts.find(made.id[:2])
        for nonsense in ("%%%", "___", "zzzzzzzzzzzz", ""):
            with pytest.raises(NotFound):
                work.posts.find(nonsense)
        post = work.posts.post(made.post_id)
        twins = tuple(replace(made, id=f"abc{n}", revision=1) for n in range(2))
        work.posts.add(replace(post, id="other"), tuple(replace(t, post_id="other") for t in twins))
        with pytest.raises(Invalid, match="Several"):
            work.posts.find("abc")


def test_the_calendar_holds_what_is_planned_and_what_went_out(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        start = work.now + timedelta(days=1)
        planned = work.posts.swap(variant(work), "", publish_at=start + 2 * HOUR)
        out = work.posts.swap(variant(work), "", published_at=start)
        work.posts.swap(variant(work), "", publish_at=start + 3 * HOUR)
        work.posts.swap(variant(work), "", publish_at=start - timedelta(microseconds=1))
        assert [v.id for v in work.posts.between(start, start + 3 * HOUR)] == [out.id, planned.id]


def test_what_a_persona_said_lately(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        old = variant(work, "old", State.PUBLISHED)
        variant(work, "a draft", State.IN_REVIEW)
        variant(work, "no", State.REJECTED)
        new = variant(work, "new", State.SCHEDULED)
        assert set(work.posts.recent_texts(old.persona_id, limit=5)) == {"new", "old"}
        assert work.posts.recent_texts(old.persona_id, limit=5, but=new.post_id) == ["old"]
        assert work.posts.recent_texts("nobody", limit=5) == []


def test_an_approval_comes_back_with_its_decisions_in_order(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        asked = approval(work, variant(work), quorum=2, approvers=("p1", "p2"))
        yes = Decision("p1", "Alice", Verdict.APPROVE, work.now)
        standing = Decision("p2", "Bob", Verdict.APPROVE, work.now, "", "robot", True)
        once = work.approvals.swap(asked, replace(asked, decisions=(yes,), revision=2))
        twice = replace(once, decisions=(yes, standing), state=ApprovalState.APPROVED, revision=3)
        work.approvals.swap(once, twice)
    with storage.reading() as work:
        assert work.approvals.get(asked.id) == twice
        assert work.approvals.history(asked.subject) == [twice]
        assert work.approvals.many([asked.id, "", "none"]) == {asked.id: twice}
        assert work.approvals.pending_since(work.now + HOUR) == 0


def test_the_ledger_keeps_intent_proof_and_every_attempt(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        asked = approval(work, variant(work))
        due = Effect("e1", EffectKind.PUBLISH, asked.subject, asked.id, "f", EffectState.DUE, work.now)
        work.effects.add(due, work.now)
        assert work.effects.of_approval(asked.id) == due
        assert work.effects.of_approval(asked.id, EffectKind.TAKE_DOWN) is None
        plans = tuple(Minted(n, f"key{n}", work.now + timedelta(milliseconds=n)) for n in range(3))
        intended = work.effects.note_intent(due, plans)
        assert intended.minted == plans and not intended.partly_out
        first = Sent(0, "ref0", "cid0", "https://x.example/0")
        once = work.effects.note_sent(intended, first, work.now)
        again = work.effects.note_sent(once, replace(first, url="https://other.example"), work.now)
        assert again.sent == (first,) and again.partly_out
        work.effects.note_attempt(again, work.now, work.now + HOUR, "rate_limited", "wait")
        gone = work.effects.note_gone(again, 0, work.now)
        assert gone.sent == () and gone.minted == plans
    with storage.reading() as work:
        assert work.effects.get("e1") == gone
        assert work.effects.about(asked.subject) == [gone]
        [attempt] = work.effects.attempts("e1")
        assert (attempt.outcome, attempt.error, attempt.ended_at - attempt.started_at) == (
            "rate_limited",
            "wait",
            HOUR,
        )


def test_an_effect_makes_only_moves_that_are_allowed(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        asked = approval(work, variant(work))
        work.effects.add(
            Effect("e1", EffectKind.PUBLISH, asked.subject, asked.id, "f", EffectState.DUE, work.now),
            work.now,
        )
        with pytest.raises(Conflict, match=r"due cannot become done"):
            work.effects.swap(work.effects.get("e1"), state=EffectState.DONE)


def test_events_are_a_trail_that_is_read_both_ways(storage: Storage) -> None:
    alice = Actor("person", "p1", "Alice", "robot")
    with storage.unit_of_work(correlation="c1") as work:
        work.record(Event("post.approved", Subject("post", "a"), alice, {"n": 1}, {"n": 2, "text": ODD}))
        work.record(Event("post.published", Subject("post", "b"), TROUPE, refused="no"))
        work.record(Event("persona.paused", Subject("persona", "a"), alice))
    with storage.reading() as work:
        newest, middle, oldest = work.events.latest()
        assert oldest.event == Event(
            "post.approved", Subject("post", "a"), alice, {"n": 1}, {"n": 2, "text": ODD}
        )
        assert oldest.correlation == "c1"
        assert [r.id for r in work.events.latest(before_id=newest.id, limit=1)] == [middle.id]
        assert [r.id for r in work.events.latest(actor="Alice")] == [newest.id, oldest.id]
        assert [r.id for r in work.events.latest(matching="POST.")] == [middle.id, oldest.id]
        assert work.events.latest(matching="%") == []
        assert work.events.after(oldest.id) == [
            (middle.id, Subject("post", "b")),
            (newest.id, Subject("persona", "a")),
        ]
        assert work.events.last_id() == newest.id
        assert work.events.about(Subject("post", "b")) == [middle]


def test_messages_are_read_by_whom_they_are_for(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        general = work.channels.add("console", "general", work.now)
        alice = person(work)
        said = [work.messages.say(general.id, "", alice.actor, f"{ODD} {n}", work.now) for n in range(5)]
        private = work.messages.say(general.id, "", TROUPE, "psst", work.now, audience=alice.id)
        work.messages.say(general.id, said[0].own_thread, TROUPE, "inside", work.now)
        work.place(general.id, Subject("post", "a"))
    with storage.reading() as work:
        assert work.messages.get(said[0].id) == said[0]
        seen = work.messages.in_channel(general.id, alice.id)
        assert seen[:6] == [*said, private] and seen[6].card == Subject("post", "a")
        assert private not in work.messages.in_channel(general.id, "bob")
        assert work.messages.in_channel(general.id, "bob", limit=2, before_id=said[3].id) == said[1:3]
        assert [m.text for m in work.messages.in_thread(said[0].own_thread)] == ["inside"]
        assert work.messages.thread_sizes([said[0].own_thread]) == {said[0].own_thread: 1}
        assert [m.id for m in work.messages.after(private.id)] == [seen[6].id - 1, seen[6].id]
        assert work.messages.last_id() == seen[6].id


def test_channels_are_found_by_name_but_not_somebodys_own(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        general = work.channels.add("console", "general", work.now)
        work.channels.direct("p1", work.now)
        assert work.channels.by_name("console", "#General") == general
        with pytest.raises(NotFound, match="#general"):
            work.channels.by_name("console", "genral")
        with pytest.raises(NotFound):
            work.channels.by_name("console", "direct")


def test_a_sign_in_link_says_why_it_does_not_work(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice, at = person(work), work.now
        code, old, other = (
            work.access.new_code(alice.id, at, purpose=p) for p in ("sign_in", "sign_in", "link")
        )
        for wrong, word in (("scribble", "not one of"), (other, "not one of")):
            with pytest.raises(NotSignedIn, match=word):
                work.access.use_code(wrong, at)
        with pytest.raises(NotSignedIn, match="expired"):
            work.access.use_code(old, at + SIGN_IN_LINK_LIVES)
        assert work.access.use_code(code, at + SIGN_IN_LINK_LIVES - timedelta(seconds=1)) == alice.id
        with pytest.raises(NotSignedIn, match="used already"):
            work.access.use_code(code, at)
        assert work.access.use_code(other, at, purpose="link") == alice.id


def test_a_session_ends_with_its_time_and_with_signing_out_everywhere(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice, bob, at = person(work), person(work, "Bob"), work.now
        mine, too, his = (work.access.open_session(p.id, at) for p in (alice, alice, bob))
        code = work.access.new_code(alice.id, at)
        assert work.access.session_person(mine, at) == alice.id
        assert work.access.session_person(mine, at + SESSION_LIVES) is None
        work.access.sign_out(too, at)
        assert work.access.session_person(too, at) is None
        assert work.access.sign_out_everywhere(alice.id, at) == 1
        assert work.access.session_person(mine, at) is None
        assert work.access.session_person(his, at) == bob.id
        with pytest.raises(NotSignedIn):
            work.access.use_code(code, at)


def test_an_api_key_is_shown_once_and_can_be_revoked(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice, at = person(work), work.now
        token = work.access.new_key("robot", alice.id, Role.EDITOR, at)
        key = work.access.key(token, at)
        assert (key.name, key.person_id, key.role, key.last_used_at) == ("robot", alice.id, Role.EDITOR, None)
        work.access.note_use(key, at)
        assert work.access.keys() == [replace(key, last_used_at=at)]
        with pytest.raises(NotSignedIn, match="not valid"):
            work.access.key(token + "x", at)
        with pytest.raises(NotFound, match="robot"):
            work.access.revoke_key("robto", at)
        work.access.revoke_key("robot", at)
        with pytest.raises(NotSignedIn, match="robot was revoked"):
            work.access.key(token, at)


def test_pictures_keep_their_bytes(storage: Storage) -> None:
    data = bytes(range(256)) * 50
    with storage.unit_of_work() as work:
        made = work.pictures.add(data, "image/jpeg", 10, 20, "p1", work.now)
        assert work.pictures.get(made.id) == made
    pictures = PictureBytes(storage.engine)
    assert pictures.with_kind(made.id) == (data, "image/jpeg")
    with pytest.raises(NotFound):
        pictures.data("none")


def test_the_stage_shows_threads_in_order_and_pages_back(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        on, at = account(work, persona(work)), work.now
    stage, reply_to = Stage(storage.engine), ""
    for n in range(4):
        stage.put(f"k{n}", on.id, Segment(f"part {n}"), reply_to, at + timedelta(milliseconds=n))
        reply_to = f"k{n}"
    assert [p.key for p in stage.thread("k0")] == ["k0", "k1", "k2", "k3"]
    assert [p.key for p in stage.feed(limit=2)] == ["k3", "k2"]
    assert [p.key for p in stage.feed(before=at + timedelta(milliseconds=2))] == ["k1", "k0"]
    stage.remove("k3")
    stage.remove("k3")
    assert not stage.has("k3") and stage.has("k2")
    assert stage.thread("k9") == []


def test_alerts_are_found_by_the_beginning_of_their_id(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        raised = work.raise_alert(AlertKind.JOB_FAILED, Subject("post", "a"), "x", kept="k", remedy="r")
        assert work.alerts.find(raised.id[:4].upper()) == raised
        for nonsense in (raised.id[:2], "%%%", "zzzzz"):
            with pytest.raises(NotFound):
                work.alerts.find(nonsense)


def test_an_account_is_found_by_platform_else_it_says_what_there_is(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada = persona(work)
        with pytest.raises(NotFound, match="no account yet"):
            work.accounts.on(ada.id, "stage")
        on = account(work, ada)
        assert work.accounts.on(ada.id, "stage") == on
        with pytest.raises(NotFound, match=r"on bluesky; it has stage"):
            work.accounts.on(ada.id, "bluesky")


def test_processes_that_give_a_sign_of_life_are_known(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        work.switches.beat("a", "worker", work.now, {"pid": 1})
        work.switches.beat("a", "worker", work.now + HOUR, {"pid": 2})
        work.switches.beat("b", "clock", work.now, {})
        assert [(b.process, b.detail) for b in work.switches.beats(work.now + HOUR)] == [("a", {"pid": 2})]


def test_a_time_without_a_zone_is_refused(storage: Storage) -> None:
    with storage.unit_of_work() as work, pytest.raises(Exception, match="no time zone"):
        work.people.add("Alice", Role.OWNER, datetime(2026, 12, 1))  # noqa: DTZ001  that is the point


def test_messages_are_found_by_however_many_subjects_each_once_and_in_order(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        room = work.channels.add("slack", "general", work.now, external_id="C1")
        cards = [Subject("variant", f"v{number}") for number in range(230)]
        for card in cards:
            work.place(room.id, card)
        owed = work.deliveries.owed("slack", work.now)
        for id, _ in owed:
            delivery = work.deliveries.get(id)
            assert delivery is not None
            work.deliveries.move(delivery, state=DeliveryState.SENT.value)
        assert work.deliveries.showing("slack", reversed(cards)) == owed
        assert work.deliveries.showing("slack", [*cards[:3], *cards[:3]]) == owed[:3]
        assert work.deliveries.showing("slack", [Subject("variant", "another"), cards[7]]) == [owed[7]]
        assert work.deliveries.showing("slack", []) == work.deliveries.showing("discord", cards) == []
