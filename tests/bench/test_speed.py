"""The bench of speed on a small site: that it crawls by each way and stores, not how fast."""

from __future__ import annotations

from pathlib import Path

from bench.harness import fresh_database, scalar, scratch_server
from bench.speed_crawls import dsn, spider
from bench.speed_rooms import room
from demo.server import serve
from demo.site import SMALL, Site


def test_other_crawlers_of_the_bundled_site(tmp_path: Path) -> None:
    site = Site(day=1, categories=SMALL)
    articles = [article.path for article in site.truth().articles]
    pages = tmp_path / "pages"
    with (
        serve(site) as server,
        scratch_server(tmp_path, fsync=False) as storage,
        fresh_database(storage, "days_work", migrated=False) as engine,
    ):
        pages.write_text("\n".join(server.url.rstrip("/") + path for path in articles))
        bare = spider("bare", f"pages={pages}", pages=len(articles))
        assert {entry.path for entry in server.log} == set(articles)
        assert bare.processor > 0
        assert bare.memory > 0
        spider("days_work", f"site={server.url}", f"database={dsn(engine)}", pages=len(articles))
        stored = scalar(engine, "SELECT count(*) FROM article WHERE title IS NOT NULL AND body <> '{}'")
        assert stored >= len(articles)  # more, as it takes each address of an article for another one


def test_a_sample_counts_for_the_innermost_room() -> None:
    ours = ["execute (scrapy/cmdline.py)", "read (smartdaily_crawler/pages/article.py)", "search (re/__init__.py)"]
    assert room(ours) == "smartdaily_crawler/pages"
    assert room(["execute (scrapy/cmdline.py)", "run (twisted/internet/base.py)"]) == "Twisted"
    assert room([*ours[:1], "_find_and_load (<frozen importlib._bootstrap>:1176)", *ours[1:]]) == "imports"
