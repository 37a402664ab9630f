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

from storage.columns import Column, Id, Key, MaybeMoment, Moment, Prose, Table, Word, column

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
    id: Column[Key]
    name: Column[Word] = column(unique=True)
    role: Column[Word]
    zone: Column[Word]
    created_at: Column[Moment]
    removed_at: Column[MaybeMoment]


class IdentityRow(Table):
    """How a person is known on a surface."""

    __tablename__ = "identities"
    surface: Column[Word] = column(primary_key=True)
    user_id: Column[Word] = column(primary_key=True)
    person_id: Column[Id] = column(ForeignKey("people.id"), index=True)
    linked_at: Column[Moment]


class OneTimeCodeRow(Table):
    """A sign-in link or a code that links an identity: kept as a hash, used once."""

    __tablename__ = "one_time_codes"
    hash: Column[Word] = column(primary_key=True)
    purpose: Column[Word]
    person_id: Column[Id] = column(ForeignKey("people.id"), index=True)
    created_at: Column[Moment]
    expires_at: Column[Moment]
    used_at: Column[MaybeMoment]


class SessionRow(Table):
    """A signed-in browser; the cookie's token is kept as a hash."""

    __tablename__ = "sessions"
    hash: Column[Word] = column(primary_key=True)
    person_id: Column[Id] = column(ForeignKey("people.id"), index=True)
    created_at: Column[Moment]
    expires_at: Column[Moment]
    revoked_at: Column[MaybeMoment]


class ApiKeyRow(Table):
    """A program's key: acts as the person who made it, never above `role`."""

    __tablename__ = "api_keys"
    id: Column[Key]
    name: Column[Word] = column(unique=True)
    hash: Column[Word] = column(unique=True)
    person_id: Column[Id] = column(ForeignKey("people.id"))
    role: Column[Word]
    created_at: Column[Moment]
    last_used_at: Column[MaybeMoment]
    revoked_at: Column[MaybeMoment]


class PersonaRow(Table):
    __tablename__ = "personas"
    id: Column[Key]
    handle: Column[Word] = column(unique=True)
    state: Column[Word]
    profile: Column[dict[str, Any]]
    avatar: Column[Id]
    revision: Column[int]
    created_at: Column[Moment]


class AccountRow(Table):
    """An account of a persona; `credentials` are encrypted, `locked_until` serialises the refresh of a session."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("persona_id", "platform", "handle", "base_url"),)
    id: Column[Key]
    persona_id: Column[Id] = column(ForeignKey("personas.id"), index=True)
    platform: Column[Word]
    handle: Column[str] = column(String(253))
    """As long as a DNS name, which is what Bluesky's handles are."""
    base_url: Column[Prose]
    external_id: Column[str] = column(String(253))
    state: Column[Word]
    credentials: Column[bytes] = column(LargeBinary)
    locked_by: Column[Id]
    locked_until: Column[MaybeMoment]
    created_at: Column[Moment]


class PolicyRow(Table):
    """platform "" holds for every platform that has no policy of its own."""

    __tablename__ = "policies"
    persona_id: Column[Id] = column(ForeignKey("personas.id"), primary_key=True)
    platform: Column[Word] = column(primary_key=True)
    policy: Column[dict[str, Any]]


class StandingApprovalRow(Table):
    """A named person's approval given beforehand: limited in number and time, revocable."""

    __tablename__ = "standing_approvals"
    id: Column[Key]
    persona_id: Column[Id] = column(ForeignKey("personas.id"), index=True)
    platform: Column[Word]
    person_id: Column[Id] = column(ForeignKey("people.id"))
    left: Column[int]
    expires_at: Column[Moment]
    created_at: Column[Moment]
    revoked_at: Column[MaybeMoment]


class ChannelRow(Table):
    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("surface", "external_id"),)
    id: Column[Key]
    surface: Column[Word]
    name: Column[Word]
    external_id: Column[Word]
    closed: Column[Prose] = column(server_default=text("''"))
    """Why nothing can be said there any more, "" while it can."""
    created_at: Column[Moment]


