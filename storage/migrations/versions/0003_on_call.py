"""on call

Why: an alert knows its cause, what it is about, how far it was escalated and whose it is; rotations, escalation policies,
the ways to reach people, and every attempt to.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from storage.columns import Json, UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

OPEN, NOTHING = sa.text("state <> 'resolved'"), sa.text("''")


def upgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("waits_since", UtcDateTime(), nullable=True))
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.add_column(sa.Column("cause", sa.String(length=200), server_default=NOTHING, nullable=False))
        for name in ("why", "link"):
            batch_op.add_column(sa.Column(name, sa.Text(), server_default=NOTHING, nullable=False))
        for name in ("persona_id", "assigned_to"):
            batch_op.add_column(sa.Column(name, sa.String(length=40), server_default=NOTHING, nullable=False))
        for name in ("level", "round", "reopened"):
            batch_op.add_column(sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("drill", sa.Boolean(), server_default=sa.false(), nullable=False))
        for name in ("stepped_at", "silenced_until", "acknowledged_at", "resolved_at"):
            batch_op.add_column(sa.Column(name, UtcDateTime(), nullable=True))
        batch_op.drop_index("uq_alerts_open_cause")
    op.execute("UPDATE alerts SET cause = kind || '/' || subject")
    op.execute("UPDATE alerts SET resolved_at = last_at WHERE state = 'resolved'")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_alerts_open_cause", ["cause"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        )
        batch_op.create_index(batch_op.f("ix_alerts_cause"), ["cause"], unique=False)
        batch_op.create_index(batch_op.f("ix_alerts_last_at"), ["last_at"], unique=False)

    op.create_table(
        "escalations",
        sa.Column("persona_id", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.String(length=100), nullable=False),
        sa.Column("steps", Json, nullable=False),
        sa.Column("changed_by", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("persona_id", "severity", name=op.f("pk_escalations")),
    )
    op.create_table(
        "rotas",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("layer", sa.Integer(), nullable=False),
        sa.Column("zone", sa.String(length=100), nullable=False),
        sa.Column("people", Json, nullable=False),
        sa.Column("starts", sa.String(length=100), nullable=False),
        sa.Column("rule", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rotas")),
        sa.UniqueConstraint("layer", name=op.f("uq_rotas_layer")),
        sa.UniqueConstraint("name", name=op.f("uq_rotas_name")),
    )
    op.create_table(
        "alert_subjects",
        sa.Column("alert_id", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=100), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("mended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_alert_subjects_alert_id_alerts")),
        sa.PrimaryKeyConstraint("alert_id", "subject", name=op.f("pk_alert_subjects")),
    )
    with op.batch_alter_table("alert_subjects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_alert_subjects_subject"), ["subject"], unique=False)

    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=2048), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=True),
        sa.Column("severity", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_contacts_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contacts")),
        sa.UniqueConstraint("person_id", "way", "address", name=op.f("uq_contacts_person_id_way_address")),
    )
    with op.batch_alter_table("contacts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_contacts_person_id"), ["person_id"], unique=False)

    op.create_table(
        "overrides",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("rota_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column("source", sa.String(length=100), nullable=False),
        sa.Column("made_by", sa.String(length=100), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_overrides_person_id_people")),
        sa.ForeignKeyConstraint(["rota_id"], ["rotas.id"], name=op.f("fk_overrides_rota_id_rotas")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_overrides")),
    )
    with op.batch_alter_table("overrides", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_overrides_ends_at"), ["ends_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_overrides_rota_id"), ["rota_id"], unique=False)

    op.create_table(
        "pages",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("alert_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("way", sa.String(length=100), nullable=False),
        sa.Column("address", sa.String(length=2048), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=100), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["alerts.id"], name=op.f("fk_pages_alert_id_alerts")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_pages_person_id_people")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pages")),
        sa.UniqueConstraint(
            "alert_id",
            "person_id",
            "way",
            "address",
            "level",
            "round",
            name=op.f("uq_pages_alert_id_person_id_way_address_level_round"),
        ),
    )
    with op.batch_alter_table("pages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pages_alert_id"), ["alert_id"], unique=False)

    op.create_table(
        "reaches",
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("quiet", sa.String(length=100), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_reaches_person_id_people")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_reaches")),
    )

    op.execute(
        "INSERT INTO alert_subjects (alert_id, subject, at, mended_at) SELECT id, subject, first_at, resolved_at FROM alerts"
    )


def downgrade() -> None:
    with op.batch_alter_table("jobs", schema=None) as batch_op:
        batch_op.drop_column("waits_since")
    op.drop_table("alert_subjects")
    op.drop_table("reaches")

    op.drop_table("pages")

    op.drop_table("overrides")

    op.drop_table("contacts")

    op.drop_table("rotas")
    op.drop_table("escalations")
    with op.batch_alter_table("alerts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_alerts_last_at"))
        batch_op.drop_index(batch_op.f("ix_alerts_cause"))
        batch_op.drop_index("uq_alerts_open_cause")
        batch_op.create_index(
            "uq_alerts_open_cause", ["kind", "subject"], unique=True, sqlite_where=OPEN, postgresql_where=OPEN
        )
        for name in (
            "resolved_at",
            "acknowledged_at",
            "silenced_until",
            "drill",
            "reopened",
            "stepped_at",
            "round",
            "level",
        ):
            batch_op.drop_column(name)
        for name in ("assigned_to", "persona_id", "link", "why", "cause"):
            batch_op.drop_column(name)
