"""tasks

Why: delegated work: tasks with their plans, checks, questions, actions, files, sources and notes. Money has more owners than
personas now: a task has a budget of its own, and so has the team.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Json, UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_SPENDS = sa.table("spends", *map(sa.column, ("persona_id", "month", "budgets")))


def upgrade() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("title", sa.String(length=100), nullable=False),
        sa.Column("brief", sa.Text(), nullable=False),
        sa.Column("requested_by", sa.String(length=40), nullable=False),
        sa.Column("origin", sa.String(length=40), nullable=False),
        sa.Column("asked_for", sa.String(length=40), nullable=False),
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("criteria", Json, nullable=False),
        sa.Column("complexity", sa.Integer(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("formats", Json, nullable=False),
        sa.Column("deadline", UtcDateTime(), nullable=True),
        sa.Column("budget", sa.BigInteger(), nullable=False),
        sa.Column("reviewed", sa.Boolean(), nullable=False),
        sa.Column("parent_id", sa.String(length=40), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("waits_for", sa.String(length=100), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("approval_id", sa.String(length=40), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.Column("archived_at", UtcDateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tasks_parent_id"), ["parent_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tasks_persona_id"), ["persona_id"], unique=False)
        batch_op.create_index("ix_tasks_state", ["state", "priority", "created_at"], unique=False)

    op.create_table(
        "actions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=100), nullable=False),
        sa.Column("tool", sa.String(length=100), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("arguments", Json, nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("attachments", Json, nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("approval_id", sa.String(length=40), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_actions_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_actions")),
        sa.UniqueConstraint("task_id", "call_id", name=op.f("uq_actions_task_id_call_id")),
    )
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_actions_state"), ["state"], unique=False)

    op.create_table(
        "artifacts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=100), nullable=False),
        sa.Column("preview", sa.String(length=40), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_artifacts_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artifacts")),
        sa.UniqueConstraint("task_id", "path", name=op.f("uq_artifacts_task_id_path")),
    )
    op.create_table(
        "checks",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("command", sa.Text(), nullable=False),
        sa.Column("exit", sa.Integer(), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_checks_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checks")),
    )
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_checks_task_id"), ["task_id"], unique=False)

    op.create_table(
        "notes",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["persona_id"], ["personas.id"], name=op.f("fk_notes_persona_id_personas")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notes")),
    )
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.create_index("ix_notes_persona", ["persona_id", "at"], unique=False)

    op.create_table(
        "plans",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("outline", Json, nullable=False),
        sa.Column("ticks", Json, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_plans_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_plans")),
    )
    op.create_table(
        "questions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("call_id", sa.String(length=100), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("options", Json, nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_by", sa.String(length=100), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("answered_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_questions_task_id_tasks")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_questions")),
        sa.UniqueConstraint("task_id", "call_id", name=op.f("uq_questions_task_id_call_id")),
    )
    op.create_table(
        "seen",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_seen_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", "digest", name=op.f("pk_seen")),
    )
    op.create_table(
        "sources",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("accessed_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_sources_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", "number", name=op.f("pk_sources")),
        sa.UniqueConstraint("task_id", "url", name=op.f("uq_sources_task_id_url")),
    )
    op.create_table(
        "verdicts",
        sa.Column("task_id", sa.String(length=40), nullable=False),
        sa.Column("plan", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("met", sa.Boolean(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_verdicts_task_id_tasks")),
        sa.PrimaryKeyConstraint("task_id", "plan", "number", name=op.f("pk_verdicts")),
    )
    _budgets_by_owner()
    with op.batch_alter_table("spends", schema=None) as batch_op:
        batch_op.add_column(sa.Column("budgets", sa.Text(), server_default="", nullable=False))
    owner = sa.literal("persona:") + _SPENDS.c.persona_id + "/" + _SPENDS.c.month
    op.execute(sa.update(_SPENDS).values(budgets=owner))
    with op.batch_alter_table("spends", schema=None) as batch_op:
        batch_op.alter_column("budgets", existing_type=sa.Text(), server_default=None)
        batch_op.create_index(batch_op.f("ix_spends_subject"), ["subject"], unique=False)
        batch_op.drop_column("month")


def downgrade() -> None:
    """Tasks go with their money; what personas spent stays."""
    with op.batch_alter_table("spends", schema=None) as batch_op:
        batch_op.add_column(sa.Column("month", sa.String(length=100), server_default="", nullable=False))
    of_persona = sa.func.substr(_SPENDS.c.budgets, sa.func.length(_SPENDS.c.persona_id) + 10, 7)
    op.execute(sa.update(_SPENDS).values(month=of_persona))
    with op.batch_alter_table("spends", schema=None) as batch_op:
        batch_op.alter_column("month", existing_type=sa.String(length=100), server_default=None)
        batch_op.drop_index(batch_op.f("ix_spends_subject"))
        batch_op.drop_column("budgets")
    _budgets_by_persona()
    op.drop_table("verdicts")
    op.drop_table("sources")
    op.drop_table("seen")
    op.drop_table("questions")
    op.drop_table("plans")
    with op.batch_alter_table("notes", schema=None) as batch_op:
        batch_op.drop_index("ix_notes_persona")

    op.drop_table("notes")
    with op.batch_alter_table("checks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_checks_task_id"))

    op.drop_table("checks")
    op.drop_table("artifacts")
    with op.batch_alter_table("actions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_actions_state"))

    op.drop_table("actions")
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index("ix_tasks_state")
        batch_op.drop_index(batch_op.f("ix_tasks_persona_id"))
        batch_op.drop_index(batch_op.f("ix_tasks_parent_id"))

    op.drop_table("tasks")


def _money() -> tuple[sa.Column[int], ...]:
    """Columns belong to one table each."""
    return tuple(sa.Column(name, sa.BigInteger(), nullable=False) for name in ("reserved", "spent"))


def _budgets_by_owner() -> None:
    """One row for each persona and month: few enough to be carried over by hand, as the key itself changes."""
    old = sa.table("budgets", *map(sa.column, ("persona_id", "month", "reserved", "spent")))
    rows = op.get_bind().execute(sa.select(old)).all()
    op.drop_table("budgets")
    fresh = op.create_table(
        "budgets",
        sa.Column("owner", sa.String(length=100), nullable=False),
        sa.Column("month", sa.String(length=100), nullable=False),
        *_money(),
        sa.Column("noticed", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.PrimaryKeyConstraint("owner", "month", name=op.f("pk_budgets")),
    )
    kept = [
        {
            "owner": f"persona:{row.persona_id}",
            "month": row.month,
            "reserved": row.reserved,
            "spent": row.spent,
        }
        for row in rows
    ]
    op.bulk_insert(fresh, kept)


def _budgets_by_persona() -> None:
    old = sa.table("budgets", *map(sa.column, ("owner", "month", "reserved", "spent")))
    rows = op.get_bind().execute(sa.select(old).where(old.c.owner.like("persona:%"))).all()
    op.drop_table("budgets")
    fresh = op.create_table(
        "budgets",
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("month", sa.String(length=100), nullable=False),
        *_money(),
        sa.ForeignKeyConstraint(["persona_id"], ["personas.id"], name=op.f("fk_budgets_persona_id_personas")),
        sa.PrimaryKeyConstraint("persona_id", "month", name=op.f("pk_budgets")),
    )
    kept = [
        {
            "persona_id": row.owner.removeprefix("persona:"),
            "month": row.month,
            "reserved": row.reserved,
            "spent": row.spent,
        }
        for row in rows
    ]
    op.bulk_insert(fresh, kept)