class RouteRow(Table):
    """A persona's cards go to this channel too."""

    __tablename__ = "routes"
    persona_id: Column[Id] = column(ForeignKey("personas.id"), primary_key=True)
    channel_id: Column[Id] = column(ForeignKey("channels.id"), primary_key=True)


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
    id: Column[int] = column(_SEQUENCE, primary_key=True, autoincrement=True)
    channel_id: Column[Id] = column(ForeignKey("channels.id"))
    thread: Column[Word]
    author_kind: Column[Word]
    author_id: Column[Id]
    author_name: Column[Word]
    text: Column[Prose]
    card: Column[Word]
    audience: Column[Id]
    done: Column[bool] = column(server_default=true())
    """False while its author is still writing it."""
    at: Column[Moment]


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
    message_id: Column[int] = column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("messages.id"),
        primary_key=True,
        autoincrement=False,
    )
    channel_id: Column[Id] = column(ForeignKey("channels.id"))
    external_id: Column[Word]
    state: Column[Word]
    look: Column[Word]
    events: Column[int]
    live: Column[bool]
    """Whether what was shown last had buttons, or was still being written."""
    tries: Column[int]
    due_at: Column[Moment]
    trouble: Column[Prose]
    back: Column[bool]
    """Whether it was deleted there once and said again."""


class ReceivedRow(Table):
    """What another surface sent us, so that what it sends again is known."""

    __tablename__ = "received"
    surface: Column[Word] = column(primary_key=True)
    key: Column[Word] = column(primary_key=True)
    at: Column[Moment] = column(index=True)


class UploadRow(Table):
    """A picture of ours that another surface holds already."""

    __tablename__ = "uploads"
    surface: Column[Word] = column(primary_key=True)
    source: Column[Word] = column(primary_key=True)
    external_id: Column[Word]
    at: Column[Moment]


class GuestRow(Table):
    """Somebody on another surface who asked to be let in."""

    __tablename__ = "guests"
    __table_args__ = (UniqueConstraint("surface", "user_id"),)
    id: Column[Key]
    surface: Column[Word]
    user_id: Column[Word]
    name: Column[Word]
    state: Column[Word]
    decided_by: Column[Word]
    zone: Column[Word]
    asked_at: Column[Moment]


class FormRow(Table):
    """A form under way, between two modals of Discord: what it is about, and what was typed so far. Secrets never are."""

    __tablename__ = "forms"
    user_id: Column[Word] = column(primary_key=True)
    action: Column[Word] = column(primary_key=True)
    channel_id: Column[Id]
    thread: Column[Word]
    about: Column[Word]
    values: Column[dict[str, Any]]
    at: Column[Moment] = column(index=True)


class UserGroupRow(Table):
    """A group of another surface whose members are let in with a role."""

    __tablename__ = "user_groups"
    surface: Column[Word] = column(primary_key=True)
    external_id: Column[Word] = column(primary_key=True)
    name: Column[Word]
    role: Column[Word]
    made_by: Column[Id] = column(ForeignKey("people.id"))
    created_at: Column[Moment]


class PostRow(Table):
    __tablename__ = "posts"
    id: Column[Key]
    persona_id: Column[Id] = column(ForeignKey("personas.id"), index=True)
    type: Column[Word]
    brief: Column[Prose]
    requested_by: Column[Id]
    origin: Column[Id]
    source_url: Column[Prose]
    reply_to: Column[Prose]
    created_at: Column[Moment]


class VariantRow(Table):
    __tablename__ = "variants"
    __table_args__ = (
        Index("ix_variants_state", "state", "created_at"),
        Index("ix_variants_persona", "persona_id", "state", "published_at"),
    )
    id: Column[Key]
    post_id: Column[Id] = column(ForeignKey("posts.id"), index=True)
    persona_id: Column[Id] = column(ForeignKey("personas.id"))
    account_id: Column[Id] = column(ForeignKey("accounts.id"))
    platform: Column[Word]
    state: Column[Word]
    version: Column[int]
    revision: Column[int]
    approval_id: Column[Id]
    trouble: Column[Prose]
    url: Column[Prose]
    created_at: Column[Moment]
    publish_at: Column[MaybeMoment]
    published_at: Column[MaybeMoment]


