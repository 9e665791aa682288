"""Through which browser a page was asked for stands beside how it ended."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

RENDERER = "Through what it was asked for: splash or playwright; NULL: plainly"
BEFORE = "SELECT run_id, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at FROM crawl.crawl_outcome"
AFTER = "SELECT run_id, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at, renderer FROM crawl.crawl_outcome"
COMMENT = "The one end of each address requested in a run"
COLUMNS = {
    "run_id": "The run",
    "url": "Canonical form of the requested address",
    "kind": "What was expected at the address: home, listing, article, part",
    "outcome": "How it ended",
    "http_status": "NULL where no answer came",
    "reason": "Short and stable, such as no_body or http_404",
    "attempts": "Requests made, retries included",
    "elapsed_ms": "Duration of the last attempt",
    "at": "When it ended",
}
GRANT = """
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'smartdaily_reader') THEN
        GRANT SELECT ON api.outcome TO smartdaily_reader;
    END IF;
END $$
"""


def upgrade() -> None:
    op.add_column("crawl_outcome", sa.Column("renderer", sa.Text, comment=RENDERER), schema="crawl")
    op.execute(f"CREATE OR REPLACE VIEW api.outcome AS {AFTER}")
    op.execute(f"COMMENT ON COLUMN api.outcome.renderer IS '{RENDERER}'")


def downgrade() -> None:
    # A view takes a column more in its place, but gives none back.
    op.execute("DROP VIEW api.outcome")
    op.drop_column("crawl_outcome", "renderer", schema="crawl")
    op.execute(f"CREATE VIEW api.outcome AS {BEFORE}")
    op.execute(f"COMMENT ON VIEW api.outcome IS '{COMMENT}'")
    for column, comment in COLUMNS.items():
        op.execute(f"COMMENT ON COLUMN api.outcome.{column} IS '{comment}'")
    op.execute(GRANT)
