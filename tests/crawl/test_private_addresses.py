"""Names that resolve to private addresses: nothing connects to them, and nothing of them is stored."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select
from tests.crawl.test_walk import HOME, TITLES, article, listing, outcomes

INNER, OTHER = "inner.news.example", "other.example"
NAMES = {"news.example": "127.0.0.1", INNER: "127.0.0.2", OTHER: "127.0.0.2", "cdn.news.example": "93.184.215.14"}
SECRET = "内部系统的口令清单"


@dataclass
class Victim:
    """A server on the operator's network that answers every request with an article."""

    connections: list[object] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


@pytest.fixture
def site(serve_pages: ServePages) -> tuple[str, dict[str, Answer | str]]:
    """The URL of a site under a name, and its pages, to be filled."""
    pages: dict[str, Answer | str] = {}
    port = urlsplit(serve_pages(pages)).port
    return f"http://news.example:{port}/", pages


@pytest.fixture
def victim(site: tuple[str, dict[str, Answer | str]]) -> Iterator[Victim]:
    victim = Victim()

    class Server(http.server.ThreadingHTTPServer):
        def process_request(self, request: object, client_address: object) -> None:
            victim.connections.append(client_address)
            super().process_request(request, client_address)  # type: ignore[arg-type]  # as it came

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            victim.paths.append(self.path)
            body = article(
                f"{SECRET}{self.path}",
                *[f"{SECRET}，第{n}项，只在内网可见，不应当出现在任何数据库里。" for n in range(9)],
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: object) -> None:
            """Keep the tests' output clean."""

    with Server(("127.0.0.2", urlsplit(site[0]).port or 80), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield victim
        server.shutdown()


def crawl(scrapy: Scrapy, url: str, **settings: object) -> str:
    given = {"TWISTED_DNS_RESOLVER": "tests.crawl.names.Names", "TEST_NAMES": json.dumps(NAMES), "DOWNLOAD_DELAY": 0}
    given |= {"AUTOTHROTTLE_ENABLED": 0, "RETRY_TIMES": 0, "CONCURRENT_REQUESTS_PER_DOMAIN": 8} | settings
    arguments = [part for name, value in given.items() for part in ("-s", f"{name}={value}")]
    done = scrapy("crawl", "smartdaily", *arguments, SITE_URL=url)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stderr


def test_nothing_connects_to_a_private_address(
    scrapy: Scrapy, site: tuple[str, dict[str, Answer | str]], victim: Victim, engine: Engine
) -> None:
    url, pages = site
    port = urlsplit(url).port
    inner = f"http://{INNER}:{port}"
    picture = f'<p><img src="{inner}/i.png" width=600 height=400><img src="http://10.0.0.8/i.png" width=600 height=400>'
    picture += f'<img src="http://cdn.news.example:{port}/i.png" width=600 height=400><img src="/i.png" width=600 height=400></p>'
    refresh = f'<meta http-equiv="refresh" content="0; url={inner}/refresh.html"></head>'
    canonical = f'<link rel="canonical" href="{inner}/canonical.html"></head>'
    pager = (
        f'<div class="page"><span>1</span><a href="{inner}/part.html">2</a><a href="{inner}/part.html">下一页</a></div>'
    )
    texts = [
        [f"{title}，这是第{n}段，它只为这一篇而写，与别的都不同，长度也足够。" for n in range(4)] for title in TITLES
    ]
    entries = [
        (f"/a/{name}.html", TITLES[at]) for at, name in enumerate(("picture", "redirect", "canonical", "refresh"))
    ]
    pages |= {
        "/robots.txt": Answer(status=302, headers={"Location": f"http://{OTHER}:{port}/robots.txt"}),
        "/": HOME.replace("/pc/", f"{inner}/pc/"),
        "/phone/": listing(
            *entries, ("/a/part.html", "第五篇讲的是分页"), (f"{inner}/link.html", "第六篇在内网"),
            more=f'<a href="{inner}/phone/2.html">下一页</a>',
        ),
        "/a/picture.html": article(TITLES[0], *texts[0], after="").replace("<p>", f"{picture}<p>", 1),
        "/a/redirect.html": Answer(status=302, headers={"Location": f"{inner}/redirect.html"}),
        "/a/canonical.html": article(TITLES[2], *texts[2]).replace("</head>", canonical),
        "/a/refresh.html": article(TITLES[3]).replace("</head>", refresh),
        "/a/part.html": article("第五篇讲的是分页", *texts[1], after=pager),
    }  # fmt: skip
    log = crawl(scrapy, url)
    assert (len(victim.connections), victim.paths) == (0, [])
    assert "PRIVATE_HOSTS" in log
    for table in ("api.article", "api.article_url", "api.teaser", "api.category", "api.listing_entry"):
        exists = select(engine, f"SELECT to_regclass('{table}') AS t")[0]["t"]
        rows = select(engine, f"SELECT * FROM {table}") if exists else []
        assert not [row for row in rows if any(word in str(row) for word in (INNER, SECRET, "10.0.0.8", OTHER))], table
    ends = outcomes(engine)
    assert ends["/a/redirect.html"] == ("skipped", "private_address")
    assert ends["/a/refresh.html"] == ("skipped", "private_address")
    images = select(engine, "SELECT images FROM api.article WHERE url LIKE '%picture%'")[0]["images"]
    assert [path_of(image["url"]) for image in images] == ["/i.png", "/i.png"], images


def test_hosts_that_the_operator_names_are_fetched(
    scrapy: Scrapy, site: tuple[str, dict[str, Answer | str]], victim: Victim, engine: Engine
) -> None:
    url, pages = site
    inner = f"http://{INNER}:{urlsplit(url).port}"
    pages |= {
        "/": HOME,
        "/phone/": listing(*((f"/a/{n}.html", TITLES[n]) for n in range(3)), (f"{inner}/link.html", TITLES[3])),
        **{f"/a/{n}.html": article(TITLES[n]) for n in range(3)},
    }
    for named in (INNER, "192.0.2.0/24, 127.0.0.0/8"):
        crawl(scrapy, url, PRIVATE_HOSTS=named, WALK_MODE="full")
        assert "/link.html" in victim.paths
        victim.paths.clear()
    assert len(select(engine, "SELECT 1 FROM api.article WHERE url LIKE '%link%' AND state = 'fetched'")) == 1
