"""What an article said, by the number of its revision."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.schema.article_content import CHANGES
from pipelines.storage.schema.hashes import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Engine

NAMED = """
    SELECT a.article_id, a.url, a.revision AS latest, s.timezone
    FROM crawl.article a JOIN crawl.site s USING (site_id)
"""
BY_ID = text(f"{NAMED} WHERE a.article_id = :article_id")
# By any address that leads to it.
BY_URL = text(f"{NAMED} JOIN crawl.article_url u USING (article_id) WHERE u.url_key = :url_key")
REVISIONS = text(f"""
    SELECT revision, fetched_at, {", ".join(CHANGES)}
    FROM crawl.article_revision WHERE article_id = :article_id AND revision = ANY(:revisions)
""")
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Revised:
    """An article, and how far it has come."""

    article_id: int
    url: str
    latest: int
    """0 where it was never fetched."""
    timezone: str


@dataclass(frozen=True, slots=True)
class Revision:
    revision: int
    fetched_at: datetime
    content: Mapping[str, Any]
    """By column, as it is stored."""

    def values(self) -> dict[str, str | date | datetime | None]:
        """Return each field of ``changed_fields`` by its name; of a field's columns the last that holds something."""
        found: dict[str, str | date | datetime | None] = {}
        for column, field in CHANGES.items():
            value = self.content[column]
            found[field] = found.get(field) if value is None else value
        return found


def by_id(engine: Engine, article_id: int) -> Revised | None:
    if article_id > LARGEST_ID:
        return None
    with one_line(), engine.connect() as connection:
        row = connection.execute(BY_ID, {"article_id": article_id}).mappings().one_or_none()
    return Revised(**row) if row else None


def by_url(engine: Engine, url: str) -> Revised | None:
    """:param url: in canonical form."""
    with one_line(), engine.connect() as connection:
        row = connection.execute(BY_URL, {"url_key": url_key(url)}).mappings().one_or_none()
    return Revised(**row) if row else None


def read(engine: Engine, article: Revised, revisions: Iterable[int]) -> dict[int, Revision]:
    """The revisions by number; those that the article does not have are left out."""
    wanted = {"article_id": article.article_id, "revisions": list(revisions)}
    with one_line(), engine.connect() as connection:
        rows = connection.execute(REVISIONS, wanted).mappings()
        return {row["revision"]: Revision(row["revision"], row["fetched_at"], dict(row)) for row in rows}