class VersionRow(Table):
    """Never updated, never deleted."""

    __tablename__ = "versions"
    variant_id: Column[Id] = column(ForeignKey("variants.id"), primary_key=True)
    number: Column[int] = column(primary_key=True)
    content: Column[dict[str, Any]]
    text: Column[Prose]
    by_kind: Column[Word]
    by_id: Column[Id]
    by_name: Column[Word]
    authors: Column[list[Any]]
    note: Column[Prose]
    checks: Column[list[Any]]
    model: Column[Word]
    rehearsal: Column[bool]
    cost: Column[int] = column(BigInteger)
    writing_notes: Column[list[Any]]
    created_at: Column[Moment]


class ApprovalRow(Table):
    __tablename__ = "approvals"
    __table_args__ = (Index("ix_approvals_state", "state", "created_at"),)
    id: Column[Key]
    subject: Column[Word] = column(index=True)
    version: Column[int]
    fingerprint: Column[Word]
    policy: Column[dict[str, Any]]
    state: Column[Word]
    requested_by: Column[Id]
    authors: Column[list[Any]]
    publish_at: Column[MaybeMoment]
    created_at: Column[Moment]
    expires_at: Column[Moment]
    revision: Column[int]


class DecisionRow(Table):
    __tablename__ = "decisions"
    approval_id: Column[Id] = column(ForeignKey("approvals.id"), primary_key=True)
    number: Column[int] = column(primary_key=True)
    person_id: Column[Id]
    person_name: Column[Word]
    verdict: Column[Word]
    note: Column[Prose]
    via: Column[Word]
    standing: Column[bool]
    at: Column[Moment]


class EffectRow(Table):
    """The ledger: at most one effect for an approval."""

    __tablename__ = "effects"
    __table_args__ = (UniqueConstraint("approval_id", "kind"),)
    id: Column[Key]
    kind: Column[Word]
    subject: Column[Word] = column(index=True)
    approval_id: Column[Id] = column(ForeignKey("approvals.id"))
    fingerprint: Column[Word]
    state: Column[Word] = column(index=True)
    not_before: Column[Moment]
    attempts: Column[int]
    error: Column[Prose]
    revision: Column[int]
    created_at: Column[Moment]


class EffectSegmentRow(Table):
    """What was chosen for a segment before it was sent, and the proof once it is out (or gone again)."""

    __tablename__ = "effect_segments"
    effect_id: Column[Id] = column(ForeignKey("effects.id"), primary_key=True)
    position: Column[int] = column(primary_key=True)
    key: Column[Word]
    created_at: Column[Moment]
    ref: Column[Prose]
    cid: Column[Prose]
    url: Column[Prose]
    sent_at: Column[MaybeMoment]
    gone_at: Column[MaybeMoment]


class AttemptRow(Table):
    __tablename__ = "attempts"
    id: Column[int] = column(_SEQUENCE, primary_key=True, autoincrement=True)
    effect_id: Column[Id] = column(ForeignKey("effects.id"), index=True)
    started_at: Column[Moment]
    ended_at: Column[Moment]
    outcome: Column[Word]
    error: Column[Prose]


class JobRow(Table):
    """What is owed, now or later. The partial index is what makes claiming due ones cheap (measured: 1.3 ms for
    100 of 1,000,000, against 194 ms without)."""

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_due", "due_at", sqlite_where=_OPEN_JOB, postgresql_where=_OPEN_JOB),
        Index("ix_jobs_subject", "subject", sqlite_where=_OPEN_JOB, postgresql_where=_OPEN_JOB),
    )
    id: Column[Key]
    name: Column[Word]
    subject: Column[Word]
    due_at: Column[Moment]
    """When it is owed next: a claim moves it past the claimer's lease, so one column is due time and lease."""
    holder: Column[Id]
    attempts: Column[int]
    correlation: Column[Id]
    created_at: Column[Moment]
    done_at: Column[MaybeMoment]
    waits_since: Column[MaybeMoment]
    """When it was rung first without a worker taking it; a clock that rings again moves `due_at`, not this."""


