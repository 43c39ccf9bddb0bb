"""The callback list and the alarms"""

from alembic import op
import sqlalchemy as sa
import core.db


revision = '0009'
down_revision = '0007'
branch_labels = None
depends_on = None

OPEN = sa.text('closed_at IS NULL')
STANDING = sa.text('cleared_at IS NULL')


def upgrade() -> None:
    op.create_table('callback_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=32), nullable=False),
    sa.Column('promised', sa.Boolean(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('first_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_call_id', sa.String(length=36), nullable=False),
    sa.Column('longest_wait', sa.Double(), nullable=False),
    sa.Column('claimed_by', sa.Integer(), nullable=True),
    sa.Column('claimed_name', sa.String(length=64), nullable=False),
    sa.Column('claimed_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('last_attempt_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('not_before', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('channel_id', sa.String(length=64), nullable=False),
    sa.Column('closed_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('closed_by', sa.String(length=80), nullable=False),
    sa.Column('closed_call_id', sa.String(length=64), nullable=False),
    sa.Column('close_reason', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['claimed_by'], ['account.id'], name=op.f('fk_callback_entry_claimed_by_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_callback_entry'))
    )
    with op.batch_alter_table('callback_entry', schema=None) as batch_op:
        batch_op.create_index('uq_callback_entry_open_number', ['number'], unique=True, sqlite_where=OPEN, postgresql_where=OPEN)
        batch_op.create_index('ix_callback_entry_open', ['first_at'], unique=False, sqlite_where=OPEN, postgresql_where=OPEN)

    op.create_table('callback_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('entry_id', sa.Integer(), nullable=False),
    sa.Column('at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('trigger', sa.String(length=16), nullable=False),
    sa.Column('old', sa.String(length=16), nullable=False),
    sa.Column('new', sa.String(length=16), nullable=False),
    sa.Column('call_id', sa.String(length=64), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.ForeignKeyConstraint(['entry_id'], ['callback_entry.id'], name=op.f('fk_callback_step_entry_id_callback_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_callback_step'))
    )
    with op.batch_alter_table('callback_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_callback_step_entry_id'), ['entry_id'], unique=False)

    op.create_table('alarm',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sa.String(length=32), nullable=False),
    sa.Column('level', sa.String(length=8), nullable=False),
    sa.Column('value', sa.Double(), nullable=False),
    sa.Column('raised_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('acknowledged_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('acknowledged_by', sa.String(length=80), nullable=False),
    sa.Column('acknowledged_name', sa.String(length=64), nullable=False),
    sa.Column('cleared_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('worsened', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarm'))
    )
    with op.batch_alter_table('alarm', schema=None) as batch_op:
        batch_op.create_index('uq_alarm_standing', ['code'], unique=True, sqlite_where=STANDING, postgresql_where=STANDING)
        batch_op.create_index('ix_alarm_raised', ['raised_at', 'id'], unique=False)


def downgrade() -> None:
    op.drop_table('alarm')
    op.drop_table('callback_step')
    op.drop_table('callback_entry')
