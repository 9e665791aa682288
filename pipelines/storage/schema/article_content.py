"""Content of an article's page as its columns hold it: the values, their hashes, and the changes that make a revision."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from pipelines.storage.schema.models import Article as Row
from pipelines.storage.schema.models import ArticleRevision
from smartdaily_crawler.parsing import dates

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smartdaily_crawler.items import Article

COLUMNS = tuple(column.name for column in Row.__table__.columns if "change" in column.info)
"""Names of the content's columns, in ``article`` and in ``article_revision``."""
CHANGES: dict[str, str] = {
    column.name: column.info["change"] for column in Row.__table__.columns if column.info.get("change")
}
"""Column whose other value makes a revision -> its name in ``changed_fields``."""
VALIDATORS = ("raw_hash", "etag", "last_modified")
"""Names of the columns of ``article`` by which an unchanged page is recognised."""
OF_PAGE = ("image_url", "content_hash", "text_hash", *VALIDATORS, "claimed_key", "parser_version", "record")
"""Names of the columns of ``article`` that its page fills beside the content."""
RAW = tuple(column.name for column in ArticleRevision.__table__.columns if column.name.endswith("_raw"))
"""Names of the revision's columns for the strings that fields were read from."""
DATE_FROM = "date_from"
"""Key of a stored content's provenance of the date."""

_DRIFT = timedelta(days=1)
"""A relative date is rounded, and may be as old as a cache: 1天前 stands for 22 hours and for 47."""


@dataclass(frozen=True, slots=True)
class PageContent:
    """One page's content."""

    values: dict[str, Any]
    """By column."""
    content_hash: bytes
    """sha256 of what makes a revision."""
    text_hash: bytes | None
    """sha256 of title and body, by which duplicates are found; ``None`` without a body: a title alone makes none."""

    @classmethod
    def of(cls, page: Article) -> PageContent:
        values = {
            **{name: getattr(page, name) for name in COLUMNS},
            "body": "\n\n".join(page.body) or None,
            "images": [asdict(image) for image in page.images],
        }
        text = (values["title"], values["body"]) if values["body"] else None
        return cls(values, _content_hash(values), _hash(text) if text else None)

    def with_known_date(self, page: Article, former: Mapping[str, Any], former_text: bytes | None) -> PageContent:
        """Return the content with the date of *former* where the page does not tell another one.

        What a list told is not withdrawn by a page that prints no date. It replaces only a later day that a list told too, or
        that was printed without its year: so it does not matter which of several lists led to the page.

        :param page: of the content.
        :param former: by column, with ``DATE_FROM`` and ``published_raw``.
        :param former_text: ``text_hash`` of *former*.
        """
        raw, on, at = page.published_raw, self.values["published_on"], self.values["published_at"]
        known_on, known_at = former["published_on"], former["published_at"]
        if known_on is None or (on, at) == (known_on, known_at):
            return self
        was_told = former[DATE_FROM] == "list"
        if on is not None and on != known_on and page.provenance.get("published") == "list":
            was_guessed = _is_without_year(former["published_raw"] or "", on)
            is_kept = on > known_on or not (was_told or was_guessed)
        else:
            is_same_text = self.text_hash == former_text
            is_kept = (was_told and raw is None and on is None) or _is_kept(
                raw, on, at, known_on, is_same_text=is_same_text
            )
        if not is_kept:
            return self
        values = {**self.values, "published_on": known_on, "published_at": known_at}
        return replace(self, values=values, content_hash=_content_hash(values))

    def changes_from(self, former: Mapping[str, Any]) -> list[str]:
        """Return the ``changed_fields`` of the revision that this page makes of *former*; empty where it makes none."""
        return list(dict.fromkeys(field for name, field in CHANGES.items() if self.values[name] != former[name]))


def _is_kept(raw: str | None, on: date | None, at: datetime | None, known: date, *, is_same_text: bool) -> bool:
    """Return whether a printed date, read as *on* and *at*, is no other one than the *known* day.

    A page that prints no date has withdrawn it. One that prints what cannot be told, or the known day without its time, says
    nothing new; neither does a day without its year in another year. A relative date is another one only beside another text:
    alone it comes from a cache, a wrong clock, or words that were printed once and never change.
    """
    if on is None:
        return raw is not None
    if on == known:
        return at is None
    if raw is None:
        return False
    if dates.is_relative(raw):
        return is_same_text or abs(on - known) <= _DRIFT
    return _is_without_year(raw, known)


def _is_without_year(raw: str, on: date) -> bool:
    """Return whether a day is printed as its month and day only."""
    return not dates.has_year(raw) and dates.month_and_day(raw) == (on.month, on.day)


def _content_hash(values: Mapping[str, Any]) -> bytes:
    return _hash([values[name] for name in CHANGES])


def _hash(values: Any) -> bytes:
    return sha256(json.dumps(values, ensure_ascii=False, default=_in_utc).encode()).digest()


def _in_utc(value: date) -> str:
    return (value.astimezone(UTC) if isinstance(value, datetime) else value).isoformat()
