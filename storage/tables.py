"""Every table. Queries stand in the repositories beside this module, in the words of the product."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    false,
    text,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column

from storage.columns import Id, Key, MaybeMoment, Moment, Prose, Table, Word

_SEQUENCE = BigInteger().with_variant(Integer, "sqlite")
_OPEN_JOB = text("done_at IS NULL")
_IS_THERE = text("external_id <> ''")
_NOTHING, _ZERO = text("''"), text("0")
"""What rows of before have in a new column."""
_IS_OWED = text("state IN ('owed', 'sending')")
IS_CARD = text("card <> ''")
"""Said in a query as well, or neither database uses the partial index for it."""


class PersonRow(Table):
    __tablename__ = "people"
    id: Mapped[Key]
    name: Mapped[Word] = mapped_column(unique=True)
    role: Mapped[Word]
    zone: Mapped[Word]
    created_at: Mapped[Moment]
    removed_at: Mapped[MaybeMoment]


class IdentityRow(Table):
    """How a person is known on a surface."""

    __tablename__ = "identities"
    surface: Mapped[Word] = mapped_column(primary_key=True)
    user_id: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), index=True)
    linked_at: Mapped[Moment]


class OneTimeCodeRow(Table):
    """A sign-in link or a code that links an identity: kept as a hash, used once."""

    __tablename__ = "one_time_codes"
    hash: Mapped[Word] = mapped_column(primary_key=True)
    purpose: Mapped[Word]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    used_at: Mapped[MaybeMoment]


class SessionRow(Table):
    """A signed-in browser; the cookie's token is kept as a hash."""

    __tablename__ = "sessions"
    hash: Mapped[Word] = mapped_column(primary_key=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), index=True)
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revoked_at: Mapped[MaybeMoment]


class ApiKeyRow(Table):
    """A program's key: acts as the person who made it, never above `role`."""

    __tablename__ = "api_keys"
    id: Mapped[Key]
    name: Mapped[Word] = mapped_column(unique=True)
    hash: Mapped[Word] = mapped_column(unique=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    role: Mapped[Word]
    created_at: Mapped[Moment]
    last_used_at: Mapped[MaybeMoment]
    revoked_at: Mapped[MaybeMoment]


class PersonaRow(Table):
    __tablename__ = "personas"
    id: Mapped[Key]
    handle: Mapped[Word] = mapped_column(unique=True)
    state: Mapped[Word]
    profile: Mapped[dict[str, Any]]
    avatar: Mapped[Id]
    revision: Mapped[int]
    created_at: Mapped[Moment]


class AccountRow(Table):
    """An account of a persona; `credentials` are encrypted, `locked_until` serialises the refresh of a session."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("persona_id", "platform", "handle", "base_url"),)
    id: Mapped[Key]
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"), index=True)
    platform: Mapped[Word]
    handle: Mapped[str] = mapped_column(String(253))
    """As long as a DNS name, which is what Bluesky's handles are."""
    base_url: Mapped[Prose]
    external_id: Mapped[str] = mapped_column(String(253))
    state: Mapped[Word]
    credentials: Mapped[bytes] = mapped_column(LargeBinary)
    locked_by: Mapped[Id]
    locked_until: Mapped[MaybeMoment]
    created_at: Mapped[Moment]


class PolicyRow(Table):
    """platform "" holds for every platform that has no policy of its own."""

    __tablename__ = "policies"
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"), primary_key=True)
    platform: Mapped[Word] = mapped_column(primary_key=True)
    policy: Mapped[dict[str, Any]]


class StandingApprovalRow(Table):
    """A named person's approval given beforehand: limited in number and time, revocable."""

    __tablename__ = "standing_approvals"
    id: Mapped[Key]
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"), index=True)
    platform: Mapped[Word]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    left: Mapped[int]
    expires_at: Mapped[Moment]
    created_at: Mapped[Moment]
    revoked_at: Mapped[MaybeMoment]


class ChannelRow(Table):
    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("surface", "external_id"),)
    id: Mapped[Key]
    surface: Mapped[Word]
    name: Mapped[Word]
    external_id: Mapped[Word]
    closed: Mapped[Prose] = mapped_column(server_default=text("''"))
    """Why nothing can be said there any more, "" while it can."""
    created_at: Mapped[Moment]


