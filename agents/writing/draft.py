"""How a post comes to be: asked for, written, edited, written again. Every wording is a new immutable version."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from agents.approvals import fingerprint as fp
from agents.approvals.approval import Approval, Verdict
from agents.approvals.ask import ask, may_decide, tell_approvers, withdraw
from agents.approvals.decide import approve
from agents.errors import BudgetExhausted, Conflict, Halted, Invalid, Stale, TroupeError
from agents.events import TROUPE, Actor, Event, Subject
from agents.jobs import JobName
from agents.oncall.kinds import AlertKind
from agents.people import Person
from agents.personas.persona import Persona, PersonaState
from agents.publishing.platform import Account, Rules
from agents.work import Work
from agents.writing import checks
from agents.writing.content import Content, LinkCard, Picture, Segment
from agents.writing.facts import Check, CheckState, Facts, LinkState, Moderation
from agents.writing.looks import urls
from agents.writing.post import WORDS, Post, State, Variant, Version
from agents.writing.wording import find_urls
from agents.writing.writer import Assignment, ContentType, Draft, Lack, Source, Usage

CHAIN = Subject("provider", "chain")
"""All language models that are asked, as what is behind it when none of them answers."""
BRIEF_LIMIT = 4000
"""Characters of a brief: a page; more belongs behind a link."""
RECENT = 20
"""How many of the persona's last posts a version is compared with."""
SHOWN_TO_WRITER = 5
"""How many of them the model is shown, so that it says something else."""


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked a persona for."""

    persona: Persona
    accounts: tuple[Account, ...]
    brief: str
    type: ContentType
    by: Person
    origin: str = ""
    """The channel's id."""
    publish_at: datetime | None = None
    source_url: str = ""
    reply_to: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found outside: by the address of a link, and by the moderation service."""

    links: Mapping[str, LinkState]
    moderation: Moderation | None
    card: LinkCard | None = None


def request(asked: Request, work: Work) -> tuple[Variant, ...]:
    """A post with one variant for each account; the persona starts to write at once."""
    must_be_working(asked.persona, work)
    if not asked.brief.strip():
        raise Invalid("Say what the post is about.", field="about")
    if len(asked.brief) > BRIEF_LIMIT:
        raise Invalid(
            f"The brief is {len(asked.brief) - BRIEF_LIMIT} characters too long; it may have {BRIEF_LIMIT}.",
            remedy="Shorten it, or put the details on a page and give its link.",
            field="about",
        )
    post = Post(
        id=work.new_id(),
        persona_id=asked.persona.id,
        type=asked.type,
        brief=asked.brief.strip(),
        requested_by=asked.by.id,
        origin=asked.origin,
        created_at=work.now,
        source_url=asked.source_url,
        reply_to=asked.reply_to,
    )
    variants = tuple(
        Variant(
            id=work.new_id(),
            post_id=post.id,
            persona_id=post.persona_id,
            account_id=account.id,
            platform=account.platform,
            state=State.WRITING,
            version=0,
            revision=1,
            created_at=work.now,
            publish_at=asked.publish_at,
        )
        for account in asked.accounts
    )
    work.posts.add(post, variants)
    for variant in variants:
        work.owe(JobName.WRITE, variant.subject)
        after = {"brief": post.brief, "type": post.type.value, "platform": variant.platform}
        actor = replace(asked.by.actor, via=asked.via)
        work.record(Event("post.requested", variant.subject, actor, after=after))
        if post.origin:
            work.messages.say(post.origin, str(variant.subject), asked.by.actor, post.brief, work.now)
    return variants


def assignment(variant: Variant, rules: Rules, source: Source | None, work: Work) -> Assignment | None:
    """What the writer needs to know, or None if nothing is to be written any more."""
    if variant.state is not State.WRITING:
        return None
    persona = work.personas.get(variant.persona_id)
    post = work.posts.post(variant.post_id)
    previous = work.posts.version(variant.id, variant.version).content.text if variant.version else ""
    return Assignment(
        profile=persona.profile,
        rules=rules,
        type=post.type,
        brief=post.brief,
        now=work.now.astimezone(ZoneInfo(persona.profile.zone)),
        source=source,
        reply_to=post.reply_to,
        previous=previous,
        feedback=feedback(variant.id, work),
        recent=tuple(work.posts.recent_texts(persona.id, limit=SHOWN_TO_WRITER, but=variant.post_id)),
    )


def feedback(variant_id: str, work: Work) -> tuple[str, ...]:
    """Everything that people asked to be changed, oldest first."""
    return tuple(
        decision.note
        for approval in work.approvals.history(Subject("post", variant_id))
        for decision in approval.decisions
        if decision.verdict is Verdict.REQUEST_CHANGES
    )


def content_of(draft: Draft, before: Content | None, language: str) -> Content:
    """The draft's segments, with the pictures that the version before had."""
    fresh = Content(tuple(Segment(text) for text in draft.segments), (language,))
    if before is None or not before.pictures:
        return fresh
    first, *rest = fresh.segments
    return replace(fresh, segments=(replace(first, pictures=before.pictures), *rest))


