"""Measure the pages of ``scrapy web`` in a database of up to a million articles, with runs and outcomes."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from statistics import median

from sqlalchemy import Engine, text
from starlette.testclient import TestClient

from bench.harness import Report, execute, fresh_database, scalar, scratch_server, setting
from bench.storage_filling import NOW, fill
from bench.storage_reading import CATEGORIES, CATEGORISE, EMPTY, RARE, REVISE
from bench.storage_texts import milliseconds
from pipelines.storage.web.session import read_only
from pipelines.web.app import create_app

MOST_MS = 100.0
TABLES = ("article", "article_url", "article_revision", "article_teaser", "article_search")
SITES, RUNS, OUTCOMES = 20, 20_000, 20_000
"""Sites beside the large one, runs of all, and outcomes of the latest run."""
QUIET = text("""
    WITH named AS (
        INSERT INTO crawl.site (name, base_url, timezone)
        SELECT 'quiet' || n || '.example', 'https://quiet' || n || '.example/', 'Asia/Shanghai'
        FROM generate_series(1, CAST(:sites AS int)) AS n RETURNING site_id, name
    )
    UPDATE crawl.article a SET site_id = named.site_id, published_on = a.published_on - 900
    FROM named WHERE a.article_id % 50000 < 10 AND 'quiet' || (1 + a.article_id / 50000) || '.example' = named.name
""")
"""Sites whose few articles are old: what the indexes of large sites do not help with."""
RUN = text("""
    INSERT INTO crawl.crawl_run (site_id, spider, version, arguments, started_at, finished_at, reason, verdict, stats)
    SELECT s.site_id, 'smartdaily', '0.1.0', '{"mode": "incremental"}', CAST(:now AS timestamptz) - (:runs - n) * interval '15 minutes',
           CAST(:now AS timestamptz) - (:runs - n) * interval '15 minutes' + interval '3 minutes', 'finished',
           CASE n % 17 WHEN 0 THEN 'degraded' WHEN 1 THEN 'stopped' ELSE 'healthy' END,
           (SELECT jsonb_object_agg(name, value) FROM (
               SELECT unnest(CAST(:names AS text[])) AS name, to_jsonb(n % 97 + 3) AS value
               UNION ALL SELECT 'plain/' || md5(n || '/' || i), to_jsonb(i) FROM generate_series(1, 150) AS i
               UNION ALL SELECT 'run/reasons', '["3 list pages failed", "gap: more was published than a list page holds"]'::jsonb
           ) AS stats)
    FROM generate_series(1, CAST(:runs AS int)) AS n
    JOIN (SELECT site_id, row_number() OVER (ORDER BY site_id) AS place FROM crawl.site) AS s
      ON s.place = CASE WHEN n % 2 = 0 THEN 1 ELSE 1 + n % (:sites + 1) END
""")
STATS = (
    *(f"outcome/{kind}/{what}" for kind in ("article", "listing") for what in ("stored", "unchanged", "rejected", "failed")),
    *("article/read", "article/new", "missing/source", "missing/author", "missing/editor", "reason/http_404", "reason/no_body"),
)  # fmt: skip
OUTCOME = text("""
    INSERT INTO crawl.crawl_outcome (run_id, url_key, url, kind, outcome, http_status, reason, attempts, elapsed_ms, at)
    SELECT (SELECT max(run_id) FROM crawl.crawl_run JOIN crawl.site USING (site_id) WHERE name = 'bench'), url_key, url, 'article',
           CASE article_id % 20 WHEN 0 THEN 'failed' WHEN 1 THEN 'rejected' WHEN 2 THEN 'stored' ELSE 'unchanged' END, 200,
           CASE article_id % 40 WHEN 0 THEN 'http_404' WHEN 20 THEN 'timeout' WHEN 1 THEN 'no_body' WHEN 21 THEN 'video' END,
           1, article_id % 1777, :now
    FROM crawl.article WHERE article_id <= :outcomes
""")
MIDDLE = "SELECT max(article_id) / 20 * 10 + 3 FROM api.article"
"""One of the articles with two revisions."""
LATEST = "SELECT max(run_id) FROM api.run WHERE site = 'bench'"


def fill_pages(engine: Engine, count: int) -> None:
    """Fill all tables that the pages show."""
    fill(engine, count, *TABLES)
    values = {"now": NOW, "sites": SITES, "runs": RUNS, "outcomes": OUTCOMES, "names": list(STATS)}
    names = {"names": [*CATEGORIES, RARE, EMPTY], "rare": RARE, "most": len(CATEGORIES)}
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM crawl.article_category"))
        connection.execute(CATEGORISE, names)
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for statement in (REVISE, QUIET, RUN, OUTCOME):
            given = {name: values[name] for name in statement.compile().params}
            connection.execute(statement, given)
    execute(engine, "VACUUM ANALYZE", "CHECKPOINT")


def paths(engine: Engine) -> dict[str, str]:
    """Return the address of each kind of page by the name of its figure."""
    run, middle = scalar(engine, LATEST), scalar(engine, MIDDLE)
    return {
        "overview of 12 sites": "/",
        "a site with nearly all articles": "/sites/bench",
        "a site with few, old articles": "/sites/quiet3.example",
        "articles of a day": f"/sites/bench/days/{NOW:%Y-%m-%d}",
        "articles of a category": f"/sites/bench/categories/{CATEGORIES[0]}",
        "a run with 20,000 outcomes": f"/runs/{run}",
        "its failed articles": f"/runs/{run}/outcomes?outcome=failed",
        "an article": f"/articles/{middle}",
        "two of its revisions": f"/articles/{middle}/revisions",
        "search, a rare word": "/search?q=Norvia Pro",
        "search, a frequent word": "/search?q=芯片",
        "graph of a week": f"/sites/bench/graph?until={NOW:%Y-%m-%d}",
    }


def measure_pages(report: Report, options: Namespace) -> None:
    count = 20_000 if options.small else 1_000_000
    with scratch_server(options.folder, fsync=False) as server, fresh_database(server, "pages") as engine:
        fill_pages(engine, count)
        report_pages(report, engine)
        report.setting = f"{count:,} articles, {setting(engine)}"


def report_pages(report: Report, engine: Engine) -> None:
    read_only(engine)
    with TestClient(create_app(engine), base_url="http://localhost") as client:
        for name, path in paths(engine).items():
            spent = milliseconds(partial(_get, client, path), 20)
            report.line(f"{name}, median", median(spent), "ms", most=MOST_MS)


def _get(client: TestClient, path: str, _: int) -> None:
    client.get(path).raise_for_status()
