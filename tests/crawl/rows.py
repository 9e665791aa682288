"""Rows that consumers see, in the form of the bundled site's truth."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, text

from demo.truth import Truth, TruthArticle

BEIJING = ZoneInfo("Asia/Shanghai")
FIELDS = ("title", "published_on", "published_at", "source", "author", "editor", "summary", "body", "categories")


def path_of(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def select(engine: Engine, statement: str, **values: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row._mapping) for row in connection.execute(text(statement), values)]


def stats(engine: Engine) -> dict[str, Any]:
    """Return the latest run's statistics."""
    return dict(select(engine, "SELECT stats FROM api.run ORDER BY run_id DESC LIMIT 1")[0]["stats"])


def stored_articles(engine: Engine) -> dict[str, dict[str, Any]]:
    """Return the fetched articles by path. Fail where one is stored twice."""
    rows = select(engine, "SELECT * FROM api.article WHERE state = 'fetched'")
    by_id = {row["article_id"]: path_of(row["url"]) for row in rows}
    articles = {}
    for row in rows:
        assert path_of(row["url"]) not in articles, f"{row['url']} stands twice"
        articles[path_of(row["url"])] = {
            **{name: row[name] for name in FIELDS},
            "categories": sorted(row["categories"] or []),
            "image": path_of(row["image_url"]) if row["image_url"] else None,
            "duplicate_of": by_id.get(row["duplicate_of"]),
        }
    return articles


def true_article(article: TruthArticle) -> dict[str, Any]:
    return {
        **{name: getattr(article, name) for name in FIELDS},
        "body": "\n\n".join(article.body),
        "categories": sorted(article.categories),
        "image": article.images[0][0] if article.images else None,
        "duplicate_of": article.duplicate_of,
    }


def stored_teasers(engine: Engine) -> set[tuple[Any, ...]]:
    """Return the current edges: from, position, to, title, summary, date."""
    rows = select(engine, "SELECT * FROM api.teaser WHERE removed_at IS NULL AND block = 'teasers'")
    return {
        (path_of(r["from_url"]), r["position"], path_of(r["to_url"]), r["title"], r["summary"], r["published_on"])
        for r in rows
    }


def true_teasers(truth: Truth) -> set[tuple[Any, ...]]:
    return {
        (article.path, position, teaser.path, teaser.title, teaser.summary, teaser.published_on)
        for article in truth.articles
        for position, teaser in enumerate(article.teasers, 1)
    }


def differences(stored: dict[str, dict[str, Any]], truth: Truth) -> list[str]:
    """Return the fields in which stored articles differ from those of the site."""
    expected = {article.path: true_article(article) for article in truth.articles}
    found = [f"missing: {path}" for path in sorted(expected.keys() - stored.keys())]
    found += [f"not there: {path}" for path in sorted(stored.keys() - expected.keys())]
    for path in sorted(expected.keys() & stored.keys()):
        found += [
            f"{path} {name}: stored {stored[path][name]!r}, true {value!r}"
            for name, value in expected[path].items()
            if stored[path][name] != value
        ]
    return found
