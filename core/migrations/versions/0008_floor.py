"""The floor: telephones of shift leaders, monitor sessions, orders, the surge banner"""

from alembic import op
import sqlalchemy as sa
import core.db


revision = '0008'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('surge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('text', sa.String(length=200), nullable=False),
    sa.Column('areas', sa.String(length=100), nullable=False),
    sa.Column('offers_inform', sa.Boolean(), nullable=False),
    sa.Column('sound', sa.String(length=8), nullable=False),
    sa.Column('started_by', sa.String(length=64), nullable=False),
    sa.Column('starts_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('in_force', sa.Boolean(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surge')),
    sa.UniqueConstraint('in_force', name=op.f('uq_surge_in_force'))
    )
    op.create_table('manager_phone',
    sa.Column('endpoint', sa.String(length=32), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('lent_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_manager_phone_account_id_account'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('endpoint', name=op.f('pk_manager_phone')),
    sa.UniqueConstraint('account_id', name=op.f('uq_manager_phone_account_id'))
    )
    op.create_table('monitor',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('leader', sa.String(length=64), nullable=False),
    sa.Column('call_id', sa.String(length=64), nullable=False),
    sa.Column('seat', sa.String(length=8), nullable=False),
    sa.Column('agent_account_id', sa.Integer(), nullable=False),
    sa.Column('agent_name', sa.String(length=64), nullable=False),
    sa.Column('phone', sa.String(length=32), nullable=False),
    sa.Column('channel', sa.String(length=200), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('started_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ended_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('end_reason', sa.String(length=16), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_monitor_account_id_account')),
    sa.ForeignKeyConstraint(['agent_account_id'], ['account.id'], name=op.f('fk_monitor_agent_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_monitor'))
    )
    with op.batch_alter_table('monitor', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_monitor_call_id'), ['call_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_monitor_started_at'), ['started_at'], unique=False)
        batch_op.create_index('uq_monitor_open', ['account_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('surge_inform',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('surge_id', sa.Integer(), nullable=False),
    sa.Column('caller', sa.String(length=32), nullable=False),
    sa.Column('call_id', sa.String(length=64), nullable=False),
    sa.Column('at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['surge_id'], ['surge.id'], name=op.f('fk_surge_inform_surge_id_surge')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_surge_inform')),
    sa.UniqueConstraint('surge_id', 'caller', name=op.f('uq_surge_inform_surge_id_caller'))
    )
    op.create_table('monitor_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('monitor_id', sa.String(length=36), nullable=False),
    sa.Column('mode', sa.String(length=16), nullable=False),
    sa.Column('at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['monitor_id'], ['monitor.id'], name=op.f('fk_monitor_step_monitor_id_monitor')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_monitor_step'))
    )
    with op.batch_alter_table('monitor_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_monitor_step_monitor_id'), ['monitor_id'], unique=False)

    # Rows of sessions under way have had no order.
    for name, length in (('ordered', 16), ('ordered_by', 64), ('ordered_why', 200)):
        op.add_column('agent_session', sa.Column(name, sa.String(length=length), nullable=False, server_default=''))


def downgrade() -> None:
    with op.batch_alter_table('agent_session', schema=None) as batch_op:
        batch_op.drop_column('ordered_why')
        batch_op.drop_column('ordered_by')
        batch_op.drop_column('ordered')

    with op.batch_alter_table('monitor_step', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_monitor_step_monitor_id'))

    op.drop_table('monitor_step')
    op.drop_table('surge_inform')
    with op.batch_alter_table('monitor', schema=None) as batch_op:
        batch_op.drop_index('uq_monitor_open', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))
        batch_op.drop_index(batch_op.f('ix_monitor_started_at'))
        batch_op.drop_index(batch_op.f('ix_monitor_call_id'))

    op.drop_table('monitor')
    op.drop_table('manager_phone')
    op.drop_table('surge')
