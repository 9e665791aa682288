"""The bench of rendering on a handful of pages, without a browser: that it measures, not what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import rendering
from bench.harness import scratch_server
from bench.rendering_crawls import WAYS, Crawl, Rows, crawl, true_rows
from demo.server import serve
from demo.site import Site
from renderers.servers import NoSplashError

DAY = 1


@pytest.fixture(scope="module")
def plain() -> Crawl:
    """The plain way of a small crawl."""
    with scratch_server(None, fsync=False) as storage, serve(Site(day=DAY)) as site:
        name, _ = site.site.truth().categories[0]
        given = ["-a", f"categories={name}", "-a", "max_pages=1", "-a", "follow_teasers=false"]
        return crawl(WAYS[0], site, storage, DAY, given)


def test_a_crawl_is_measured(plain: Crawl) -> None:
    articles = len(plain.rows.articles)
    assert articles > 10
    assert (plain.verdict, plain.rendered, plain.requests["data"]) == ("healthy", 0, 0)
    assert plain.outcomes >= articles + 1  # the list; an article may have several pages
    assert plain.requests["document"] >= articles + 2  # the list and the home page
    assert plain.seconds > 0
    assert plain.peaks.crawler.rss >= plain.peaks.crawler.pss > 10
    assert plain.peaks.renderer.rss == 0


def test_what_is_stored_is_told_in_the_words_of_the_truth(plain: Crawl) -> None:
    true = true_rows(Site(day=DAY).truth())
    # Categories and copies are told by lists and articles that a part of the site may lack.
    own = {"categories", "duplicate_of"}
    assert {path: _without(own, row) for path, row in plain.rows.articles.items()} == {
        path: _without(own, true.articles[path]) for path in plain.rows.articles
    }
    # Nor was each of their other addresses followed to the article.
    assert {(*row[:2], *row[3:]) for row in plain.rows.teasers} < {(*row[:2], *row[3:]) for row in true.teasers}


def _without(names: set[str], row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}


def test_rows_that_differ_are_counted() -> None:
    true = Rows({"/1": "题", "/2": "目"}, {("/1", 1, "/2")})
    assert true.shares(true) == ("2 of 2", "1 of 1")
    stored = Rows({"/1": "题", "/2": "木", "/3": "题"}, {("/1", 2, "/2")})
    assert stored.shares(true) == ("1 of 2, 1 too many", "0 of 1, 1 too many")


@pytest.fixture
def without_splash(monkeypatch: pytest.MonkeyPatch, plain: Crawl) -> None:
    def crawl(way: object, *_: object) -> Crawl:
        if way is not WAYS[0]:
            raise NoSplashError("Splash is not installed here")
        return plain

    monkeypatch.setattr(rendering, "crawl", crawl)


@pytest.mark.usefixtures("without_splash")
def test_what_is_missing_is_named_and_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert rendering.main(["--small", "--write", str(tmp_path / "none.md")]) == 0
    output = capsys.readouterr()
    assert output.err.splitlines() == [f"left out, {way.name}: Splash is not installed here" for way in WAYS[1:]]
    assert "| plain |\n" in output.out
    assert "request to Splash" not in output.out


def test_a_crawl_that_stores_something_else_misses(
    plain: Crawl, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = replace(plain, way=WAYS[1], rows=Rows({}, set()))
    monkeypatch.setattr(rendering, "crawl_all", _giving([plain, other]))
    monkeypatch.setattr(rendering, "count_bodies", lambda _: [])
    assert rendering.main(["--small"]) == 1
    assert "missed: Splash does not store the content of the site" in capsys.readouterr().err


def _giving(crawls: list[Crawl]) -> Callable[..., tuple[list[Crawl], list[str]]]:
    return lambda *_, **__: (crawls, [])
