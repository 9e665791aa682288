"""What each column of the consumers' views means, told by the database itself."""

from alembic import op
from sqlalchemy import text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

COLUMNS = {
    "arguments": "The spider's arguments",
    "article_id": "The article; stable, it keeps it for good",
    "at": "When it ended",
    "attempts": "Requests made, retries included",
    "author": "Name as printed, without its label",
    "base_url": "Address of the home page at the latest run",
    "block": "Which repeated block of the page: teasers, or ranking for a hot list",
    "body": "Paragraphs joined by a blank line, plain text",
    "categories": "Names of the categories that it was seen in",
    "change_seq": "Order of the latest change within its transaction; the second half of the cursor",
    "change_xid": "Transaction of the latest change; the first half of the cursor",
    "changed_fields": "Some of title, body, source, author, editor, published; empty for the first revision",
    "duplicate_of": "The earlier article",
    "editor": "Name as printed, without its label",
    "elapsed_ms": "Duration of the last attempt",
    "fetched_at": "When the page answered",
    "finished_at": "End; NULL while it runs, or if it was killed",
    "first_seen_at": "First sighting",
    "from_article_id": "Whose page shows the teaser",
    "from_url": "Address of that page",
    "http_status": "NULL where no answer came",
    "image_url": "The first picture of the body, else the list page's",
    "job": "scrapyd's id of the job, NULL outside scrapyd",
    "kind": "What was expected at the address: home, listing, article, part",
    "last_changed_at": "Fetch that made the latest revision",
    "last_seen_at": "Latest sighting",
    "name": "As the navigation prints it",
    "outcome": "How it ended",
    "parser_version": "Version of the code that read the page",
    "position": "1-based place; NULL until the navigation showed it",
    "provenance": "How each field was found: selector, structure or meta",
    "published_at": "Time of publication; NULL where the page prints only a date",
    "published_on": "Date of publication in the site's zone",
    "published_raw": "What published_on and published_at were read from",
    "author_raw": "What author was read from, label included",
    "editor_raw": "What editor was read from, label included",
    "source_raw": "What source was read from, label included",
    "reason": "Short and stable, such as no_body or http_404",
    "removed_at": "First fetch of the page without it; NULL while it is shown",
    "revision": "1 for the first, one more for each change; 0 before the first fetch",
    "run_id": "The run",
    "similarity": "1 for exact; for near the share of common runs of five letters, 0.5 to 1",
    "site": "Name of the site",
    "source": "Name as printed, without its label",
    "spider": "Name of the spider",
    "started_at": "Start",
    "state": "discovered: known from a link only; fetched; gone: removed from the site",
    "stats": "The crawler's counters at the end",
    "summary": "The page's own, else the list page's",
    "timezone": "IANA name of the zone its pages print times in",
    "title": "Heading; while discovered, the link's text",
    "to_article_id": "Which article the teaser leads to",
    "to_url": "Address of that article",
    "url": "Canonical address of the article",
    "verdict": "What the run is worth",
    "version": "Version of the crawler",
}
ELSEWHERE = {
    "article.duplicate_of": "The earliest article with the same title and text, if this is not it",
    "article_change.duplicate_of": "The earliest article with the same title and text, if this is not it",
    "category.url": "Address of its first list page",
    "duplicate.article_id": "The later article",
    "duplicate.kind": "exact: the same title and text; near: most of the text",
    "outcome.url": "Canonical form of the requested address",
    "run.reason": "Why the spider closed",
    "teaser.image_url": "The teaser's picture",
    "teaser.position": "1-based within its block",
    "teaser.published_on": "As the teaser prints it",
    "teaser.summary": "As the teaser prints it, with … where it is cut",
    "teaser.title": "As the teaser prints it",
}
FOUND = text("""
    SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
    WHERE c.relnamespace = CAST('api' AS regnamespace) AND c.relkind = 'v' AND a.attnum > 0 AND NOT a.attisdropped
""")


def upgrade() -> None:
    for view, column in op.get_bind().execute(FOUND):
        comment = ELSEWHERE.get(f"{view}.{column}") or COLUMNS[column]
        op.execute(f"COMMENT ON COLUMN api.{view}.{column} IS '{comment.replace(chr(39), 2 * chr(39))}'")


def downgrade() -> None:
    for view, column in op.get_bind().execute(FOUND):
        op.execute(f"COMMENT ON COLUMN api.{view}.{column} IS NULL")