class EventRow(Table):
    """Append-only: event, audit line and outbox at once."""

    __tablename__ = "events"
    __table_args__ = (Index("ix_events_subject", "subject", "id"),)
    id: Column[int] = column(_SEQUENCE, primary_key=True, autoincrement=True)
    at: Column[Moment]
    name: Column[Word]
    subject: Column[Word]
    actor_kind: Column[Word]
    actor_id: Column[Id]
    actor_name: Column[Word]
    via: Column[Word]
    before: Column[dict[str, Any]]
    after: Column[dict[str, Any]]
    refused: Column[Prose]
    correlation: Column[Id]


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
    id: Column[Key]
    kind: Column[Word]
    severity: Column[Word]
    cause: Column[str] = column(String(200), index=True, server_default=_NOTHING)
    subject: Column[Word]
    state: Column[Word] = column(index=True)
    what: Column[Prose]
    kept: Column[Prose]
    remedy: Column[Prose]
    why: Column[Prose] = column(server_default=_NOTHING)
    link: Column[Prose] = column(server_default=_NOTHING)
    count: Column[int]
    first_at: Column[Moment]
    last_at: Column[Moment] = column(index=True)
    handled_by: Column[Word]
    persona_id: Column[Id] = column(server_default=_NOTHING)
    assigned_to: Column[Id] = column(server_default=_NOTHING)
    level: Column[int] = column(server_default=_ZERO)
    round: Column[int] = column(server_default=_ZERO)
    stepped_at: Column[MaybeMoment]
    reopened: Column[int] = column(server_default=_ZERO)
    drill: Column[bool] = column(server_default=false())
    silenced_until: Column[MaybeMoment]
    acknowledged_at: Column[MaybeMoment]
    resolved_at: Column[MaybeMoment]
    revision: Column[int]


class AlertSubjectRow(Table):
    """One of the things that an alert is about, and whether it was mended meanwhile."""

    __tablename__ = "alert_subjects"
    alert_id: Column[Id] = column(ForeignKey("alerts.id"), primary_key=True)
    subject: Column[Word] = column(primary_key=True, index=True)
    at: Column[Moment]
    mended_at: Column[MaybeMoment]


class RotaRow(Table):
    """A rotation, the only one of its layer.  starts: local time of the first hand-over, ISO 8601.  rule: an RRULE of RFC 5545 without DTSTART."""

    __tablename__ = "rotas"
    id: Column[Key]
    name: Column[Word] = column(unique=True)
    layer: Column[int] = column(unique=True)
    zone: Column[Word]
    people: Column[list[Any]]
    starts: Column[Word]
    rule: Column[Word]
    created_at: Column[Moment]
    revision: Column[int]


class OverrideRow(Table):
    """Somebody takes a shift instead of whoever the rotation names.  source: "person", or the name of an imported calendar."""

    __tablename__ = "overrides"
    id: Column[Key]
    rota_id: Column[Id] = column(ForeignKey("rotas.id"), index=True)
    person_id: Column[Id] = column(ForeignKey("people.id"))
    starts_at: Column[Moment]
    ends_at: Column[Moment] = column(index=True)
    source: Column[Word]
    made_by: Column[Word]
    created_at: Column[Moment]


class EscalationRow(Table):
    """Who is told after how long, for one severity.  persona_id: "" for every persona without one of its own."""

    __tablename__ = "escalations"
    persona_id: Column[Id] = column(primary_key=True)
    severity: Column[Word] = column(primary_key=True)
    steps: Column[list[Any]]
    changed_by: Column[Word]
    revision: Column[int]


class ReachRow(Table):
    """When and how one person wants to be reached besides chat.  quiet: "22:00-07:00" in their own zone, or ""."""

    __tablename__ = "reaches"
    person_id: Column[Id] = column(ForeignKey("people.id"), primary_key=True)
    quiet: Column[Word]
    revision: Column[int]


class ContactRow(Table):
    """An address outside chat.  way: email, webhook.  secret: sealed, signs what a webhook is sent.  severity: the mildest
    that it is used for.  confirmed_at: since when it is used."""

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("person_id", "way", "address"),)
    id: Column[Key]
    person_id: Column[Id] = column(ForeignKey("people.id"), index=True)
    way: Column[Word]
    address: Column[str] = column(String(2048))
    secret: Column[bytes | None] = column(LargeBinary)
    severity: Column[Word]
    created_at: Column[Moment]
    confirmed_at: Column[MaybeMoment]


