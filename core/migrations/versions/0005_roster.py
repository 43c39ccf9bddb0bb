"""The roster: months in versions, absences, swaps, wishes, admissions"""

from alembic import op
import sqlalchemy as sa
import core.db


revision = '0005'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('roster_rules',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('changed_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.String(length=80), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_rules'))
    )
    op.create_table('roster_version',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('month', sa.String(length=7), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('revision', sa.Integer(), nullable=False),
    sa.Column('rules', sa.JSON(), nullable=False),
    sa.Column('created_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('created_by', sa.String(length=80), nullable=False),
    sa.Column('published_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('published_by', sa.String(length=80), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_version'))
    )
    with op.batch_alter_table('roster_version', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_version_month'), ['month'], unique=False)
        batch_op.create_index('uq_roster_version_draft', ['month'], unique=True, sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
        batch_op.create_index('uq_roster_version_published', ['month'], unique=True, sqlite_where=sa.text("state = 'published'"), postgresql_where=sa.text("state = 'published'"))

    op.create_table('roster_absence',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('result', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('asked_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(length=80), nullable=False),
    sa.Column('decided_at', core.db.UtcDateTime(timezone=True), nullable=True),
    sa.Column('decided_by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_roster_absence_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_absence'))
    )
    with op.batch_alter_table('roster_absence', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_absence_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_roster_absence_first'), ['first'], unique=False)
        batch_op.create_index(batch_op.f('ix_roster_absence_last'), ['last'], unique=False)

    op.create_table('roster_admission',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('begins', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('reason', sa.String(length=200), nullable=False),
    sa.Column('admitted_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('admitted_by', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_roster_admission_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_admission'))
    )
    with op.batch_alter_table('roster_admission', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_admission_account_id'), ['account_id'], unique=False)

    op.create_table('roster_cell',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('shift', sa.String(length=16), nullable=False),
    sa.Column('fixed', sa.Boolean(), nullable=False),
    sa.Column('note', sa.String(length=80), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_roster_cell_account_id_account')),
    sa.ForeignKeyConstraint(['version_id'], ['roster_version.id'], name=op.f('fk_roster_cell_version_id_roster_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_cell')),
    sa.UniqueConstraint('version_id', 'account_id', 'day', name=op.f('uq_roster_cell_version_id_account_id_day'))
    )
    with op.batch_alter_table('roster_cell', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_cell_account_id'), ['account_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_roster_cell_day'), ['day'], unique=False)

    op.create_table('roster_edit',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('version_id', sa.Integer(), nullable=False),
    sa.Column('at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('by', sa.String(length=80), nullable=False),
    sa.Column('what', sa.String(length=16), nullable=False),
    sa.Column('changes', sa.JSON(), nullable=False),
    sa.Column('undone', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['version_id'], ['roster_version.id'], name=op.f('fk_roster_edit_version_id_roster_version'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_edit'))
    )
    with op.batch_alter_table('roster_edit', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_edit_version_id'), ['version_id'], unique=False)

    op.create_table('roster_swap',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('giver', sa.Integer(), nullable=False),
    sa.Column('taker', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('shift', sa.String(length=16), nullable=False),
    sa.Column('back_day', sa.Date(), nullable=True),
    sa.Column('back_shift', sa.String(length=16), nullable=False),
    sa.Column('note', sa.String(length=200), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('offered_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.String(length=80), nullable=False),
    sa.Column('reason', sa.String(length=400), nullable=False),
    sa.ForeignKeyConstraint(['giver'], ['account.id'], name=op.f('fk_roster_swap_giver_account')),
    sa.ForeignKeyConstraint(['taker'], ['account.id'], name=op.f('fk_roster_swap_taker_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_swap'))
    )
    with op.batch_alter_table('roster_swap', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_swap_day'), ['day'], unique=False)
        batch_op.create_index(batch_op.f('ix_roster_swap_giver'), ['giver'], unique=False)
        batch_op.create_index(batch_op.f('ix_roster_swap_taker'), ['taker'], unique=False)

    op.create_table('roster_wish',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('shift', sa.String(length=16), nullable=False),
    sa.Column('avoid', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_roster_wish_account_id_account')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_wish')),
    sa.UniqueConstraint('account_id', 'day', name=op.f('uq_roster_wish_account_id_day'))
    )
    with op.batch_alter_table('roster_wish', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_roster_wish_day'), ['day'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('roster_wish', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_wish_day'))

    op.drop_table('roster_wish')
    with op.batch_alter_table('roster_swap', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_swap_taker'))
        batch_op.drop_index(batch_op.f('ix_roster_swap_giver'))
        batch_op.drop_index(batch_op.f('ix_roster_swap_day'))

    op.drop_table('roster_swap')
    with op.batch_alter_table('roster_edit', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_edit_version_id'))

    op.drop_table('roster_edit')
    with op.batch_alter_table('roster_cell', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_cell_day'))
        batch_op.drop_index(batch_op.f('ix_roster_cell_account_id'))

    op.drop_table('roster_cell')
    with op.batch_alter_table('roster_admission', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_admission_account_id'))

    op.drop_table('roster_admission')
    with op.batch_alter_table('roster_absence', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_roster_absence_last'))
        batch_op.drop_index(batch_op.f('ix_roster_absence_first'))
        batch_op.drop_index(batch_op.f('ix_roster_absence_account_id'))

    op.drop_table('roster_absence')
    with op.batch_alter_table('roster_version', schema=None) as batch_op:
        batch_op.drop_index('uq_roster_version_published', sqlite_where=sa.text("state = 'published'"), postgresql_where=sa.text("state = 'published'"))
        batch_op.drop_index('uq_roster_version_draft', sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"))
        batch_op.drop_index(batch_op.f('ix_roster_version_month'))

    op.drop_table('roster_version')
    op.drop_table('roster_rules')
