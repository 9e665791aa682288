"""Measure the queries of README.md and docs/consuming.md, and look-ups of articles, in a database of up to a million articles."""

from __future__ import annotations

import re
from argparse import Namespace
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import Connection, Engine, text

from bench.harness import ROOT, Report, execute, fresh_database, scratch_server, setting
from bench.storage_filling import NOW, fill
from bench.storage_texts import milliseconds
from pipelines.storage.read import status

MOST_MS, MOST_METRICS_MS = 20.0, 100.0
METRICS = (status.SITES.text, status.DATABASE.text)
"""Queries of scrapy metrics, besides the lag of the feed."""
TABLES = ("article", "article_url", "article_revision", "article_teaser")
CATEGORIES = ("智能手机", "笔记本", "平板电脑", "可穿戴", "数码相机", "家电", "汽车", "航天", "医药")
RARE = "访谈"
"""Category of ten articles, and one that no article is in."""
EMPTY = "专题"
CATEGORISE = text("""
    WITH named AS (
        INSERT INTO crawl.category (site_id, name, url, first_seen_at, last_seen_at)
        SELECT s.site_id, wanted, s.base_url || '/' || wanted, now(), now()
        FROM crawl.site s, unnest(CAST(:names AS text[])) AS wanted RETURNING category_id, name
    )
    INSERT INTO crawl.article_category (article_id, category_id, first_seen_at, last_seen_at)
    SELECT a.article_id, n.category_id, now(), now()
    FROM crawl.article a JOIN named n ON n.name = CASE
        WHEN a.article_id % (SELECT count(*) / 10 FROM crawl.article) = 7 THEN :rare
        ELSE (CAST(:names AS text[]))[CAST(1 + a.article_id % :most AS int)] END
""")
REVISE = text("""
    INSERT INTO crawl.article_revision SELECT (jsonb_populate_record(v, '{"revision": 2}')).*
    FROM crawl.article_revision v WHERE v.article_id % 10 = 3 AND v.revision = 1
""")
SOME = "SELECT {} FROM crawl.article WHERE article_id = (SELECT max(article_id) / 2 FROM crawl.article)"


def measure_reading(report: Report, options: Namespace) -> None:
    count = 20_000 if options.small else 1_000_000
    with scratch_server(options.folder, fsync=False) as server, fresh_database(server, "reading") as engine:
        fill(engine, count, *TABLES)
        categorise(engine)
        execute(engine, "VACUUM ANALYZE", "CHECKPOINT")
        report.setting = f"{count:,} articles, {setting(engine)}"
        for name, query, values in queries(engine):
            with engine.connect() as connection:
                connection.execute(text("SET ROLE smartdaily_reader"))
                spent = milliseconds(partial(read, connection, query, values), 20)
            report.line(f"{name}, median", median(spent), "ms", most=MOST_METRICS_MS if query in METRICS else MOST_MS)


def categorise(engine: Engine) -> None:
    """Put the articles into categories, and give a tenth of them a second revision."""
    with engine.begin() as connection:
        names = {"names": [*CATEGORIES, RARE, EMPTY], "rare": RARE, "most": len(CATEGORIES)}
        connection.execute(text("DELETE FROM crawl.article_category"))
        connection.execute(CATEGORISE, names)
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(REVISE)


def queries(engine: Engine) -> list[tuple[str, str, dict[str, Any]]]:
    """Return the name, the text and the values of each query: first those of the docs, in their order."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    newest, recommended, corrected = re.findall(r"```sql\n(.+?);\n```", readme, re.DOTALL)
    recommended = recommended.replace("2026-03-01", f"{NOW:%Y-%m-%d}").replace("2026-03-07", f"{NOW:%Y-%m-%d}")
    page = (ROOT / "docs" / "consuming.md").read_text(encoding="utf-8")
    [changes] = re.findall(r'CHANGES = """\n(.+?)"""', page, re.DOTALL)
    changes = changes.replace("%s::xid8, %s", "CAST(:xid AS xid8), :seq")
    with engine.connect() as connection:
        url, title = connection.execute(text(SOME.format("url, title"))).one()
        xid, seq = connection.execute(text(SOME.format("CAST(change_xid AS text), change_seq"))).one()
    rare = [
        (f"newest of a category with {what}", newest.replace(CATEGORIES[0], name))
        for what, name in (("ten articles", RARE), ("none", EMPTY))
    ]
    one = "SELECT * FROM api.article WHERE"
    return [
        ("newest of a category", newest, {}),
        *((name, query, {}) for name, query in rare),
        ("most recommended of a day", recommended, {}),
        ("latest corrections", corrected, {}),
        ("a hundred changes after a cursor", changes, {"xid": xid, "seq": seq}),
        ("lag of the feed", "SELECT * FROM api.feed_lag()", {}),
        *((f"metrics of the {name}", query, {}) for name, query in zip(("sites", "database"), METRICS, strict=True)),
        ("an article by its URL", f"{one} url = :url", {"url": url}),
        ("an article by its title", f"{one} title = :title", {"title": title}),
        (
            "an article by another URL",
            f"{one} article_id = (SELECT article_id FROM api.alias WHERE url = :url)",
            {"url": url},
        ),
        ("pictures of an article", "SELECT * FROM api.image WHERE article_id = 7", {}),
        ("teasers on a page", "SELECT * FROM api.teaser WHERE from_article_id = 7", {}),
        ("pages with a teaser of an article", "SELECT * FROM api.teaser WHERE to_article_id = 7", {}),
        ("revisions of an article", "SELECT * FROM api.revision WHERE article_id = 7", {}),
    ]


def read(connection: Connection, query: str, values: dict[str, Any], _: int) -> None:
    connection.execute(text(query), values).all()
