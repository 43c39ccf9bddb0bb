"""Working-day calendar: versions of years, local orders, their days"""

from alembic import op
import sqlalchemy as sa
import core.db


revision = '0003'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('calendar_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('layer', sa.Enum('NOTICE', 'LOCAL', name='layer', native_enum=False, length=8), nullable=False),
    sa.Column('year', sa.Integer(), nullable=False),
    sa.Column('number', sa.String(length=64), nullable=False),
    sa.Column('published', sa.Date(), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('papers', sa.JSON(), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.Enum('PROPOSED', 'APPROVED', 'REJECTED', 'SUPERSEDED', name='versionstate', native_enum=False, length=12), nullable=False),
    sa.Column('proposed_by', sa.String(length=80), nullable=False),
    sa.Column('proposed_by_name', sa.String(length=64), nullable=False),
    sa.Column('proposed_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=80), nullable=True),
    sa.Column('decided_by_name', sa.String(length=64), nullable=True),
    sa.Column('decided_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calendar_version'))
    )
    with op.batch_alter_table('calendar_version', schema=None) as batch_op:
        batch_op.create_index('uq_calendar_version_approved', ['year'], unique=True, sqlite_where=sa.text("layer = 'NOTICE' AND state = 'APPROVED'"), postgresql_where=sa.text("layer = 'NOTICE' AND state = 'APPROVED'"))
        batch_op.create_index('uq_calendar_version_proposed', ['year'], unique=True, sqlite_where=sa.text("layer = 'NOTICE' AND state = 'PROPOSED'"), postgresql_where=sa.text("layer = 'NOTICE' AND state = 'PROPOSED'"))

    op.create_table('calendar_day',
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('kind', sa.Enum('WORK', 'REST', 'HOLIDAY', 'MAKEUP', name='daykind', native_enum=False, length=8), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['calendar_version.id'], name=op.f('fk_calendar_day_version_id_calendar_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('version_id', 'day', name=op.f('pk_calendar_day'))
    )


def downgrade() -> None:
    op.drop_table('calendar_day')
    with op.batch_alter_table('calendar_version', schema=None) as batch_op:
        batch_op.drop_index('uq_calendar_version_proposed', sqlite_where=sa.text("layer = 'NOTICE' AND state = 'PROPOSED'"), postgresql_where=sa.text("layer = 'NOTICE' AND state = 'PROPOSED'"))
        batch_op.drop_index('uq_calendar_version_approved', sqlite_where=sa.text("layer = 'NOTICE' AND state = 'APPROVED'"), postgresql_where=sa.text("layer = 'NOTICE' AND state = 'APPROVED'"))

    op.drop_table('calendar_version')