class RouteRow(Table):
    """A persona's cards go to this channel too."""

    __tablename__ = "routes"
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"), primary_key=True)
    channel_id: Mapped[Id] = mapped_column(ForeignKey("channels.id"), primary_key=True)


class MessageRow(Table):
    __tablename__ = "messages"
    __table_args__ = (
        Index("ix_messages_channel_thread", "channel_id", "thread", "id"),
        Index(
            "uq_messages_card",
            "card",
            "channel_id",
            unique=True,
            sqlite_where=IS_CARD,
            postgresql_where=IS_CARD,
        ),
        Index("ix_messages_thread", "thread"),
    )
    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    channel_id: Mapped[Id] = mapped_column(ForeignKey("channels.id"))
    thread: Mapped[Word]
    author_kind: Mapped[Word]
    author_id: Mapped[Id]
    author_name: Mapped[Word]
    text: Mapped[Prose]
    card: Mapped[Word]
    audience: Mapped[Id]
    done: Mapped[bool] = mapped_column(server_default=true())
    """False while its author is still writing it."""
    at: Mapped[Moment]


class DeliveryRow(Table):
    """A message as it stands in Slack or Discord: which of theirs it is, and what was shown last. The console needs none."""

    __tablename__ = "deliveries"
    __table_args__ = (
        Index(
            "uq_deliveries_external",
            "channel_id",
            "external_id",
            unique=True,
            sqlite_where=_IS_THERE,
            postgresql_where=_IS_THERE,
        ),
        Index("ix_deliveries_owed", "due_at", sqlite_where=_IS_OWED, postgresql_where=_IS_OWED),
    )
    message_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("messages.id"),
        primary_key=True,
        autoincrement=False,
    )
    channel_id: Mapped[Id] = mapped_column(ForeignKey("channels.id"))
    external_id: Mapped[Word]
    state: Mapped[Word]
    look: Mapped[Word]
    events: Mapped[int]
    live: Mapped[bool]
    """Whether what was shown last had buttons, or was still being written."""
    tries: Mapped[int]
    due_at: Mapped[Moment]
    trouble: Mapped[Prose]
    back: Mapped[bool]
    """Whether it was deleted there once and said again."""


class ReceivedRow(Table):
    """What another surface sent us, so that what it sends again is known."""

    __tablename__ = "received"
    surface: Mapped[Word] = mapped_column(primary_key=True)
    key: Mapped[Word] = mapped_column(primary_key=True)
    at: Mapped[Moment] = mapped_column(index=True)


class UploadRow(Table):
    """A picture of ours that another surface holds already."""

    __tablename__ = "uploads"
    surface: Mapped[Word] = mapped_column(primary_key=True)
    source: Mapped[Word] = mapped_column(primary_key=True)
    external_id: Mapped[Word]
    at: Mapped[Moment]


class GuestRow(Table):
    """Somebody on another surface who asked to be let in."""

    __tablename__ = "guests"
    __table_args__ = (UniqueConstraint("surface", "user_id"),)
    id: Mapped[Key]
    surface: Mapped[Word]
    user_id: Mapped[Word]
    name: Mapped[Word]
    state: Mapped[Word]
    decided_by: Mapped[Word]
    zone: Mapped[Word]
    asked_at: Mapped[Moment]


class FormRow(Table):
    """A form under way, between two modals of Discord: what it is about, and what was typed so far. Secrets never are."""

    __tablename__ = "forms"
    user_id: Mapped[Word] = mapped_column(primary_key=True)
    action: Mapped[Word] = mapped_column(primary_key=True)
    channel_id: Mapped[Id]
    thread: Mapped[Word]
    about: Mapped[Word]
    values: Mapped[dict[str, Any]]
    at: Mapped[Moment] = mapped_column(index=True)


class UserGroupRow(Table):
    """A group of another surface whose members are let in with a role."""

    __tablename__ = "user_groups"
    surface: Mapped[Word] = mapped_column(primary_key=True)
    external_id: Mapped[Word] = mapped_column(primary_key=True)
    name: Mapped[Word]
    role: Mapped[Word]
    made_by: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    created_at: Mapped[Moment]


class PostRow(Table):
    __tablename__ = "posts"
    id: Mapped[Key]
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"), index=True)
    type: Mapped[Word]
    brief: Mapped[Prose]
    requested_by: Mapped[Id]
    origin: Mapped[Id]
    source_url: Mapped[Prose]
    reply_to: Mapped[Prose]
    created_at: Mapped[Moment]


