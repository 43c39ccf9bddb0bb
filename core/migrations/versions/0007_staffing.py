"""When a person answered, for the figures; sign-ins by time, for the staffing advice"""

from alembic import op
import sqlalchemy as sa


revision = '0007'
down_revision = '0011'
branch_labels = None
depends_on = None

# Of each call the first talk whose agent's leg was up for a second. SQLite counts in milliseconds here.
_SECONDS = {
    'sqlite': "((julianday({later}) - julianday({earlier})) * 86400.0)",
    'postgresql': "CAST(EXTRACT(EPOCH FROM ({later} - {earlier})) AS double precision)",
}
_SERVED = """
UPDATE call SET served_after = (
    SELECT {waited} FROM segment
    LEFT JOIN leg ON leg.call_id = segment.call_id AND leg.uniqueid = segment.uniqueid
    WHERE segment.call_id = call.id AND (segment.ended_at IS NULL OR {up} >= 1.0)
    ORDER BY segment.number LIMIT 1
) WHERE segment_count > 0
"""


def upgrade() -> None:
    op.add_column('call', sa.Column('served_after', sa.Double(), nullable=True))
    seconds = _SECONDS[op.get_bind().dialect.name]
    waited = seconds.format(
        later='segment.started_at', earlier='COALESCE(call.queued_at, segment.started_at)'
    )
    up = seconds.format(
        later='COALESCE(leg.ended_at, segment.ended_at)',
        earlier='COALESCE(leg.answered_at, segment.started_at)',
    )
    rounded = f'ROUND(CAST({waited} AS NUMERIC), 3)'
    op.execute(_SERVED.format(waited=rounded, up=f'ROUND(CAST({up} AS NUMERIC), 3)'))
    op.create_index('ix_agent_session_signed_in_at', 'agent_session', ['signed_in_at'])


def downgrade() -> None:
    op.drop_index('ix_agent_session_signed_in_at', table_name='agent_session')
    op.drop_column('call', 'served_after')
