"""Knowledge articles in immutable versions with their own index; what was decided of duplicates"""

from datetime import UTC, datetime

from alembic import op
import sqlalchemy as sa

import core.db
from core.append_only import statements
from tickets.tokens import index_tokens


revision = '0010'
down_revision = '0001'
branch_labels = None
depends_on = None

article = sa.table('kb_article', *map(sa.column, ('id', 'title', 'text', 'source_no', 'source_url')))
version = sa.table('kb_version', *map(sa.column, (
    'article_id', 'number', 'title', 'text', 'source_no', 'source_url')),
    sa.column('published_at', core.db.UtcDateTime(timezone=True)))
token = sa.table('kb_token', *map(sa.column, ('token', 'article_id')), sa.column('in_title', sa.Boolean()))


def upgrade() -> None:
    knowledge_tables()
    knowledge_rows()
    with op.batch_alter_table('kb_article') as table:
        for name in ('title', 'text', 'source_no', 'source_url'):
            table.drop_column(name)
    link_table()
    for statement in statements('kb_version')[op.get_bind().dialect.name]:
        op.execute(statement)


def knowledge_tables() -> None:
    with op.batch_alter_table('kb_article') as table:
        table.add_column(sa.Column('version', sa.Integer(), nullable=False, server_default='1'))
    with op.batch_alter_table('kb_article') as table:
        table.alter_column('version', server_default=None)
    op.create_table('kb_version',
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('source_no', sa.String(length=80), nullable=False),
    sa.Column('source_url', sa.String(length=200), nullable=False),
    sa.Column('published_at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['kb_article.id'], name=op.f('fk_kb_version_article_id_kb_article')),
    sa.PrimaryKeyConstraint('article_id', 'number', name=op.f('pk_kb_version'))
    )
    op.create_table('kb_token',
    sa.Column('token', sa.String(length=8), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('in_title', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['kb_article.id'], name=op.f('fk_kb_token_article_id_kb_article')),
    sa.PrimaryKeyConstraint('token', 'article_id', name=op.f('pk_kb_token')),
    sqlite_with_rowid=False
    )
    op.create_table('kb_search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.Column('query', sa.String(length=120), nullable=False),
    sa.Column('hits', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.String(length=16), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=True),
    sa.Column('article_version', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_kb_search_account_id_account')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_kb_search_ticket_id_ticket')),
    sa.ForeignKeyConstraint(['article_id', 'article_version'], ['kb_version.article_id', 'kb_version.number'],
        name=op.f('fk_kb_search_article_id_article_version_kb_version')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kb_search'))
    )
    op.create_index(op.f('ix_kb_search_ticket_id'), 'kb_search', ['ticket_id'])
    op.create_index(op.f('ix_kb_search_article_id'), 'kb_search', ['article_id'])


def link_table() -> None:
    op.create_table('ticket_link',
    sa.Column('ticket_id', sa.Integer(), nullable=False),
    sa.Column('other_id', sa.Integer(), nullable=False),
    sa.Column('relation', sa.String(length=16), nullable=False),
    sa.Column('account_id', sa.Integer(), nullable=False),
    sa.Column('at', core.db.UtcDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('ticket_id <> other_id', name=op.f('ck_ticket_link_two_tickets')),
    sa.ForeignKeyConstraint(['account_id'], ['account.id'], name=op.f('fk_ticket_link_account_id_account')),
    sa.ForeignKeyConstraint(['other_id'], ['ticket.id'], name=op.f('fk_ticket_link_other_id_ticket')),
    sa.ForeignKeyConstraint(['ticket_id'], ['ticket.id'], name=op.f('fk_ticket_link_ticket_id_ticket')),
    sa.PrimaryKeyConstraint('ticket_id', 'other_id', name=op.f('pk_ticket_link'))
    )
    op.create_index(op.f('ix_ticket_link_other_id'), 'ticket_link', ['other_id'])


def knowledge_rows() -> None:
    """What was published becomes version 1."""
    connection = op.get_bind()
    now = datetime.now(UTC)
    for row in connection.execute(sa.select(article)).mappings().all():
        values = {**row, 'article_id': row['id'], 'number': 1}
        del values['id']
        connection.execute(sa.insert(version).values(**values, published_at=now))
        titled = index_tokens(row['title'])
        tokens = [{'token': each, 'article_id': row['id'], 'in_title': each in titled}
                  for each in sorted(titled | index_tokens(row['text']))]
        if tokens:
            connection.execute(sa.insert(token), tokens)


def downgrade() -> None:
    raise NotImplementedError('an installation goes forward; restore the backup instead')
