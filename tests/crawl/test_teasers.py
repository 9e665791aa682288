"""Teasers that never end: a run is bounded by what its lists show, and a walk of a part of the site stays near its lists."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine

from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import path_of, select, stats
from tests.crawl.test_walk import HOME, PARAGRAPHS, article, numbered

FEWEST_ENTRIES = 50
"""Assumed where the lists show fewer; the setting of 1 allows as many articles."""
ONE_EACH = ("-s", "TARGETS_PER_ENTRY=1", "-s", "REVISIT_LIMIT=10")


class Endless(dict[str, str]):
    """Pages of a site whose every article teases three others; only the first two are on a list."""

    def get(self, path: str, default: Any = None) -> Any:
        if not path.startswith("/a/"):
            return super().get(path, default)
        number = int(path.removeprefix("/a/").removesuffix(".html"))
        items = "".join(f"<li><a href='/a/{n}.html'>{headline(n)}</a></li>" for n in range(3 * number, 3 * number + 3))
        return article(
            headline(number), f"{headline(number)}。", *PARAGRAPHS, after=f"<h3>相关阅读</h3><ul>{items}</ul>"
        )


def headline(number: int) -> str:
    return f"第{number}号样机通过了跌落测试并且公布结果"


def test_endless_teasers_end_at_the_bound(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(Endless({"/": HOME, "/phone/": numbered(1, 2), "/pc/": numbered(1, 2)}))
    first = scrapy("crawl", "smartdaily", *ONE_EACH, SITE_URL=url)
    assert first.returncode == 4, first.stderr[-3000:]
    assert "teasers lead to too many articles beside what the lists show (TARGETS_PER_ENTRY)" in first.stderr
    assert len(fetched(engine)) == 2 + FEWEST_ENTRIES + 10
    assert int(stats(engine)["teaser/put_off"]) > FEWEST_ENTRIES
    # The next run goes on with them.
    second = scrapy("crawl", "smartdaily", *ONE_EACH, SITE_URL=url)
    assert "Traceback" not in second.stderr
    assert len(fetched(engine)) > 2 + FEWEST_ENTRIES + 20


def test_a_walk_of_one_category_goes_one_teaser_far(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(Endless({"/": HOME, "/phone/": numbered(1, 2), "/pc/": numbered(1, 2)}))
    done = scrapy("crawl", "smartdaily", "-a", "categories=智能手机", SITE_URL=url)
    assert done.returncode == 0, done.stderr[-3000:]
    assert fetched(engine) == {1, 2, 3, 4, 5, 6, 7, 8}


def fetched(engine: Engine) -> set[int]:
    rows = select(engine, "SELECT url FROM api.article WHERE state = 'fetched'")
    return {int(path_of(row["url"]).removeprefix("/a/").removesuffix(".html")) for row in rows}
