"""Feeds and sitemaps as lists: ``discover=feeds`` and ``discover=all``."""

from __future__ import annotations

from sqlalchemy import Engine

from demo.feed_shapes import NAMES, SHAPES, serve_shapes
from demo.page import Page
from demo.server import Server
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import path_of, select, stats

FEEDS, ALL = (("crawl", "smartdaily", "-a", f"discover={what}") for what in ("feeds", "all"))
NOTHING = Page(404)


def asked(server: Server) -> list[tuple[str, int]]:
    """Return the paths requested since the last call, but for the home page and robots.txt, with their statuses."""
    found = [(access.path, access.status) for access in server.log if access.path not in ("/", "/robots.txt")]
    server.log.clear()
    return found


def test_feeds_of_every_shape_and_their_faults(scrapy: Scrapy, engine: Engine) -> None:
    with serve_shapes(*SHAPES) as (site, server):
        done = scrapy(*ALL, SITE_URL=server.url)
        assert done.returncode == 0, done.stderr[-3000:]
        assert "new in: 12 in both, 12 in lists only, 12 in feeds only" in done.stderr
        stored = {
            path_of(row["url"]): (row["title"], row["published_on"], row["published_at"])
            for row in select(engine, "SELECT * FROM api.article WHERE state = 'fetched'")
        }
        assert stored == {
            article.path: (article.title, article.published.date(), article.published if article.shows_date else None)
            for article in site.articles
        }
        # No page twice, in whatever form a feed links it.
        paths = [path for path, _ in asked(server)]
        assert len(paths) == len(set(paths))
        assert {"/about.html", "/old/20120101.html", "/maps/0.xml.gz"}.isdisjoint(paths)
        counted = stats(engine)
        assert counted["link_rejected/teaser"] + counted["link_rejected/offsite"] == len(SHAPES)
        # Tags of feeds file an article only where the site has a category of that name; feeds are no categories.
        filed = select(engine, "SELECT DISTINCT category FROM api.article_category")
        assert {row["category"] for row in filed} == {*NAMES}
        assert [row["name"] for row in select(engine, "SELECT name FROM api.category ORDER BY position")] == [*NAMES]
        [row] = select(engine, "SELECT categories FROM api.article WHERE url LIKE '%/json/20240505.html'")
        assert row["categories"] == ["智能手机"]

        site.replaced = {
            "/rss.xml": NOTHING,
            "/feeds/atom.xml": site.render("/about.html"),
            "/index.rdf": Page(200, b"<rss><channel></channel></rss>", "text/xml"),
        }
        done = scrapy(*ALL, SITE_URL=server.url)
        assert done.returncode == 4, done.stderr[-3000:]
        feeds = {path: status for path, status in asked(server) if not path.startswith("/list")}
        assert feeds == {
            "/rss.xml": 404,
            "/feeds/atom.xml": 200,
            "/index.rdf": 200,
            **dict.fromkeys(("/feed.json", "/news.xml", "/maps/index.xml.gz"), 304),
        }
        [run] = select(engine, "SELECT stats FROM api.run ORDER BY run_id DESC LIMIT 1")
        assert run["stats"]["run/reasons"] == [
            "1 feed or sitemap failed",
            "2 feeds or sitemaps rejected",
            "3 feeds and sitemaps, 6 are usual",
        ]
        outcomes = select(engine, "SELECT url, reason FROM api.outcome WHERE kind = 'feed' AND reason IS NOT NULL")
        assert {path_of(row["url"]): row["reason"] for row in outcomes} == {
            "/rss.xml": "http_404",
            "/feeds/atom.xml": "not_a_feed",
            "/index.rdf": "no_entries",
        }
        assert '"new_in": "0 in both, 0 in lists only, 0 in feeds only"' in scrapy("runs", "--json").stdout


def test_unannounced_feeds_are_looked_for_seldom(scrapy: Scrapy, engine: Engine) -> None:
    with serve_shapes(SHAPES[0]) as (site, server):
        site.replaced = {"/": site.render("/about.html")}
        done = scrapy(*FEEDS, SITE_URL=server.url)
        assert done.returncode == 0, done.stderr[-3000:]
        shown = [article.path for article in site.articles[2:]]
        assert sorted(asked(server)) == sorted([("/feed", 404), ("/rss.xml", 200), *((path, 200) for path in shown)])
        # Where it was found, and where nothing is found again for a time.
        scrapy(*FEEDS, SITE_URL=server.url)
        assert asked(server) == [("/rss.xml", 304)]
        site.replaced["/rss.xml"] = NOTHING
        for paths in (["/rss.xml"], ["/rss.xml"]):
            done = scrapy(*FEEDS, SITE_URL=server.url)
            assert done.returncode == 1, done.stderr[-3000:]
            assert [path for path, _ in asked(server)] == paths
        assert "no feed could be read" in stats(engine)["run/reasons"]


def test_a_site_without_feeds_is_told(scrapy: Scrapy, engine: Engine) -> None:
    with serve_shapes(SHAPES[0]) as (site, server):
        site.replaced = {"/": site.render("/about.html"), "/rss.xml": NOTHING}
        for places in (["/feed", "/rss.xml", "/atom.xml", "/sitemap.xml"], []):
            done = scrapy(*FEEDS, SITE_URL=server.url)
            assert done.returncode == 1
            assert "it has no feed and no sitemap; crawl with discover=lists" in done.stderr
            assert "Traceback" not in done.stderr
            assert [path for path, _ in asked(server)] == places
        [row] = select(engine, "SELECT reason FROM api.run ORDER BY run_id DESC LIMIT 1")
        assert row["reason"] == "no_feed"
