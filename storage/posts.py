"""Posts, variants and versions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, Literal

from pydantic import TypeAdapter
from sqlalchemy import Connection, Select, bindparam, func, select

from agents.events import Actor
from agents.money import MicroUSD
from agents.writing.content import Content
from agents.writing.facts import Check, CheckState
from agents.writing.post import Post, State, Variant, Version
from agents.writing.writer import ContentType
from storage.rows import attempt, by_prefix, one, put, swap
from storage.tables import PostRow, VariantRow, VersionRow

_CONTENT = TypeAdapter(Content)
_VARIANT_FIELDS = tuple(f.name for f in fields(Variant))
_VARIANTS = select(*(VariantRow.__table__.c[name] for name in _VARIANT_FIELDS))
_VARIANT = _VARIANTS.where(VariantRow.id == bindparam("is_"))
_POST = select(PostRow.__table__).where(PostRow.id == bindparam("is_"))
_VERSION = select(VersionRow.__table__).where(
    VersionRow.variant_id == bindparam("of"), VersionRow.number == bindparam("is_")
)


class Posts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, post: Post, variants: tuple[Variant, ...]) -> None:
        put(self._connection, PostRow, **{**asdict(post), "type": post.type.value})
        for variant in variants:
            put(self._connection, VariantRow, **{**asdict(variant), "state": variant.state.value})

    def post(self, id: str) -> Post:
        row = one(self._connection, _POST, "There is no such post.", is_=id)
        values = {f.name: getattr(row, f.name) for f in fields(Post)}
        return Post(**{**values, "type": ContentType(row.type)})

    def variant(self, id: str) -> Variant:
        return _variant(one(self._connection, _VARIANT, f"There is no post {id}.", is_=id))

    def find(self, prefix: str) -> Variant:
        """By the beginning of its id, as a person types it. Raises NotFound, or Invalid if several begin so."""
        row = by_prefix(self._connection, _VARIANTS, VariantRow.id, prefix, "post", listed="/post queue")
        return _variant(row)

    def version(self, variant_id: str, number: int) -> Version:
        missing = f"There is no version {number} of post {variant_id}."
        return _version(one(self._connection, _VERSION, missing, of=variant_id, is_=number))

    def versions(self, variant_id: str) -> list[Version]:
        """Oldest first."""
        query = select(VersionRow.__table__).where(VersionRow.variant_id == variant_id)
        return [_version(row) for row in self._connection.execute(query.order_by(VersionRow.number))]

    def add_version(self, version: Version) -> None:
        put(
            self._connection,
            VersionRow,
            variant_id=version.variant_id,
            number=version.number,
            content=asdict(version.content),
            text=version.content.text,
            by_kind=version.by.kind,
            by_id=version.by.id,
            by_name=version.by.name,
            authors=sorted(version.authors),
            note=version.note,
            checks=[asdict(check) for check in version.checks],
            model=version.model,
            rehearsal=version.rehearsal,
            cost=version.cost,
            writing_notes=list(version.writing_notes),
            created_at=version.created_at,
        )

    def set_checks(self, variant_id: str, number: int, checks: tuple[Check, ...]) -> None:
        here = (VersionRow.variant_id == variant_id, VersionRow.number == number)
        attempt(self._connection, VersionRow, *here, values={"checks": [asdict(check) for check in checks]})

    def swap(self, variant: Variant, doing: str, **changes: Any) -> Variant:
        to: State | None = changes.get("state")
        if to is not None:
            variant.must(to, doing)
            changes["state"] = to.value
        swap(
            self._connection,
            VariantRow,
            VariantRow.id == variant.id,
            VariantRow.revision == variant.revision,
            values={**changes, "revision": variant.revision + 1},
            lost=f"Somebody was faster: the post changed before you could {doing}.",
        )
        values = {f.name: getattr(variant, f.name) for f in fields(Variant)} | changes
        return Variant(**{**values, "state": State(values["state"]), "revision": variant.revision + 1})

    def recent_texts(self, persona_id: str, *, limit: int, but: str = "") -> list[str]:
        said = [s.value for s in (State.PUBLISHED, State.PUBLISHING, State.APPROVED, State.SCHEDULED)]
        query = (
            select(VersionRow.text)
            .join(
                VariantRow,
                (VariantRow.id == VersionRow.variant_id) & (VariantRow.version == VersionRow.number),
            )
            .where(VariantRow.persona_id == persona_id, VariantRow.state.in_(said), VariantRow.post_id != but)
            .order_by(VersionRow.created_at.desc())
            .limit(limit)
        )
        return list(self._connection.execute(query).scalars())

    def in_states(
        self,
        states: Iterable[State],
        *,
        persona_id: str = "",
        requested_by: str = "",
        limit: int = 100,
        by: Literal["created_at", "publish_at", "published_at"] = "created_at",
        oldest_first: bool = True,
    ) -> list[Variant]:
        """requested_by: a person's id, "" for everybody's.  by: the time that they are ordered by."""
        query = _in(_VARIANTS, states, requested_by).limit(limit)
        if persona_id:
            query = query.where(VariantRow.persona_id == persona_id)
        time = VariantRow.__table__.c[by]
        query = query.order_by(time if oldest_first else time.desc(), VariantRow.id)
        return [_variant(row) for row in self._connection.execute(query)]

    def count(self, states: Iterable[State], *, requested_by: str = "") -> int:
        query = _in(select(func.count()).select_from(VariantRow), states, requested_by)
        found: int = self._connection.execute(query).scalar_one()
        return found

    def between(self, start: datetime, end: datetime) -> list[Variant]:
        """What is scheduled for, or went out in, [start, end): the calendar's rows, by time."""
        planned = (VariantRow.publish_at >= start) & (VariantRow.publish_at < end)
        out = (VariantRow.published_at >= start) & (VariantRow.published_at < end)
        rows = self._connection.execute(_VARIANTS.where(planned | out)).all()
        return sorted(map(_variant, rows), key=lambda v: v.published_at or v.publish_at or v.created_at)


def _in(query: Select[Any], states: Iterable[State], requested_by: str) -> Select[Any]:
    """Only variants in these states, of posts that this person asked for."""
    query = query.where(VariantRow.state.in_([s.value for s in states]))
    if not requested_by:
        return query
    theirs = PostRow.requested_by == requested_by
    return query.join(PostRow, PostRow.id == VariantRow.post_id).where(theirs)


def _variant(row: Any) -> Variant:
    values = {name: getattr(row, name) for name in _VARIANT_FIELDS}
    return Variant(**{**values, "state": State(values["state"])})


def _version(row: Any) -> Version:
    return Version(
        variant_id=row.variant_id,
        number=row.number,
        content=_CONTENT.validate_python(row.content),
        by=Actor(row.by_kind, row.by_id, row.by_name),
        authors=frozenset(row.authors),
        created_at=row.created_at,
        note=row.note,
        checks=tuple(Check(c["name"], CheckState(c["state"]), c["reason"]) for c in row.checks),
        model=row.model,
        rehearsal=row.rehearsal,
        cost=MicroUSD(row.cost),
        writing_notes=tuple(row.writing_notes),
    )