class VariantRow(Table):
    __tablename__ = "variants"
    __table_args__ = (
        Index("ix_variants_state", "state", "created_at"),
        Index("ix_variants_persona", "persona_id", "state", "published_at"),
    )
    id: Mapped[Key]
    post_id: Mapped[Id] = mapped_column(ForeignKey("posts.id"), index=True)
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"))
    account_id: Mapped[Id] = mapped_column(ForeignKey("accounts.id"))
    platform: Mapped[Word]
    state: Mapped[Word]
    version: Mapped[int]
    revision: Mapped[int]
    approval_id: Mapped[Id]
    trouble: Mapped[Prose]
    url: Mapped[Prose]
    created_at: Mapped[Moment]
    publish_at: Mapped[MaybeMoment]
    published_at: Mapped[MaybeMoment]


class VersionRow(Table):
    """Never updated, never deleted."""

    __tablename__ = "versions"
    variant_id: Mapped[Id] = mapped_column(ForeignKey("variants.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    text: Mapped[Prose]
    by_kind: Mapped[Word]
    by_id: Mapped[Id]
    by_name: Mapped[Word]
    authors: Mapped[list[Any]]
    note: Mapped[Prose]
    checks: Mapped[list[Any]]
    model: Mapped[Word]
    rehearsal: Mapped[bool]
    cost: Mapped[int] = mapped_column(BigInteger)
    writing_notes: Mapped[list[Any]]
    created_at: Mapped[Moment]


class ApprovalRow(Table):
    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_state", "state", "created_at"),)
    id: Mapped[Key]
    subject: Mapped[Word] = mapped_column(index=True)
    version: Mapped[int]
    fingerprint: Mapped[Word]
    policy: Mapped[dict[str, Any]]
    state: Mapped[Word]
    requested_by: Mapped[Id]
    authors: Mapped[list[Any]]
    publish_at: Mapped[MaybeMoment]
    created_at: Mapped[Moment]
    expires_at: Mapped[Moment]
    revision: Mapped[int]


class DecisionRow(Table):
    __tablename__ = "decisions"
    approval_id: Mapped[Id] = mapped_column(ForeignKey("approvals.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[Id]
    person_name: Mapped[Word]
    verdict: Mapped[Word]
    note: Mapped[Prose]
    via: Mapped[Word]
    standing: Mapped[bool]
    at: Mapped[Moment]


class EffectRow(Table):
    """The ledger: at most one effect for an approval."""

    __tablename__ = "effects"
    __table_args__ = (UniqueConstraint("approval_id", "kind"),)
    id: Mapped[Key]
    kind: Mapped[Word]
    subject: Mapped[Word] = mapped_column(index=True)
    approval_id: Mapped[Id] = mapped_column(ForeignKey("approvals.id"))
    fingerprint: Mapped[Word]
    state: Mapped[Word] = mapped_column(index=True)
    not_before: Mapped[Moment]
    attempts: Mapped[int]
    error: Mapped[Prose]
    revision: Mapped[int]
    created_at: Mapped[Moment]


class EffectSegmentRow(Table):
    """What was chosen for a segment before it was sent, and the proof once it is out (or gone again)."""

    __tablename__ = "effect_segments"
    effect_id: Mapped[Id] = mapped_column(ForeignKey("effects.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[Word]
    created_at: Mapped[Moment]
    ref: Mapped[Prose]
    cid: Mapped[Prose]
    url: Mapped[Prose]
    sent_at: Mapped[MaybeMoment]
    gone_at: Mapped[MaybeMoment]


class AttemptRow(Table):
    __tablename__ = "attempts"
    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    effect_id: Mapped[Id] = mapped_column(ForeignKey("effects.id"), index=True)
    started_at: Mapped[Moment]
    ended_at: Mapped[Moment]
    outcome: Mapped[Word]
    error: Mapped[Prose]


class JobRow(Table):
    """What is owed, now or later. The partial index is what makes claiming due ones cheap (measured: 1.3 ms for
    100 of 1,000,000, against 194 ms without)."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "due_at", sqlite_where=_OPEN_JOB, postgresql_where=_OPEN_JOB),
        Index("ix_jobs_subject", "subject", sqlite_where=_OPEN_JOB, postgresql_where=_OPEN_JOB),
    )
    id: Mapped[Key]
    name: Mapped[Word]
    subject: Mapped[Word]
    due_at: Mapped[Moment]
    """When it is owed next: a claim moves it past the claimer's lease, so one column is due time and lease."""
    holder: Mapped[Id]
    attempts: Mapped[int]
    correlation: Mapped[Id]
    created_at: Mapped[Moment]
    done_at: Mapped[MaybeMoment]
    waits_since: Mapped[MaybeMoment]
    """When it was rung first without a worker taking it; a clock that rings again moves `due_at`, not this."""


class EventRow(Table):
    """Append-only: event, audit line and outbox at once."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject", "id"),)
    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    at: Mapped[Moment]
    name: Mapped[Word]
    subject: Mapped[Word]
    actor_kind: Mapped[Word]
    actor_id: Mapped[Id]
    actor_name: Mapped[Word]
    via: Mapped[Word]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    refused: Mapped[Prose]
    correlation: Mapped[Id]


class AlertRow(Table):
    __tablename__ = "alerts"
    __table_args__ = (
        Index(
            "uq_alerts_open_cause",
            "cause",
            unique=True,
            sqlite_where=text("state <> 'resolved'"),
            postgresql_where=text("state <> 'resolved'"),
        ),
    )
    id: Mapped[Key]
    kind: Mapped[Word]
    severity: Mapped[Word]
    cause: Mapped[str] = mapped_column(String(200), index=True, server_default=_NOTHING)
    subject: Mapped[Word]
    state: Mapped[Word] = mapped_column(index=True)
    what: Mapped[Prose]
    kept: Mapped[Prose]
    remedy: Mapped[Prose]
    why: Mapped[Prose] = mapped_column(server_default=_NOTHING)
    link: Mapped[Prose] = mapped_column(server_default=_NOTHING)
    count: Mapped[int]
    first_at: Mapped[Moment]
    last_at: Mapped[Moment] = mapped_column(index=True)
    handled_by: Mapped[Word]
    persona_id: Mapped[Id] = mapped_column(server_default=_NOTHING)
    assigned_to: Mapped[Id] = mapped_column(server_default=_NOTHING)
    level: Mapped[int] = mapped_column(server_default=_ZERO)
    round: Mapped[int] = mapped_column(server_default=_ZERO)
    stepped_at: Mapped[MaybeMoment]
    reopened: Mapped[int] = mapped_column(server_default=_ZERO)
    drill: Mapped[bool] = mapped_column(server_default=false())
    silenced_until: Mapped[MaybeMoment]
    acknowledged_at: Mapped[MaybeMoment]
    resolved_at: Mapped[MaybeMoment]
    revision: Mapped[int]


class AlertSubjectRow(Table):
    """One of the things that an alert is about, and whether it was mended meanwhile."""

    __tablename__ = "alert_subjects"
    alert_id: Mapped[Id] = mapped_column(ForeignKey("alerts.id"), primary_key=True)
    subject: Mapped[Word] = mapped_column(primary_key=True, index=True)
    at: Mapped[Moment]
    mended_at: Mapped[MaybeMoment]


class RotaRow(Table):
    """A rotation, the only one of its layer.  starts: local time of the first hand-over, ISO 8601.  rule: an RRULE of RFC 5545 without DTSTART."""

    __tablename__ = "rotas"
    id: Mapped[Key]
    name: Mapped[Word] = mapped_column(unique=True)
    layer: Mapped[int] = mapped_column(unique=True)
    zone: Mapped[Word]
    people: Mapped[list[Any]]
    starts: Mapped[Word]
    rule: Mapped[Word]
    created_at: Mapped[Moment]
    revision: Mapped[int]


class OverrideRow(Table):
    """Somebody takes a shift instead of whoever the rotation names.  source: "person", or the name of an imported calendar."""

    __tablename__ = "overrides"
    id: Mapped[Key]
    rota_id: Mapped[Id] = mapped_column(ForeignKey("rotas.id"), index=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    starts_at: Mapped[Moment]
    ends_at: Mapped[Moment] = mapped_column(index=True)
    source: Mapped[Word]
    made_by: Mapped[Word]
    created_at: Mapped[Moment]


class EscalationRow(Table):
    """Who is told after how long, for one severity.  persona_id: "" for every persona without one of its own."""

    __tablename__ = "escalations"
    persona_id: Mapped[Id] = mapped_column(primary_key=True)
    severity: Mapped[Word] = mapped_column(primary_key=True)
    steps: Mapped[list[Any]]
    changed_by: Mapped[Word]
    revision: Mapped[int]


class ReachRow(Table):
    """When and how one person wants to be reached besides chat.  quiet: "22:00-07:00" in their own zone, or ""."""

    __tablename__ = "reaches"
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), primary_key=True)
    quiet: Mapped[Word]
    revision: Mapped[int]


class ContactRow(Table):
    """An address outside chat.  way: email, webhook.  secret: sealed, signs what a webhook is sent.  severity: the mildest
    that it is used for.  confirmed_at: since when it is used."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("person_id", "way", "address"),)
    id: Mapped[Key]
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"), index=True)
    way: Mapped[Word]
    address: Mapped[str] = mapped_column(String(2048))
    secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    severity: Mapped[Word]
    created_at: Mapped[Moment]
    confirmed_at: Mapped[MaybeMoment]


class PageRow(Table):
    """One attempt to get somebody's attention.  way: chat, console, email, webhook, reminder.
    state: held, owed, sent, failed, dropped."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("alert_id", "person_id", "way", "address", "level", "round"),)
    id: Mapped[Key]
    alert_id: Mapped[Id] = mapped_column(ForeignKey("alerts.id"), index=True)
    person_id: Mapped[Id] = mapped_column(ForeignKey("people.id"))
    way: Mapped[Word]
    address: Mapped[str] = mapped_column(String(2048))
    level: Mapped[int]
    round: Mapped[int]
    state: Mapped[Word]
    tries: Mapped[int]
    trouble: Mapped[Prose]
    created_at: Mapped[Moment]
    sent_at: Mapped[MaybeMoment]


class TaskRow(Table):
    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state", "state", "priority", "created_at"),)
    id: Mapped[Key]
    title: Mapped[Word]
    brief: Mapped[Prose]
    requested_by: Mapped[Id]
    origin: Mapped[Id]
    asked_for: Mapped[Id]
    persona_id: Mapped[Id] = mapped_column(index=True)
    criteria: Mapped[list[Any]]
    complexity: Mapped[int]
    estimated: Mapped[bool]
    priority: Mapped[int]
    formats: Mapped[list[Any]]
    deadline: Mapped[MaybeMoment]
    budget: Mapped[int] = mapped_column(BigInteger)
    reviewed: Mapped[bool]
    parent_id: Mapped[Id] = mapped_column(index=True)
    depth: Mapped[int]
    stage: Mapped[Word]
    state: Mapped[Word]
    waits_for: Mapped[Word]
    round: Mapped[int]
    plan: Mapped[int]
    approval_id: Mapped[Id]
    trouble: Mapped[Prose]
    created_at: Mapped[Moment]
    started_at: Mapped[MaybeMoment]
    finished_at: Mapped[MaybeMoment]
    archived_at: Mapped[MaybeMoment]
    revision: Mapped[int]


class PlanRow(Table):
    """A version of a task's plan; `ticks` alone ever change."""

    __tablename__ = "plans"
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    outline: Mapped[dict[str, Any]]
    ticks: Mapped[list[Any]]
    created_at: Mapped[Moment]


class CheckRow(Table):
    """A check that a persona ran, with its output."""

    __tablename__ = "checks"
    id: Mapped[int] = mapped_column(_SEQUENCE, primary_key=True, autoincrement=True)
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"), index=True)
    round: Mapped[int]
    command: Mapped[Prose]
    exit: Mapped[int]
    output: Mapped[Prose]
    at: Mapped[Moment]


class VerdictRow(Table):
    """An acceptance criterion of a plan, answered by the persona."""

    __tablename__ = "verdicts"
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    plan: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    met: Mapped[bool]
    evidence: Mapped[Prose]


class ActionRow(Table):
    """What a persona wants to do beyond its workspace; at most one for each call of a tool."""

    __tablename__ = "actions"
    __table_args__ = (UniqueConstraint("task_id", "call_id"),)
    id: Mapped[Key]
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"))
    persona_id: Mapped[Id]
    call_id: Mapped[Word]
    tool: Mapped[Word]
    title: Mapped[Prose]
    arguments: Mapped[dict[str, Any]]
    shown: Mapped[Prose]
    attachments: Mapped[dict[str, Any]]
    state: Mapped[Word] = mapped_column(index=True)
    approval_id: Mapped[Id]
    result: Mapped[Prose]
    created_at: Mapped[Moment]
    revision: Mapped[int]


class QuestionRow(Table):
    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("task_id", "call_id"),)
    id: Mapped[Key]
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"))
    call_id: Mapped[Word]
    text: Mapped[Prose]
    options: Mapped[list[Any]]
    answer: Mapped[Prose]
    answered_by: Mapped[Word]
    asked_at: Mapped[Moment]
    answered_at: Mapped[MaybeMoment]


class ArtifactRow(Table):
    """A file that a task handed over."""

    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("task_id", "path"),)
    id: Mapped[Key]
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"))
    path: Mapped[str] = mapped_column(String(300))
    kind: Mapped[Word]
    size: Mapped[int]
    sha256: Mapped[Word]
    preview: Mapped[Id]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[Moment]


class SourceRow(Table):
    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("task_id", "url"),)
    task_id: Mapped[Id] = mapped_column(ForeignKey("tasks.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(String(2048))
    title: Mapped[Prose]
    accessed_at: Mapped[Moment]


class NoteRow(Table):
    """What a persona wants to remember.  task_id: "" for what holds beyond one task."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_persona", "persona_id", "at"),)
    id: Mapped[Key]
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"))
    task_id: Mapped[Id]
    text: Mapped[Prose]
    at: Mapped[Moment]


class BudgetRow(Table):
    """Money of one owner, in micro-dollars.  owner: "persona:ID", "task:ID" or "team:troupe".  month: "2026-11", "" for what
    has no months.  noticed: the last of 50, 80 and 100 % that people were told of."""

    __tablename__ = "budgets"
    owner: Mapped[Word] = mapped_column(primary_key=True)
    month: Mapped[Word] = mapped_column(primary_key=True)
    reserved: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)
    noticed: Mapped[int] = mapped_column(server_default=_ZERO)


class SpendRow(Table):
    """One call of a model: reserved before it, settled after it. A crash in between leaves it reserved."""

    __tablename__ = "spends"
    id: Mapped[Key]
    persona_id: Mapped[Id] = mapped_column(ForeignKey("personas.id"), index=True)
    budgets: Mapped[Prose]
    """Out of which it is paid: "persona:ID/2026-11 task:ID/"."""
    subject: Mapped[Word] = mapped_column(index=True)
    provider: Mapped[Word]
    model: Mapped[Word]
    state: Mapped[Word]
    reserved: Mapped[int] = mapped_column(BigInteger)
    spent: Mapped[int] = mapped_column(BigInteger)
    input_tokens: Mapped[int]
    output_tokens: Mapped[int]
    at: Mapped[Moment]


class PictureRow(Table):
    __tablename__ = "pictures"
    id: Mapped[Key]
    sha256: Mapped[Word]
    kind: Mapped[Word]
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    data: Mapped[bytes] = mapped_column(LargeBinary)
    created_by: Mapped[Id]
    created_at: Mapped[Moment]


class StagePostRow(Table):
    """The built-in public feed, to the rest of the product an outside system like any other."""

    __tablename__ = "stage_posts"
    key: Mapped[Word] = mapped_column(primary_key=True)
    account_id: Mapped[Id] = mapped_column(index=True)
    author_name: Mapped[Word]
    author_handle: Mapped[Word]
    content: Mapped[dict[str, Any]]
    reply_to: Mapped[Word]
    created_at: Mapped[Moment]


class SwitchRow(Table):
    """A word for the whole installation, such as "halted"."""

    __tablename__ = "switches"
    name: Mapped[Word] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class LeaseRow(Table):
    """One holder at a time over all processes and hosts ("clock")."""

    __tablename__ = "leases"
    name: Mapped[Word] = mapped_column(primary_key=True)
    holder: Mapped[Word]
    until: Mapped[Moment]


class BeatRow(Table):
    """Each process's last sign of life."""

    __tablename__ = "beats"
    process: Mapped[Word] = mapped_column(primary_key=True)
    kind: Mapped[Word]
    at: Mapped[Moment]
    detail: Mapped[dict[str, Any]]