def with_card(content: Content, card: LinkCard | None, rules: Rules) -> Content:
    """The card under the first segment that links to its page, where the platform has room for it."""
    if card is None:
        return content
    segments = list(content.segments)
    for i, segment in enumerate(segments):
        if card.url in segment.text and (rules.card_with_images or not segment.pictures):
            segments[i] = replace(segment, card=card)
            break
    return replace(content, segments=tuple(segments))


def written(variant: Variant, draft: Draft, content: Content, found: Sequence[Check], work: Work) -> Variant:
    """The persona's next version is there and waits for approval."""
    persona = work.personas.get(variant.persona_id)
    before = work.posts.version(variant.id, variant.version) if variant.version else None
    notes = feedback(variant.id, work)
    version = Version(
        variant_id=variant.id,
        number=variant.version + 1,
        content=content,
        by=Actor("persona", persona.id, persona.name),
        authors=before.authors if before else frozenset(),
        created_at=work.now,
        note=notes[-1] if notes else "",
        checks=tuple(found),
        model=draft.usage.model,
        rehearsal=draft.usage.rehearsal,
        cost=draft.usage.cost,
        writing_notes=draft.usage.notes,
    )
    after = _put(variant, version, work, doing="write it")
    note_models(variant.subject, persona, draft.usage, "drafted a post", work)
    return after


def note_models(subject: Subject, persona: Persona, usage: Usage, doing: str, work: Work) -> None:
    """Whether the models that were asked answered: people are told when none does, and when one does again.

    subject: what was written.  doing: in the past, for the sentence.
    """
    if usage.lack is None:
        work.resolve_about(subject, "Troupe")
        if not usage.rehearsal:
            work.resolve_cause(AlertKind.PROVIDER_DOWN, CHAIN, "Troupe")
        return
    silent = usage.lack is Lack.SILENCE
    what = "No language model answers" if silent else "The models had nothing that can be used"
    again = "Press Write again" if subject.kind == "post" else "Ask again"
    work.raise_alert(
        AlertKind.PROVIDER_DOWN if silent else AlertKind.WRITING_FAILED,
        subject,
        f"{what}: the rehearsal model {doing} for @{persona.handle} instead.",
        kept="Nothing goes out without approval, and the card says who wrote it.",
        remedy=f"{again} when a model answers; ./troupe doctor asks each."
        if silent
        else f"{again}, with another brief if it stays so.",
        group=CHAIN if silent else None,
        why=" ".join(f"{note.rstrip('.')}." for note in usage.notes[:3]),
        persona_id="" if silent else persona.id,
    )


def writing_failed(variant: Variant, error: TroupeError, work: Work) -> Variant:
    """Nobody could write it; the request is kept and can be tried again. Nothing, if somebody wrote it meanwhile."""
    if variant.state is not State.WRITING:
        return variant
    after = work.posts.swap(variant, "note that", state=State.WRITE_FAILED, trouble=error.what)
    work.record(Event("post.writing_failed", variant.subject, TROUPE, after={"why": error.what}))
    spent = error.code == BudgetExhausted.code
    work.raise_alert(
        AlertKind.BUDGET_EXHAUSTED if spent else AlertKind.WRITING_FAILED,
        variant.subject,
        f"A draft could not be written: {error.what}",
        kept="The request and all feedback are kept.",
        remedy=error.remedy or "Press Write again on the draft's card.",
        group=Subject("persona", variant.persona_id) if spent else None,
        persona_id=variant.persona_id,
    )
    return after