class PageRow(Table):
    """One attempt to get somebody's attention.  way: chat, console, email, webhook, reminder.
    state: held, owed, sent, failed, dropped."""

    __tablename__ = "pages"
    __table_args__ = (UniqueConstraint("alert_id", "person_id", "way", "address", "level", "round"),)
    id: Column[Key]
    alert_id: Column[Id] = column(ForeignKey("alerts.id"), index=True)
    person_id: Column[Id] = column(ForeignKey("people.id"))
    way: Column[Word]
    address: Column[str] = column(String(2048))
    level: Column[int]
    round: Column[int]
    state: Column[Word]
    tries: Column[int]
    trouble: Column[Prose]
    created_at: Column[Moment]
    sent_at: Column[MaybeMoment]


class TaskRow(Table):
    __tablename__ = "tasks"
    __table_args__ = (Index("ix_tasks_state", "state", "priority", "created_at"),)
    id: Column[Key]
    title: Column[Word]
    brief: Column[Prose]
    requested_by: Column[Id]
    origin: Column[Id]
    asked_for: Column[Id]
    persona_id: Column[Id] = column(index=True)
    criteria: Column[list[Any]]
    complexity: Column[int]
    estimated: Column[bool]
    priority: Column[int]
    formats: Column[list[Any]]
    deadline: Column[MaybeMoment]
    budget: Column[int] = column(BigInteger)
    reviewed: Column[bool]
    parent_id: Column[Id] = column(index=True)
    depth: Column[int]
    stage: Column[Word]
    state: Column[Word]
    waits_for: Column[Word]
    round: Column[int]
    plan: Column[int]
    approval_id: Column[Id]
    trouble: Column[Prose]
    created_at: Column[Moment]
    started_at: Column[MaybeMoment]
    finished_at: Column[MaybeMoment]
    archived_at: Column[MaybeMoment]
    revision: Column[int]


class PlanRow(Table):
    """A version of a task's plan; `ticks` alone ever change."""

    __tablename__ = "plans"
    task_id: Column[Id] = column(ForeignKey("tasks.id"), primary_key=True)
    number: Column[int] = column(primary_key=True)
    outline: Column[dict[str, Any]]
    ticks: Column[list[Any]]
    created_at: Column[Moment]


class CheckRow(Table):
    """A check that a persona ran, with its output."""

    __tablename__ = "checks"
    id: Column[int] = column(_SEQUENCE, primary_key=True, autoincrement=True)
    task_id: Column[Id] = column(ForeignKey("tasks.id"), index=True)
    round: Column[int]
    command: Column[Prose]
    exit: Column[int]
    output: Column[Prose]
    at: Column[Moment]


class VerdictRow(Table):
    """An acceptance criterion of a plan, answered by the persona."""

    __tablename__ = "verdicts"
    task_id: Column[Id] = column(ForeignKey("tasks.id"), primary_key=True)
    plan: Column[int] = column(primary_key=True)
    number: Column[int] = column(primary_key=True)
    met: Column[bool]
    evidence: Column[Prose]


class ActionRow(Table):
    """What a persona wants to do beyond its workspace; at most one for each call of a tool."""

    __tablename__ = "actions"
    __table_args__ = (UniqueConstraint("task_id", "call_id"),)
    id: Column[Key]
    task_id: Column[Id] = column(ForeignKey("tasks.id"))
    persona_id: Column[Id]
    call_id: Column[Word]
    tool: Column[Word]
    title: Column[Prose]
    arguments: Column[dict[str, Any]]
    shown: Column[Prose]
    attachments: Column[dict[str, Any]]
    state: Column[Word] = column(index=True)
    approval_id: Column[Id]
    result: Column[Prose]
    created_at: Column[Moment]
    revision: Column[int]


class QuestionRow(Table):
    __tablename__ = "questions"
    __table_args__ = (UniqueConstraint("task_id", "call_id"),)
    id: Column[Key]
    task_id: Column[Id] = column(ForeignKey("tasks.id"))
    call_id: Column[Word]
    text: Column[Prose]
    options: Column[list[Any]]
    answer: Column[Prose]
    answered_by: Column[Word]
    asked_at: Column[Moment]
    answered_at: Column[MaybeMoment]


