"""What is out, as anybody sees it, against what was approved and what the ledger says."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from sqlalchemy import select

from agents.effects.effect import EffectState
from agents.events import Subject
from agents.writing.post import State
from bot.platforms import STAGE
from storage.stage import Stage
from storage.tables import JobRow
from storage.unit_of_work import UnitOfWork
from tests.chaos.posts import Planned
from tests.servers.pds import Pds

MORE_THAN_ALL = 100_000


@dataclass(frozen=True, slots=True)
class Seen:
    """One segment that is out.  ref: what proves it, with its hash where there is one.  replies_to: root and parent on
    Bluesky, the parent on the stage, nothing for a thread's first."""

    ref: str
    text: str
    at: str
    replies_to: tuple[str, ...]


@dataclass(slots=True)
class Count:
    """duplicates, missing: segments.  wrong: a sentence with the post's id for each thing that is not as it should be."""

    duplicates: int = 0
    missing: int = 0
    wrong: list[str] = field(default_factory=list)


def on_stage(stage: Stage) -> list[Seen]:
    feed = stage.feed(limit=MORE_THAN_ALL)
    return [
        Seen(p.key, p.segment.text, p.created_at.isoformat(), (p.reply_to,) if p.reply_to else ())
        for p in feed
    ]


def on_bluesky(pds: Pds, did: str) -> list[Seen]:
    """Straight from the server, and nothing of ours in between."""
    seen = []
    for record in pds.records(did):
        value = record["value"]
        reply = value.get("reply")
        to = tuple(_ref(reply[end]["uri"], reply[end]["cid"]) for end in ("root", "parent")) if reply else ()
        seen.append(Seen(_ref(record["uri"], record["cid"]), value["text"], value["createdAt"], to))
    return seen


def outside(planned: Sequence[Planned], out: Mapping[str, Sequence[Seen]]) -> Count:
    """out: what is out on each platform, in any order."""
    count = Count()
    for platform, seen in out.items():
        times = Counter(segment.text for segment in seen)
        due = {text for post in planned if post.account.platform == platform for text in post.texts}
        count.duplicates += sum(times[text] - 1 for text in due if times[text] > 1)
        count.missing += sum(text not in times for text in due)
        count.wrong += [f"{platform}: “{text}” was never approved here" for text in times.keys() - due]
    for post in planned:
        count.wrong += _thread(post, out[post.account.platform])
    return count


def _thread(post: Planned, out: Sequence[Seen]) -> Iterator[str]:
    """Its segments: each once, in order, each a reply to the one before."""
    by_text: dict[str, list[Seen]] = defaultdict(list)
    for seen in out:
        by_text[seen.text].append(seen)
    times = [len(by_text[text]) for text in post.texts]
    if set(times) != {1}:
        yield f"post {post.id}: its segments are out {times} times"
        return
    thread = [by_text[text][0] for text in post.texts]
    for before, after in pairwise(thread):
        root = () if post.account.platform == STAGE.platform else (thread[0].ref,)
        if after.replies_to != (*root, before.ref) or not before.at < after.at:
            yield f"post {post.id}: “{after.text}” follows {after.replies_to}, not {before.ref}"
    if thread[0].replies_to:
        yield f"post {post.id}: its first segment is a reply"


def inside(planned: Sequence[Planned], out: Mapping[str, Sequence[Seen]], work: UnitOfWork) -> Iterator[str]:
    """Where the ledger says anything else than: done, once, each segment proven by what is out there."""
    for post in planned:
        variant, effects = work.posts.variant(post.id), work.effects.about(Subject("post", post.id))
        if variant.state is not State.PUBLISHED:
            yield f"post {post.id} is {variant.state}: {variant.trouble}"
        if [effect.state for effect in effects] != [EffectState.DONE]:
            yield f"post {post.id} has the effects {[effect.state.value for effect in effects]}"
            continue
        refs = {seen.text: seen.ref for seen in out[post.account.platform]}
        if [_ref(sent.ref, sent.cid) for sent in effects[0].sent] != [refs.get(text) for text in post.texts]:
            yield f"post {post.id}: what is proven is not what is out: {effects[0].sent}"
        told = [recorded.event.name for recorded in work.events.about(variant.subject)]
        for name in ("post.approved", "post.published"):
            if told.count(name) != 1:
                yield f"post {post.id}: {name} is recorded {told.count(name)} times"
    yield from (f"{job} is still owed" for job in owed(planned, work))


def owed(planned: Sequence[Planned], work: UnitOfWork) -> list[str]:
    """Open jobs about these posts and their approvals."""
    about = {f"post:{post.id}" for post in planned} | {f"approval:{post.approval_id}" for post in planned}
    still = work.connection.execute(select(JobRow.name, JobRow.subject).where(JobRow.done_at.is_(None)))
    return [f"{job.name} {job.subject}" for job in still if job.subject in about]


def _ref(ref: str, cid: str) -> str:
    return f"{ref} {cid}".rstrip()