def write_again(variant_id: str, by: Person, work: Work) -> Variant:
    """Another try after nobody could write it, or only the rehearsal model; or a fresh version of what was rejected or
    expired."""
    variant = work.posts.variant(variant_id)
    must_be_working(work.personas.get(variant.persona_id), work)
    if stood_in(variant, work):
        withdraw(variant, work, doing="write it again")
    elif variant.state not in (State.WRITE_FAILED, State.REJECTED, State.EXPIRED):
        raise Conflict(
            f"The post is {WORDS[variant.state]}, so you cannot have it written again.",
            remedy="Its card shows what can be done with it now.",
        )
    after = work.posts.swap(variant, "have it written again", state=State.WRITING, trouble="")
    work.owe(JobName.WRITE, variant.subject)
    work.resolve_about(variant.subject, by.name)
    work.record(Event("post.writing_again", variant.subject, by.actor))
    return after


def stood_in(variant: Variant, work: Work) -> bool:
    """Whether what waits for approval was written by the rehearsal model."""
    waits = variant.state is State.IN_REVIEW
    return waits and work.posts.version(variant.id, variant.version).rehearsal


def edit(
    variant_id: str,
    by: Person,
    seen: str,
    text: str,
    rules: Rules,
    work: Work,
    *,
    note: str = "",
    moderated: bool = False,
) -> Variant:
    """A person's own wording: a new version, and whatever approval there was is void.

    Segments are parted by a line of three dashes. Raises Stale if the text they edited is not the present one.
    moderated: whether a moderation service is connected, which then has to look before anybody may approve.
    """
    variant = work.posts.variant(variant_id)
    before = _editable(variant, seen, work)
    content = before.content.with_text(text)
    if content == before.content:
        raise Invalid("That is the same text as before.", remedy="Change it, or press Cancel.", field="text")
    return _by_hand(variant, before, content, by, rules, work, note=note, moderated=moderated)


def add_picture(
    variant_id: str,
    by: Person,
    picture: Picture,
    rules: Rules,
    work: Work,
    *,
    seen: str = "",
    moderated: bool = False,
) -> Variant:
    """A new version with one more picture, under the first segment that has room."""
    variant = work.posts.variant(variant_id)
    before = _editable(variant, seen, work)
    segments = list(before.content.segments)
    for i, segment in enumerate(segments):
        if len(segment.pictures) < rules.max_images:
            card = segment.card if rules.card_with_images else None
            segments[i] = replace(segment, pictures=(*segment.pictures, picture), card=card)
            break
    else:
        raise Invalid(
            f"There is no room for another picture: {rules.name} takes {rules.max_images} a post.",
            remedy="Remove one first with Pictures…",
            field="picture",
        )
    content = replace(before.content, segments=tuple(segments))
    return _by_hand(variant, before, content, by, rules, work, note="picture added", moderated=moderated)


def remove_pictures(
    variant_id: str, by: Person, seen: str, rules: Rules, work: Work, *, moderated: bool = False
) -> Variant:
    variant = work.posts.variant(variant_id)
    before = _editable(variant, seen, work)
    if not before.content.pictures:
        raise Invalid("There is no picture to remove.")
    bare = tuple(replace(segment, pictures=()) for segment in before.content.segments)
    content = replace(before.content, segments=bare)
    return _by_hand(variant, before, content, by, rules, work, note="pictures removed", moderated=moderated)


def looked_at(variant: Variant, number: int, looked: Looked, rules: Rules, work: Work) -> Variant | None:
    """What was pending about a person's version has been looked at. None if there is a newer one already."""
    if variant.version != number or variant.state is not State.IN_REVIEW:
        return None
    version = work.posts.version(variant.id, number)
    content = with_card(version.content, looked.card, rules)
    found = run_checks(variant, content, looked, rules, work)
    if content == version.content:
        work.posts.set_checks(variant.id, number, tuple(found))
        after = work.posts.swap(variant, "check it")
        work.record(Event("post.checked", variant.subject, TROUPE, after={"version": number}))
        return after
    carded = replace(
        version,
        number=number + 1,
        content=content,
        checks=tuple(found),
        note="link preview added",
        created_at=work.now,
    )
    return _put(variant, carded, work, doing="add the link preview")


