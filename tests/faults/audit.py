"""Compare the database with the site's access log: everything served is stored, and nothing twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urljoin

from sqlalchemy import Engine

from demo.server import Access
from demo.site import Site
from tests.crawl.rows import path_of, select

STORED = ("stored", "unchanged", "duplicate")


def lost(engine: Engine, run_id: int, log: Sequence[Access], site: Site) -> list[str]:
    """Return what the site served to the run and the database lacks; empty where nothing is lost."""
    rows = select(engine, "SELECT url, outcome FROM api.outcome WHERE run_id = :run_id", run_id=run_id)
    ends = {path_of(row["url"]): row["outcome"] for row in rows}
    articles = {article.path: article for article in site.truth().articles}
    fetched = {
        path_of(row["url"])
        for row in select(
            engine,
            "SELECT u.url FROM crawl.article_url u JOIN crawl.article a USING (article_id) WHERE a.state = 'fetched'",
        )
    }
    served = {access.path: access.status for access in log if access.path != "/robots.txt"}
    redirected = {path for access in log if (path := _target(access.path, site))}
    found = [f"{path}: no outcome" for path in served.keys() - ends.keys() - redirected]
    for path, article in articles.items():
        # Half an article is not stored: the first page of several waits for the others.
        if served.get(path) == 200 and not article.parts:
            if ends.get(path, "stored") not in STORED:
                found.append(f"{path}: {ends[path]}")
            if path not in fetched:
                found.append(f"{path}: no row")
    return found


def twice(engine: Engine) -> list[dict[str, Any]]:
    """Return rows stored twice, and dead letters. The site did not change, so a second revision is a repetition."""
    return [
        *select(engine, "SELECT url, count(*) FROM api.article GROUP BY url HAVING count(*) > 1"),
        *select(engine, "SELECT url, revision FROM api.article WHERE revision > 1"),
        *select(engine, "SELECT run_id, url, count(*) FROM api.outcome GROUP BY 1, 2 HAVING count(*) > 1"),
        *select(engine, "SELECT url, reason FROM crawl.dead_letter"),
    ]


def _target(path: str, site: Site) -> str | None:
    location = site.render(path).location
    return path_of(urljoin("http://site/", location)) if location else None
