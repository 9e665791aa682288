"""Markup and headers at the edge: refreshes, a broken base, unknown charsets, two spellings of a host, queries of GBK pages."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select
from tests.crawl.test_budgets import headline, text
from tests.crawl.test_walk import HOME, listing, outcomes


def head(page: str, markup: str) -> str:
    return page.replace("</head>", f"{markup}</head>", 1)


def test_a_broken_head_costs_no_page(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    refresh = '<meta http-equiv="refresh" content="{}">'
    pages: dict[str, Answer | str] = {
        "base": head(text(1), '<base href="http://[broken/">'),
        "charset": Answer(body=head(text(2), '<meta charset="x-unheard-of">'), headers={"Content-Type": "text/html; charset=x-none"}),
        "target": head(text(3), refresh.format("0; url=http://[broken/")),
        "scheme": head(text(4), refresh.format("0; url=javascript:void(0)")),
        "itself": head(text(5), refresh.format("3")),
        "itself-named": head(text(6), refresh.format("0; url=/a/itself-named.html#top")),
        "late": head(text(7), refresh.format("60; url=/")),
        "in-script": head(text(8), "<script>document.write('" + refresh.format("0; url=/") + "')</script>"),
        "location": Answer(status=302, headers={"Location": "http://[broken/"}),
        "moved": head("<html><head></head><body></body></html>", '<base href="http://[x/">' + refresh.format("0;URL='/b/10.html'")),
        "by-header": Answer(body=" ", headers={"Refresh": "2; url=/b/11.html"}),
        "round": head("<html><head></head></html>", refresh.format("0; url=/a/round.html?1")),
        **{f"round.html?{n}": head("<html><head></head></html>", refresh.format(f"0; url=/a/round.html?{n + 1}")) for n in range(1, 9)},
    }  # fmt: skip
    names = [name for name in pages if "?" not in name]
    entries = [(f"/a/{name}.html", headline(n)) for n, name in enumerate(names, 1)]
    url = serve_pages({
        "/": HOME, "/phone/": listing(*entries), "/pc/": listing(*entries), "/b/10.html": text(10), "/b/11.html": text(11),
        **{f"/a/{name}" if "?" in name else f"/a/{name}.html": page for name, page in pages.items()},
    })  # fmt: skip
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert "Traceback" not in done.stderr, done.stderr
    ends = {name: end for name, end in outcomes(engine).items() if name.startswith("/a/")}
    assert ends == {f"/a/{name}.html": ("stored", None) for name in names} | {
        "/a/location.html": ("skipped", "redirect_malformed"),
        "/a/round.html": ("skipped", "redirect_loop"),
    }
    stored = {path_of(row["url"]) for row in select(engine, "SELECT url FROM api.article WHERE state = 'fetched'")}
    assert {"/b/10.html", "/b/11.html", "/a/late.html", "/a/itself.html"} <= stored


def test_two_spellings_of_a_host_are_one(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages: dict[str, Answer | str] = {}
    port = urlsplit(serve_pages(pages)).port
    plain, encoded = f"http://新闻.example:{port}", f"http://xn--efvy88h.example:{port}"
    entries = [(f"/a/{n}.html", headline(n)) for n in range(4)]
    pages |= {
        "/": HOME,
        "/phone/": listing(*((plain + path, title) for path, title in entries)),
        "/pc/": listing(*((encoded + path, title) for path, title in entries)),
        **{path: text(n) for n, (path, _) in enumerate(entries)},
    }
    given = {
        "TWISTED_DNS_RESOLVER": "tests.crawl.names.Names",
        "TEST_NAMES": json.dumps({"xn--efvy88h.example": "127.0.0.1"}),
    }
    given |= {"DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "0"}
    arguments = [part for name, value in given.items() for part in ("-s", f"{name}={value}")]
    for spelling in (plain, encoded):
        done = scrapy("crawl", "smartdaily", *arguments, SITE_URL=f"{spelling}/")
        assert done.returncode == 0, done.stderr[-2000:]
    assert len(select(engine, "SELECT 1 FROM api.article")) == 4
    assert [row["site"] for row in select(engine, "SELECT site FROM api.site")] == [f"xn--efvy88h.example:{port}"]


def test_queries_are_sent_in_the_encoding_of_the_page(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    entries = [(f"/show?词=中文{n}", headline(n)) for n in range(3)]
    page = listing(*entries).replace('charset="utf-8"', 'charset="gbk"')
    shown = Answer(body=page.encode("gbk"), headers={"Content-Type": "text/html"})
    answers = {f"/show?%B4%CA=%D6%D0%CE%C4{n}": text(n) for n in range(3)}
    url = serve_pages({"/": HOME, "/phone/": shown, "/pc/": shown, **answers})
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert done.returncode == 0, done.stderr[-2000:]
    assert {path: end for path, end in outcomes(engine).items() if path.startswith("/show")} == dict.fromkeys(
        answers, ("stored", None)
    )
