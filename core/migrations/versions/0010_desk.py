"""Knowledge in immutable versions with its index; decisions on duplicates; identities sealed in `person`

Names and telephone numbers that older tickets hold in plain text are sealed here, in batches, with the
installation's key: `Database.migrate(people=Keyring(…))`. On SQLite run VACUUM afterwards, on PostgreSQL
VACUUM FULL contact, ticket: dropped columns and old row versions stay on the disk until then.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from alembic import context, op
import sqlalchemy as sa

import core.db
from core.append_only import statements
from tickets.identity import Identity
from tickets.tokens import index_tokens


revision = '0010'
down_revision = '0006'
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
    people()
    for guarded in ('kb_version', 'audit'):
        for statement in statements(guarded)[op.get_bind().dialect.name]:
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


def people() -> None:
    op.create_table('person',
    sa.Column('id', sa.String(length=36), nullable=False),
    sa.Column('key_id', sa.String(length=16), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_person'))
    )
    op.create_index(op.f('ix_person_key_id'), 'person', ['key_id'])
    with op.batch_alter_table('contact') as table:
        table.add_column(sa.Column('person_id', sa.String(length=36), nullable=True))
    with op.batch_alter_table('ticket') as table:
        table.add_column(sa.Column('person_id', sa.String(length=36), nullable=True))
        table.add_column(sa.Column('source_hash', sa.String(length=64), nullable=True))
        table.add_column(sa.Column('contact_hash', sa.String(length=64), nullable=True))
        table.drop_index('ix_ticket_source_number_id')
        table.drop_index('ix_ticket_contact_phone')
    seal_identities()
    with op.batch_alter_table('contact') as table:
        table.alter_column('person_id', existing_type=sa.String(length=36), nullable=False)
        table.create_foreign_key(op.f('fk_contact_person_id_person'), 'person', ['person_id'], ['id'])
        table.drop_column('number')
        table.drop_column('raw')
    with op.batch_alter_table('ticket') as table:
        table.alter_column('person_id', existing_type=sa.String(length=36), nullable=False)
        table.create_foreign_key(op.f('fk_ticket_person_id_person'), 'person', ['person_id'], ['id'])
        for name in ('source_number', 'caller_name', 'contact_phone', 'alt_phone'):
            table.drop_column(name)
        table.create_index('ix_ticket_source_hash_id', ['source_hash', 'id'])
        table.create_index('ix_ticket_contact_hash_id', ['contact_hash', 'id'])


BATCH = 1000
contact = sa.table('contact', *map(sa.column, ('id', 'number', 'raw', 'person_id')))
ticket = sa.table('ticket', *map(sa.column, (
    'id', 'contact_id', 'source_number', 'caller_name', 'contact_phone', 'alt_phone',
    'person_id', 'source_hash', 'contact_hash')))
person = sa.table('person', sa.column('id'), sa.column('key_id'), sa.column('sealed', sa.LargeBinary()))


def seal_identities() -> None:
    connection, last = op.get_bind(), 0
    query = (
        sa.select(contact, ticket.c.id.label('ticket_id'), *(
            ticket.c[name] for name in ('source_number', 'caller_name', 'contact_phone', 'alt_phone')))
        .select_from(contact.outerjoin(ticket, ticket.c.contact_id == contact.c.id))
        .order_by(contact.c.id).limit(BATCH)
    )
    while rows := connection.execute(query.where(contact.c.id > last)).mappings().all():
        last = rows[-1]['id']
        seal_batch(connection, rows)


def seal_batch(connection: sa.Connection, rows: Sequence[sa.RowMapping]) -> None:
    keyring = context.config.attributes.get('people')
    if keyring is None:
        raise RuntimeError('there are callers in plain text: migrate with people=Keyring(settings)')
    made, of_contacts, of_tickets = [], [], []
    for row in rows:
        number = row['source_number'] or row['number']
        one = keyring.new_person(Identity(
            source_number=number, raw=row['raw'], caller_name=row['caller_name'] or '',
            contact_phone=row['contact_phone'] or '', alt_phone=row['alt_phone'] or ''))
        made.append({'id': one.id, 'key_id': one.key_id, 'sealed': one.sealed})
        of_contacts.append({'b_id': row['id'], 'b_person': one.id})
        if row['ticket_id'] is not None:
            of_tickets.append({
                'b_id': row['ticket_id'], 'b_person': one.id, 'b_source': keyring.phone_hash(number),
                'b_contact': keyring.phone_hash(row['contact_phone'])})
    connection.execute(sa.insert(person), made)
    connection.execute(sa.update(contact).where(contact.c.id == sa.bindparam('b_id'))
        .values(person_id=sa.bindparam('b_person')), of_contacts)
    if of_tickets:
        connection.execute(sa.update(ticket).where(ticket.c.id == sa.bindparam('b_id')).values(
            person_id=sa.bindparam('b_person'), source_hash=sa.bindparam('b_source'),
            contact_hash=sa.bindparam('b_contact')), of_tickets)


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
