"""A click on Approve, from the dispatcher to the commit, beside a bare SQLAlchemy transaction that writes the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from sqlalchemy import Connection, func, insert, select, update

from storage.columns import new_id
from storage.tables import (
    ApprovalRow,
    DecisionRow,
    EffectRow,
    EventRow,
    JobRow,
    PersonRow,
    VariantRow,
    VersionRow,
)
from tests.bench.figures import Figure, Options, against, in_turns, timed_ms
from tests.bench.house import Draft, House, Unrung, house

LIMIT = 3.0
ROUNDS = 400
WARM_UP = 20


def figures(options: Options) -> Iterator[Figure]:
    for database in options.databases:
        with house(database, kind=Unrung) as home:
            yield from measure(home, options.count(ROUNDS), database)


def measure(home: House, rounds: int, database: str) -> Iterator[Figure]:
    """Three sides in turns: the click, the same writes, the same writes after the same reads."""
    drafts = home.drafts(3 * (rounds + WARM_UP))

    def side(click: partial[None]) -> float:
        draft = drafts.pop()
        return timed_ms(lambda: click(draft))

    sides = [partial(side, partial(way, home)) for way in (press, write, read_and_write)]
    in_turns(WARM_UP, *sides)
    ours, writes, both = in_turns(rounds, *sides)
    yield against("transaction", f"Approve / bare, its writes, {database}", ours, writes, LIMIT)
    yield against("transaction", f"Approve / bare, its reads and writes, {database}", ours, both, None)


def press(home: House, draft: Draft) -> None:
    """Ours: the right, the fingerprint, the decision, its effect and job, the event, and the card drawn anew."""
    home.press(draft.approve)


def write(home: House, draft: Draft) -> None:
    with home.troupe.storage.engine.begin() as connection:
        _write(home, draft, connection)


def read_and_write(home: House, draft: Draft) -> None:
    with home.troupe.storage.engine.begin() as connection:
        _read(draft, connection)
        _write(home, draft, connection)


def _read(draft: Draft, connection: Connection) -> None:
    """What nobody could decide without: the variant, its approval, the decisions, the text, and who there is."""
    variant, approval = draft.variant.id, draft.approval.id
    people = select(func.count()).select_from(PersonRow).where(PersonRow.removed_at.is_(None))
    for query in (
        select(VariantRow.__table__).where(VariantRow.id == variant),
        select(ApprovalRow.__table__).where(ApprovalRow.id == approval),
        select(DecisionRow.__table__).where(DecisionRow.approval_id == approval),
        select(VersionRow.__table__).where(VersionRow.variant_id == variant, VersionRow.number == 1),
        people,
    ):
        connection.execute(query).all()


def _write(home: House, draft: Draft, connection: Connection) -> None:
    variant, approval, now = draft.variant, draft.approval, home.troupe.clock()
    subject = str(variant.subject)
    connection.execute(
        update(ApprovalRow)
        .where(ApprovalRow.id == approval.id, ApprovalRow.revision == approval.revision)
        .values(state="approved", revision=approval.revision + 1)
    )
    connection.execute(
        insert(DecisionRow).values(
            approval_id=approval.id,
            number=0,
            person_id=home.alice.id,
            person_name=home.alice.name,
            verdict="approve",
            note="",
            via="",
            standing=False,
            at=now,
        )
    )
    connection.execute(
        update(JobRow)
        .where(JobRow.subject == f"approval:{approval.id}", JobRow.done_at.is_(None))
        .values(done_at=now)
    )
    connection.execute(
        insert(EventRow).values(
            at=now,
            name="post.approved",
            subject=subject,
            actor_kind="person",
            actor_id=home.alice.id,
            actor_name=home.alice.name,
            via="",
            before={"approval": "pending", "approved_by": 0},
            after={
                "approval": "approved",
                "approved_by": 1,
                "quorum": 1,
                "version": 1,
                "fingerprint": approval.fingerprint,
            },
            refused="",
            correlation=new_id(),
        )
    )
    connection.execute(
        insert(EffectRow).values(
            id=new_id(),
            kind="publish",
            subject=f"post:{variant.id}",
            approval_id=approval.id,
            fingerprint=approval.fingerprint,
            state="due",
            not_before=now,
            attempts=0,
            error="",
            revision=1,
            created_at=now,
        )
    )
    connection.execute(
        insert(JobRow).values(
            id=new_id(),
            name="publish",
            subject=subject,
            due_at=now,
            holder="",
            attempts=0,
            correlation=new_id(),
            created_at=now,
        )
    )
    connection.execute(
        update(VariantRow)
        .where(VariantRow.id == variant.id, VariantRow.revision == variant.revision)
        .values(state="approved", revision=variant.revision + 1)
    )
