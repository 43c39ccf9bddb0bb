"""The seat plan: entries with author and reason, and what it means for those who sit at a seat"""

from datetime import UTC, datetime, time, timedelta

from alembic import op
import sqlalchemy as sa
import core.db
from core.clock import SHANGHAI


revision = '0004'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('seat_plan_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('made_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('made_by', sa.String(length=80), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('open_seats', sa.Integer(), nullable=False),
    sa.Column('starts_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('ends_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('days', sa.JSON(), nullable=False),
    sa.Column('begins', sa.Integer(), nullable=False),
    sa.Column('ends', sa.Integer(), nullable=False),
    sa.Column('withdraws', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['withdraws'], ['seat_plan_entry.id'], name=op.f('fk_seat_plan_entry_withdraws_seat_plan_entry')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seat_plan_entry')),
    sa.UniqueConstraint('withdraws', name=op.f('uq_seat_plan_entry_withdraws'))
    )
    op.create_index('ix_seat_plan_entry_kind', 'seat_plan_entry', ['kind'])
    with op.batch_alter_table('agent_session', schema=None) as batch_op:
        batch_op.add_column(sa.Column('leaves_at', core.db.UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('notice_minutes', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('notice_seen', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('stays', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.create_index('ix_agent_session_leaves_at', ['leaves_at'])
    _keep_the_count_that_somebody_set()


def downgrade() -> None:
    with op.batch_alter_table('agent_session', schema=None) as batch_op:
        batch_op.drop_index('ix_agent_session_leaves_at')
        batch_op.drop_column('stays')
        batch_op.drop_column('notice_seen')
        batch_op.drop_column('notice_minutes')
        batch_op.drop_column('leaves_at')
    op.drop_index('ix_seat_plan_entry_kind', 'seat_plan_entry')
    op.drop_table('seat_plan_entry')


def _keep_the_count_that_somebody_set() -> None:
    """One number stood for all hours: it goes on to the next end of a day shift or night shift, then the plan rules.

    As a rule for good it could be a night's count that now holds by day, or the other way round.
    """
    bind = op.get_bind()
    setting = sa.table(
        'seat_setting',
        sa.column('open_seats', sa.Integer()),
        sa.column('changed_at', core.db.UtcDateTime(timezone=True)),
        sa.column('changed_by', sa.String()),
        sa.column('reason', sa.String()),
    )
    account = sa.table('account', sa.column('id', sa.Integer()), sa.column('display_name', sa.String()))
    entry = sa.table(
        'seat_plan_entry',
        *(sa.column(name, sa.String()) for name in ('kind', 'made_by', 'author', 'reason')),
        *(sa.column(name, core.db.UtcDateTime(timezone=True)) for name in ('made_at', 'starts_at', 'ends_at')),
        *(sa.column(name, sa.Integer()) for name in ('open_seats', 'begins', 'ends')),
        sa.column('days', sa.JSON()),
    )
    for row in bind.execute(sa.select(setting).where(setting.c.changed_by != 'system')).all():
        number = row.changed_by.removeprefix('account:')
        name = bind.scalar(sa.select(account.c.display_name).where(account.c.id == int(number))) if number.isdecimal() else ''
        bind.execute(entry.insert().values(
            kind='now', made_at=row.changed_at, made_by=row.changed_by, author=name or '', reason=row.reason,
            open_seats=row.open_seats, starts_at=row.changed_at, ends_at=_end_of_the_shift(datetime.now(UTC)),
            days=[], begins=0, ends=0,
        ))


def _end_of_the_shift(now: datetime) -> datetime:
    local = now.astimezone(SHANGHAI)
    ends = [
        datetime.combine(local.date() + timedelta(days=days), at, SHANGHAI)
        for days in (0, 1)
        for at in (time(8), time(17, 30))
    ]
    return min(end for end in ends if end > local)
