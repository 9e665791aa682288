"""What a crawl stored, and what the bundled site says of itself, in one form: to be compared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Engine, text

from demo.truth import Truth, TruthArticle

FIELDS = ("title", "published_on", "published_at", "source", "author", "editor", "summary", "body")
ARTICLES = text("SELECT * FROM api.article WHERE state = 'fetched'")
TEASERS = text("SELECT * FROM api.teaser WHERE removed_at IS NULL AND block = 'teasers'")

Teaser = tuple[Any, ...]
"""From, place, to, title, summary, date."""


@dataclass(frozen=True)
class Rows:
    articles: dict[str, tuple[Any, ...]]
    """By path."""
    teasers: frozenset[Teaser]

    def shares(self, expected: Rows) -> tuple[str, str]:
        """How many articles, field by field, and teasers are as expected, where none is too many."""
        articles = sum(self.articles.get(path) == row for path, row in expected.articles.items())
        extra = self.articles.keys() - expected.articles.keys()
        return (
            _share(articles, len(expected.articles), len(extra)),
            _share(
                len(self.teasers & expected.teasers),
                len(expected.teasers),
                len(self.teasers - expected.teasers),
            ),
        )


def stored_rows(engine: Engine) -> Rows:
    with engine.connect() as connection:
        rows = connection.execute(ARTICLES).all()
        teasers = connection.execute(TEASERS).all()
    by_id = {row.article_id: _path(row.url) for row in rows}
    return Rows(
        {
            by_id[row.article_id]: (
                *(getattr(row, name) for name in FIELDS),
                frozenset(row.categories or ()),
                _path(row.image_url) if row.image_url else None,
                by_id.get(row.duplicate_of),
            )
            for row in rows
        },
        frozenset(
            (_path(row.from_url), row.position, _path(row.to_url), row.title, row.summary, row.published_on)
            for row in teasers
        ),
    )


def true_rows(truth: Truth) -> Rows:
    return Rows(
        {article.path: _true(article) for article in truth.articles},
        frozenset(
            (article.path, place, teaser.path, teaser.title, teaser.summary, teaser.published_on)
            for article in truth.articles
            for place, teaser in enumerate(article.teasers, 1)
        ),
    )


def _true(article: TruthArticle) -> tuple[Any, ...]:
    fields = {name: getattr(article, name) for name in FIELDS} | {"body": "\n\n".join(article.body)}
    image = article.images[0][0] if article.images else None
    return (*fields.values(), frozenset(article.categories), image, article.duplicate_of)


def _share(right: int, all_: int, extra: int) -> str:
    return f"{right:,} of {all_:,}" + (f", {extra:,} too many" if extra else "")


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
