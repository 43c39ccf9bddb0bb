"""Attempts to reach an emergency desk"""

from alembic import op
import sqlalchemy as sa
import core.db


revision = '0011'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('emergency_attempt',
    sa.Column('call_id', sa.String(length=36), nullable=False),
    sa.Column('attempt', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=8), nullable=False),
    sa.Column('route', sa.String(length=16), nullable=False),
    sa.Column('dialled_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('reached_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ended_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('result', sa.String(length=16), nullable=True),
    sa.Column('talk_seconds', sa.Double(), nullable=False),
    sa.ForeignKeyConstraint(['call_id'], ['call.id'], name=op.f('fk_emergency_attempt_call_id_call')),
    sa.PrimaryKeyConstraint('call_id', 'attempt', name=op.f('pk_emergency_attempt'))
    )
    op.create_index(op.f('ix_emergency_attempt_dialled_at'), 'emergency_attempt', ['dialled_at'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_emergency_attempt_dialled_at'), table_name='emergency_attempt')
    op.drop_table('emergency_attempt')
