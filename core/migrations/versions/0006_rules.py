"""Queue rules: versions, skills of the agents, numbers of the elderly"""

import sqlalchemy as sa
from alembic import op

import core.db

revision = "0006"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "queue_rules_version",
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by", sa.String(80), nullable=False),
        sa.Column("by_name", sa.String(64), nullable=False),
        sa.Column("at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("restores", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("refusal", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("version", name=op.f("pk_queue_rules_version")),
    )
    op.create_table(
        "agent_skill",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("skill", sa.String(16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["agent.account_id"], name=op.f("fk_agent_skill_account_id_agent")
        ),
        sa.PrimaryKeyConstraint("account_id", "skill", name=op.f("pk_agent_skill")),
    )
    op.create_table(
        "priority_number",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(32), nullable=False),
        sa.Column("note", sa.String(80), nullable=False),
        sa.Column("added_at", core.db.UtcDateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_priority_number")),
        sa.UniqueConstraint("number", name=op.f("uq_priority_number_number")),
    )
