"""A crawl stores what the site shows, in every skin.

The default skin is crawled on the last day of a small site; the hardest ones on an earlier day, which has fewer of the same: withdrawn,
edited and syndicated articles, lists with pages between the first and the last. ``make every-skin`` crawls the whole site on the last day
in all of them.
"""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine

from demo.newsroom import DAYS
from demo.server import Server, serve
from demo.site import SMALL, Site
from demo.skins.registry import SKINS
from demo.stories import CATEGORIES
from smartdaily_crawler.cleaning.urls import canonicalize
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import FIELDS, differences, path_of, select, stored_articles, stored_teasers, true_teasers

HARDEST = {
    "split",  # its pager's next page is a script
    "phpcms",  # its last page links itself as the next one, and its URLs are queries
    "portal",  # GBK
}
DEFAULT = next(iter(SKINS))
IS_EVERY = bool(os.environ.get("EVERY_SKIN"))
TRIED = sorted(SKINS) if IS_EVERY else sorted({DEFAULT, *HARDEST})
WITH_FILE = set(SKINS) if IS_EVERY else {DEFAULT}
SIZE = len(CATEGORIES) if IS_EVERY else SMALL
EARLY_DAY = 6
ARTICLE = Path(__file__).parents[1] / "demo" / "article.txt"


@pytest.mark.parametrize("skin", TRIED)
def test_a_crawl_finds_every_article_each_once(skin: str, scrapy: Scrapy, engine: Engine) -> None:
    # On the early day the articles of the file would be in the future.
    day, articles = (DAYS, [ARTICLE]) if skin in WITH_FILE else (EARLY_DAY, [])
    site = Site(day=day, skin=skin, articles=articles, categories=SIZE)
    with serve(site) as server:
        done = scrapy("crawl", "smartdaily", SITE_URL=server.url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Traceback" not in done.stderr
    truth = site.truth()
    assert differences(stored_articles(engine), truth)[:20] == []
    stored, true = stored_teasers(engine), true_teasers(truth)
    assert sorted(map(str, true - stored))[:5] == []
    assert sorted(map(str, stored - true))[:5] == []
    assert select(engine, "SELECT count(*) AS n FROM crawl.dead_letter") == [{"n": 0}]
    assert_every_request_has_one_outcome(engine, server)
    if skin in WITH_FILE:
        assert_the_articles_file_reads_back(engine)


def assert_the_articles_file_reads_back(engine: Engine) -> None:
    """Compare the rows with the file itself, word for word, not with the bundled site's reading of it."""
    blocks = ARTICLE.read_text(encoding="utf-8").strip().split("\n\n")
    paragraphs = [block for block in blocks[3:] if "\n" not in block and not block.startswith("2026-")]
    teasers = [block.split("\n") for block in blocks if block.count("\n") == 1][1:]
    dates = [date.fromisoformat(block) for block in blocks if len(block) == len("2026-03-05")]
    assert (len(paragraphs), len(teasers), len(dates)) == (4, 9, 9)

    stored = select(engine, "SELECT * FROM api.article WHERE title LIKE '折叠屏铰链之争再起%'")
    assert len(stored) == 1
    assert {name: stored[0][name] for name in (*FIELDS[:6], "body")} == {
        "title": "折叠屏铰链之争再起:两家代工厂同日公布“水滴”方案,R&D投入翻倍",
        "published_on": date(2026, 3, 5),
        "published_at": None,
        "source": "海岬科技观察",
        "author": None,
        "editor": "林栖",
        "body": "\n\n".join(paragraphs),
    }
    edges = select(
        engine,
        "SELECT * FROM api.teaser WHERE from_article_id = :id AND block = 'teasers' ORDER BY position",
        id=stored[0]["article_id"],
    )
    assert [edge["position"] for edge in edges] == list(range(1, 10))
    assert [[edge["title"], edge["summary"]] for edge in edges] == teasers
    assert [edge["published_on"] for edge in edges] == dates


def assert_every_request_has_one_outcome(engine: Engine, server: Server, *, beside: tuple[str, ...] = ()) -> None:
    """Compare the site's access log with the outcomes.

    :param beside: path prefixes of files that are no pages and that only a browser requests.
    """

    def canonical(path: str) -> str:
        return path_of(canonicalize(server.url.rstrip("/") + path))

    pages = [entry for entry in server.log if not entry.path.startswith(beside)]
    asked = {canonical(entry.path) for entry in pages} - {"/robots.txt"}
    redirected = {entry.path for entry in pages if entry.status in (301, 302)}
    # The target of a redirect has the outcome of the redirecting URL, unless it was requested itself.
    targets = {canonical(str(server.site.render(path).location)) for path in redirected}
    ended = [path_of(row["url"]) for row in select(engine, "SELECT url FROM api.outcome")]
    assert len(ended) == len(set(ended))
    assert set(ended) | targets == asked
    assert asked - targets <= set(ended)
