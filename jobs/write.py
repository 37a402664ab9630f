"""Writing a version: read what to write, let the model write, look outside, save. No transaction waits for a model."""

from __future__ import annotations

from urllib.parse import urlsplit

import structlog

from agents.errors import TroupeError
from agents.events import Subject
from agents.oncall.kinds import AlertKind
from agents.personas.persona import PersonaState
from agents.writing import draft as verbs
from agents.writing.content import Content, LinkCard
from agents.writing.facts import LinkState, Moderation
from agents.writing.looks import urls
from agents.writing.post import State
from agents.writing.writer import Source, WritingFailed
from bot.platforms import RULES
from bot.wiring import Troupe
from integrations.http.errors import FetchError
from integrations.links import alive
from integrations.links.preview import LinkPreview, preview
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
LINKS_LOOKED_AT = 5
"""Links of one post that are opened; more is no post but a list."""


def write(troupe: Troupe, subject: Subject) -> None:
    """The next version of a draft, by its persona."""
    with troupe.storage.reading() as work:
        variant = work.posts.variant(subject.id)
        post = work.posts.post(variant.post_id)
        persona = work.personas.get(variant.persona_id)
        busy = work.switches.halted is None and persona.state is PersonaState.ACTIVE
    if variant.state is not State.WRITING:
        return
    rules = RULES[variant.platform]
    try:
        if not busy:
            with troupe.storage.reading() as work:
                verbs.must_be_working(persona, work)
        source = _source(post.source_url, troupe) if post.source_url else None
        with troupe.storage.reading() as work:
            assignment = verbs.assignment(variant, rules, source, work)
            before = work.posts.version(variant.id, variant.version).content if variant.version else None
        if assignment is None:
            return
        budget = troupe.storage.budget(persona, variant.subject)
        drafted = troupe.writer(persona.profile).write(assignment, budget)
    except TroupeError as error:
        with troupe.storage.unit_of_work() as work:
            verbs.writing_failed(work.posts.variant(variant.id), error, work)
        return
    content = verbs.content_of(drafted, before, persona.profile.voice.language)
    looked = look(content, troupe)
    content = verbs.with_card(content, looked.card, rules)
    with troupe.storage.unit_of_work() as work:
        now = work.posts.variant(variant.id)
        if now.state is State.WRITING and now.version == variant.version:
            found = verbs.run_checks(now, content, looked, rules, work)
            verbs.written(now, drafted, content, found, work)


def check(troupe: Troupe, subject: Subject) -> None:
    """Looks outside for a version that a person wrote: links, their preview, moderation."""
    with troupe.storage.reading() as work:
        variant = work.posts.variant(subject.id)
        version = work.posts.version(variant.id, variant.version)
    looked = look(version.content, troupe)
    with troupe.storage.unit_of_work() as work:
        verbs.looked_at(work.posts.variant(variant.id), version.number, looked, RULES[variant.platform], work)


def give_up(variant_id: str, why: str, work: UnitOfWork) -> None:
    """Writing stumbled over something unforeseen, again and again."""
    verbs.writing_failed(work.posts.variant(variant_id), WritingFailed(why), work)


def give_up_checking(variant_id: str, why: str, work: UnitOfWork) -> None:
    """Nobody could look: what was pending becomes a warning, and whoever approves decides whether to care."""
    variant = work.posts.variant(variant_id)
    content = work.posts.version(variant.id, variant.version).content
    unsure = {url: LinkState(None, why) for url in urls(content)}
    looked = verbs.Looked(unsure, Moderation(skipped=f"Nobody could look. {why}"))
    verbs.looked_at(variant, variant.version, looked, RULES[variant.platform], work)
    work.raise_alert(
        AlertKind.JOB_FAILED,
        variant.subject,
        f"A post's links and words could not be checked: {why}",
        kept="The post waits for approval; its checks say what nobody looked at.",
        remedy="Look at its links yourself before you approve it.",
        persona_id=variant.persona_id,
    )


def look(content: Content, troupe: Troupe) -> verbs.Looked:
    """What is behind the links, the preview of the first one that has one, and what moderation says."""
    links = [url for url in urls(content) if urlsplit(url).scheme in ("http", "https")][:LINKS_LOOKED_AT]
    states, card = {}, None
    carded = next((s.card for s in content.segments if s.card), None)
    for url in links:
        states[url] = _state(url, troupe)
        if card is None and carded is None and states[url].alive is not False:
            card = _card(url, troupe)
    moderation = troupe.moderator.look(content.text) if troupe.moderator else None
    return verbs.Looked(states, moderation, card)


def _state(url: str, troupe: Troupe) -> LinkState:
    found = alive.check(url, troupe.door)
    answers = {alive.Life.ALIVE: True, alive.Life.DEAD: False, alive.Life.UNSURE: None}
    return LinkState(answers[found.life], found.reason)


def _card(url: str, troupe: Troupe) -> LinkCard | None:
    """The preview, with its picture kept as we would send it. None if the page has none to show."""
    try:
        found = preview(url, troupe.door)
    except FetchError as error:
        log.info("link.no_preview", reason=type(error).__name__)
        return None
    return _kept(found, troupe)


def _kept(found: LinkPreview, troupe: Troupe) -> LinkCard:
    if found.image is None or found.image_type is None:
        return LinkCard(found.url, found.title, found.description)
    with troupe.storage.unit_of_work() as work:
        thumb = work.pictures.add(
            found.image, found.image_type, found.width, found.height, "troupe", work.now
        )
    return LinkCard(found.url, found.title, found.description, thumb)


def _source(url: str, troupe: Troupe) -> Source:
    """The page that an article share is about. What cannot be read is shared by its address alone."""
    try:
        found = preview(url, troupe.door)
    except FetchError:
        return Source(url)
    return Source(url, found.title, found.description)