def run_checks(
    variant: Variant,
    content: Content,
    looked: Looked | None,
    rules: Rules,
    work: Work,
    *,
    moderated: bool = False,
) -> tuple[Check, ...]:
    """All checks; those of the network are pending while nobody has looked."""
    post = work.posts.post(variant.post_id)
    facts = Facts(
        profile=work.personas.get(variant.persona_id).profile,
        rules=rules,
        type=post.type,
        source_url=post.source_url,
        recent=work.posts.recent_texts(variant.persona_id, limit=RECENT, but=variant.post_id),
        links=looked.links if looked else {},
        moderation=looked.moderation if looked else None,
    )
    found = checks.run(content, facts)
    if looked is not None:
        return found
    pending = {"links": bool(urls(content)), "moderation": moderated}
    return tuple(
        Check(check.name, CheckState.PENDING, "being looked at") if pending.get(check.name) else check
        for check in found
    )


def needs_network(content: Content, *, moderated: bool) -> bool:
    """Whether somebody has to look outside before this version can be approved."""
    return moderated or bool(urls(content))


def must_be_working(persona: Persona, work: Work) -> None:
    """Raises Halted or Conflict unless the persona may do anything at all."""
    halted = work.switches.halted
    if halted is not None:
        raise Halted(f"Troupe was halted by {halted.get('by', 'somebody')}.", remedy="/resume lets it go on.")
    if persona.state is not PersonaState.ACTIVE:
        raise Conflict(
            f"@{persona.handle} is {persona.state.value}.",
            remedy=f"/persona resume @{persona.handle} lets it work again.",
        )


def _editable(variant: Variant, seen: str, work: Work) -> Version:
    if not variant.version or not variant.may(State.IN_REVIEW):
        raise Conflict(
            f"The post is {WORDS[variant.state]}, so its text cannot be changed.",
            remedy="Its card shows what can be done with it now.",
        )
    version = work.posts.version(variant.id, variant.version)
    if seen and not fp.same(seen, fp.fingerprint(version.content, variant.account_id, variant.publish_at)):
        raise Stale(
            "The post has changed since you opened it; nothing was saved.",
            remedy="Your text is still in the form: copy it, open the form again and look at the present version.",
        )
    return version


def _by_hand(
    variant: Variant,
    before: Version,
    content: Content,
    by: Person,
    rules: Rules,
    work: Work,
    *,
    note: str,
    moderated: bool,
) -> Variant:
    linked = find_urls(content.text)
    content = replace(
        content,
        segments=tuple(
            replace(s, card=None) if s.card and s.card.url not in linked else s for s in content.segments
        ),
    )
    version = Version(
        variant_id=variant.id,
        number=variant.version + 1,
        content=content,
        by=by.actor,
        authors=before.authors | {by.id},
        created_at=work.now,
        note=note,
        checks=run_checks(variant, content, None, rules, work, moderated=moderated),
    )
    after = _put(variant, version, work, doing="edit it")
    if needs_network(content, moderated=moderated):
        work.owe(JobName.CHECK, variant.subject)
    return after


def _put(variant: Variant, version: Version, work: Work, *, doing: str) -> Variant:
    """Saves a version and asks for its approval; standing approvals of people count at once."""
    post = work.posts.post(variant.post_id)
    work.posts.add_version(version)
    at = variant.publish_at if variant.publish_at and variant.publish_at > work.now else None
    after, approval = ask(variant, post, version, at, work, doing=doing)
    work.resolve_about(variant.subject, version.by.name)
    work.record(
        Event(
            "post.versioned",
            variant.subject,
            version.by,
            before={"version": variant.version},
            after={
                "version": version.number,
                "text": version.content.text,
                "fingerprint": approval.fingerprint,
            },
        )
    )
    if version.by.kind == "persona":
        after = _standing(after, approval, version, work)
    if after.state is State.IN_REVIEW:
        tell_approvers(approval, work)
    return after


def _standing(variant: Variant, approval: Approval, version: Version, work: Work) -> Variant:
    """Approvals that people gave beforehand count only for versions without any remark of the checks."""
    clean = {CheckState.PASSED, CheckState.SKIPPED}
    if any(check.state not in clean for check in version.checks):
        return variant
    given: set[str] = set()
    for grant in work.personas.standing(variant.persona_id, work.now):
        if variant.state is not State.IN_REVIEW:
            break
        person = work.people.get(grant.person_id)
        holds = grant.platform in ("", variant.platform) and person.id not in given
        if holds and may_decide(approval, person, work) and work.personas.use_standing(grant.id):
            given.add(person.id)
            variant = approve(variant.id, person, approval.fingerprint, work, standing=True)
    return variant
