"""From day to day, a crawl writes exactly the newsroom's changes; without changes it writes nothing."""

from __future__ import annotations

from sqlalchemy import Engine

from demo.server import Server
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, path_of, select, stored_articles, stored_teasers, true_teasers


def test_each_day_writes_its_changes_and_a_second_crawl_writes_none(
    scrapy: Scrapy, crawled: Server, engine: Engine
) -> None:
    for day in (2, 3):
        crawled.site = Site(day=day, categories=SMALL)
        truth, changes = crawled.site.truth(), crawled.site.changes()
        since = latest_run(engine)
        run(scrapy, crawled.url)

        assert differences(stored_articles(engine), truth)[:20] == []
        assert stored_teasers(engine) == true_teasers(truth)
        assert first_revisions(engine, since) == changes.new
        assert later_revisions(engine, since) == changes.edited
        assert gone(engine) == set(truth.gone)
        assert near_duplicates(engine) == {(a.path, a.adapted_from) for a in truth.articles if a.adapted_from} != set()

    before = latest_run(engine)
    seen = last_changes(engine)
    run(scrapy, crawled.url)
    assert select(engine, "SELECT * FROM api.revision WHERE run_id > :run", run=before) == []
    assert last_changes(engine) == seen, "a crawl that found nothing new told consumers of a change"
    assert gone(engine) == set(truth.gone)


def run(scrapy: Scrapy, url: str) -> None:
    done = scrapy("crawl", "smartdaily", "-a", "mode=full", SITE_URL=url)
    assert done.returncode == 0, done.stderr[-3000:]


def latest_run(engine: Engine) -> int:
    return int(select(engine, "SELECT max(run_id) AS run FROM api.run")[0]["run"])


def first_revisions(engine: Engine, since: int) -> set[str]:
    rows = select(
        engine,
        "SELECT url FROM api.revision r JOIN api.article a USING (article_id) WHERE r.run_id > :run AND r.revision = 1",
        run=since,
    )
    return {path_of(row["url"]) for row in rows}


def later_revisions(engine: Engine, since: int) -> dict[str, set[str]]:
    rows = select(
        engine,
        "SELECT url, changed_fields FROM api.revision r JOIN api.article a USING (article_id)"
        " WHERE r.run_id > :run AND r.revision > 1",
        run=since,
    )
    revised = {path_of(row["url"]): set(row["changed_fields"]) for row in rows}
    assert len(revised) == len(rows), "one day made two revisions of one article"
    return revised


def gone(engine: Engine) -> set[str]:
    return {path_of(row["url"]) for row in select(engine, "SELECT url FROM api.article WHERE state = 'gone'")}


def near_duplicates(engine: Engine) -> set[tuple[str, str]]:
    rows = select(
        engine,
        "SELECT a.url, o.url AS original FROM api.duplicate d JOIN api.article a USING (article_id)"
        " JOIN api.article o ON o.article_id = d.duplicate_of WHERE kind = 'near'",
    )
    return {(path_of(row["url"]), path_of(row["original"])) for row in rows}


def last_changes(engine: Engine) -> dict[int, int]:
    return {
        r["article_id"]: r["change_seq"]
        for r in select(engine, "SELECT article_id, change_seq FROM api.article_change")
    }
