"""Read an article's revisions by their numbers: through schema ``api`` only, so that a read-only role suffices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import text

from pipelines.storage.db.errors import one_line
from pipelines.storage.read.text_diff import Pair, compare, pair_paragraphs
from pipelines.storage.read.times import printed
from pipelines.storage.schema.hashes import url_key

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import tzinfo

    from sqlalchemy import Engine

NAMED = """
    SELECT a.article_id, a.url, a.revision AS latest, s.timezone
    FROM api.article a JOIN api.site s USING (site)
"""
BY_ID = text(f"{NAMED} WHERE a.article_id = :article_id")
BY_URL = text(f"{NAMED} WHERE a.article_id = api.find_article(:url_key)")
REVISIONS = """
    SELECT revision, fetched_at, {columns}
    FROM api.revision WHERE article_id = :article_id AND revision = ANY(:revisions)
"""
LARGEST_ID = 2**63 - 1


def _changes() -> dict[str, str]:
    """Return the columns of the content, and their names in ``changed_fields``."""
    # Commands import this module to run another one; the models of the tables take as long as SQLAlchemy.
    from pipelines.storage.schema.article_content import CHANGES  # noqa: PLC0415

    return CHANGES


@dataclass(frozen=True, slots=True)
class Revised:
    """An article and the number of its latest revision."""

    article_id: int
    url: str
    latest: int
    """Number of the latest revision; 0 if the article was never fetched."""
    timezone: str


@dataclass(frozen=True, slots=True)
class Revision:
    revision: int
    fetched_at: datetime
    content: Mapping[str, Any]
    """By column, as stored."""

    def values(self) -> dict[str, str | date | datetime | None]:
        """Return each field of ``changed_fields`` by its name; if it has several columns, the last one that is not ``None``."""
        found: dict[str, str | date | datetime | None] = {}
        for column, field in _changes().items():
            value = self.content[column]
            found[field] = found.get(field) if value is None else value
        return found


@dataclass(frozen=True, slots=True)
class Difference:
    """A field in two revisions, whether it differs or not."""

    name: str
    pairs: list[Pair]
    """One pair per paragraph of the body, a single one for other fields."""


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
    """Return the revisions by number, without those that do not exist."""
    wanted = {"article_id": article.article_id, "revisions": list(revisions)}
    with one_line(), engine.connect() as connection:
        rows = connection.execute(text(REVISIONS.format(columns=", ".join(_changes()))), wanted).mappings()
        return {row["revision"]: Revision(row["revision"], row["fetched_at"], dict(row)) for row in rows}


def differences(old: Revision, new: Revision, zone: tzinfo) -> list[Difference]:
    """Return all fields of two revisions, the body at the end; times are in *zone*."""
    before, after = old.values(), new.values()
    parts = [
        Difference(name, [_pair(_text(before[name], zone), _text(after[name], zone))])
        for name in before
        if name != "body"
    ]
    return [*parts, Difference("body", pair_paragraphs(_paragraphs(before["body"]), _paragraphs(after["body"])))]


def _pair(old: str | None, new: str | None) -> Pair:
    return Pair(old, new) if old is None or new is None else compare(old, new)


def _text(value: str | date | None, zone: tzinfo) -> str | None:
    match value:
        case datetime():
            return printed(value, zone)
        case date():
            return value.isoformat()
        case _:
            return value


def _paragraphs(body: object) -> list[str]:
    return str(body).split("\n\n") if body else []