class ArtifactRow(Table):
    """A file that a task handed over."""

    __tablename__ = "artifacts"
    __table_args__ = (UniqueConstraint("task_id", "path"),)
    id: Column[Key]
    task_id: Column[Id] = column(ForeignKey("tasks.id"))
    path: Column[str] = column(String(300))
    kind: Column[Word]
    size: Column[int]
    sha256: Column[Word]
    preview: Column[Id]
    data: Column[bytes] = column(LargeBinary)
    created_at: Column[Moment]


class SourceRow(Table):
    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("task_id", "url"),)
    task_id: Column[Id] = column(ForeignKey("tasks.id"), primary_key=True)
    number: Column[int] = column(primary_key=True)
    url: Column[str] = column(String(2048))
    title: Column[Prose]
    accessed_at: Column[Moment]


class SeenRow(Table):
    """An address that a page or a search showed in a task, so that its persona may open it.  digest: SHA-256 in hex."""

    __tablename__ = "seen"
    task_id: Column[Id] = column(ForeignKey("tasks.id"), primary_key=True)
    digest: Column[str] = column(String(64), primary_key=True)


class NoteRow(Table):
    """What a persona wants to remember.  task_id: "" for what holds beyond one task."""

    __tablename__ = "notes"
    __table_args__ = (Index("ix_notes_persona", "persona_id", "at"),)
    id: Column[Key]
    persona_id: Column[Id] = column(ForeignKey("personas.id"))
    task_id: Column[Id]
    text: Column[Prose]
    at: Column[Moment]


class BudgetRow(Table):
    """Money of one owner, in micro-dollars.  owner: "persona:ID", "task:ID" or "team:troupe".  month: "2026-11", "" for what
    has no months.  noticed: the last of 50, 80 and 100 % that people were told of."""

    __tablename__ = "budgets"
    owner: Column[Word] = column(primary_key=True)
    month: Column[Word] = column(primary_key=True)
    reserved: Column[int] = column(BigInteger)
    spent: Column[int] = column(BigInteger)
    noticed: Column[int] = column(server_default=_ZERO)


class SpendRow(Table):
    """One call of a model: reserved before it, settled after it. A crash in between leaves it reserved."""

    __tablename__ = "spends"
    id: Column[Key]
    persona_id: Column[Id] = column(ForeignKey("personas.id"), index=True)
    budgets: Column[Prose]
    """Out of which it is paid: "persona:ID/2026-11 task:ID/"."""
    subject: Column[Word] = column(index=True)
    provider: Column[Word]
    model: Column[Word]
    state: Column[Word]
    reserved: Column[int] = column(BigInteger)
    spent: Column[int] = column(BigInteger)
    input_tokens: Column[int]
    output_tokens: Column[int]
    at: Column[Moment]


class PictureRow(Table):
    __tablename__ = "pictures"
    id: Column[Key]
    sha256: Column[Word]
    kind: Column[Word]
    width: Column[int]
    height: Column[int]
    size: Column[int]
    data: Column[bytes] = column(LargeBinary)
    created_by: Column[Id]
    created_at: Column[Moment]


class StagePostRow(Table):
    """The built-in public feed, to the rest of the product an outside system like any other."""

    __tablename__ = "stage_posts"
    key: Column[Word] = column(primary_key=True)
    account_id: Column[Id] = column(index=True)
    author_name: Column[Word]
    author_handle: Column[Word]
    content: Column[dict[str, Any]]
    reply_to: Column[Word]
    created_at: Column[Moment]


class SwitchRow(Table):
    """A word for the whole installation, such as "halted"."""

    __tablename__ = "switches"
    name: Column[Word] = column(primary_key=True)
    value: Column[dict[str, Any]]


class LeaseRow(Table):
    """One holder at a time over all processes and hosts ("clock")."""

    __tablename__ = "leases"
    name: Column[Word] = column(primary_key=True)
    holder: Column[Word]
    until: Column[Moment]


class BeatRow(Table):
    """Each process's last sign of life."""

    __tablename__ = "beats"
    process: Column[Word] = column(primary_key=True)
    kind: Column[Word]
    at: Column[Moment]
    detail: Column[dict[str, Any]]
