"""what is approved

Why: posts are not the only thing that people approve: a task's plan and a persona's single steps are, too. So an approval and
an effect name their subject, as everything else does.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_COLUMNS = ("id", "subject", "variant_id")
APPROVALS, EFFECTS = (sa.table(name, *map(sa.column, _COLUMNS)) for name in ("approvals", "effects"))
DEPEND = (
    (sa.table("decisions", sa.column("approval_id")).c.approval_id, APPROVALS),
    (sa.table("attempts", sa.column("effect_id")).c.effect_id, EFFECTS),
    (sa.table("effect_segments", sa.column("effect_id")).c.effect_id, EFFECTS),
)


def upgrade() -> None:
    for table in (APPROVALS, EFFECTS):
        with op.batch_alter_table(table.name, schema=None) as batch_op:
            batch_op.add_column(sa.Column("subject", sa.String(length=100), nullable=True))
        op.execute(sa.update(table).values(subject=sa.literal("post:") + table.c.variant_id))
        with op.batch_alter_table(table.name, schema=None) as batch_op:
            batch_op.alter_column("subject", existing_type=sa.String(length=100), nullable=False)
            batch_op.drop_index(f"ix_{table.name}_variant_id")
            batch_op.drop_constraint(f"fk_{table.name}_variant_id_variants", type_="foreignkey")
            batch_op.drop_column("variant_id")
            batch_op.create_index(f"ix_{table.name}_subject", ["subject"], unique=False)


def downgrade() -> None:
    """What is about anything but posts goes: the code of before has no words for it."""
    for column, table in DEPEND:
        others = sa.select(table.c.id).where(table.c.subject.not_like("post:%"))
        op.execute(sa.delete(column.table).where(column.in_(others)))
    for table in (EFFECTS, APPROVALS):
        op.execute(sa.delete(table).where(table.c.subject.not_like("post:%")))
        with op.batch_alter_table(table.name, schema=None) as batch_op:
            batch_op.add_column(sa.Column("variant_id", sa.String(length=40), nullable=True))
        op.execute(sa.update(table).values(variant_id=sa.func.substr(table.c.subject, 6)))
        with op.batch_alter_table(table.name, schema=None) as batch_op:
            batch_op.alter_column("variant_id", existing_type=sa.String(length=40), nullable=False)
            batch_op.drop_index(f"ix_{table.name}_subject")
            batch_op.drop_column("subject")
            batch_op.create_index(f"ix_{table.name}_variant_id", ["variant_id"], unique=False)
            batch_op.create_foreign_key(
                f"fk_{table.name}_variant_id_variants", "variants", ["variant_id"], ["id"]
            )
