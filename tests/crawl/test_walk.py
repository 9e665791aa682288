"""The walk on hostile sites: every request has exactly one outcome, and is counted once."""

from __future__ import annotations

from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select, stats

PARAGRAPHS = (
    "这家公司周三公布了新一代折叠屏的细节，铰链的零件比上一代少了四成，整机重量也因此降到了二百克以下。",
    "产品负责人在会后说，团队花了两年时间改进屏幕的支撑层，折痕深度只剩下原来的三分之一，日常使用几乎看不出来。",
    "首批机器将在下个月开卖，起售价没有变化，存储的起点则提高到了五百一十二吉字节，并且提供两年的换屏服务。",
)
NAV = '<div class="top"><ul><li><a href="/">首页</a></li><li><a href="/phone/">智能手机</a></li><li><a href="/pc/">电脑硬件</a></li></ul></div>'


def page(title: str, body: str) -> str:
    return (
        f'<!doctype html><html><head><meta charset="utf-8"><title>{title}</title></head><body>{NAV}{body}</body></html>'
    )


def listing(*links: tuple[str, str], more: str = "") -> str:
    items = "".join(f'<li><a href="{href}">{title}</a><span>2026-03-06</span></li>' for href, title in links)
    return page("列表", f'<ul class="list">{items}</ul><p class="pages">{more}</p>')


def article(title: str, *paragraphs: str, after: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs or PARAGRAPHS)
    return page(title, f"<h1>{title}</h1><div>2026-03-06 08:30 来源：测试台 编辑：小林</div><div>{body}</div>{after}")


HOME = page("首页", "<p>欢迎</p>")
TITLES = (
    "折叠屏手机的铰链又轻了一些",
    "新款显卡的功耗压到了三百瓦",
    "国产存储芯片开始小批量供货",
    "这款耳机把延迟做到了二十毫秒",
)


def numbered(*numbers: int, more: str = "") -> str:
    """Return a list of articles ``/a/1.html`` to ``/a/4.html``; ``more``: the path of its next page."""
    link = f'<a href="{more}">下一页</a>' if more else ""
    return listing(*((f"/a/{n}.html", TITLES[n - 1]) for n in numbers), more=link)


ARTICLES = {f"/a/{n}.html": article(title) for n, title in enumerate(TITLES, 1)}


def outcomes(engine: Engine) -> dict[str, tuple[str, str | None]]:
    rows = select(engine, "SELECT url, outcome, reason FROM api.outcome")
    assert len({row["url"] for row in rows}) == len(rows)
    return {path_of(row["url"]): (row["outcome"], row["reason"]) for row in rows}


def test_every_kind_of_end_is_recorded(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    elsewhere = serve_pages({"/": HOME})
    paths = [f"/a/{name}.html" for name in ("1", "gone", "away", "loop", "error", "secret/2", "empty")]
    url = serve_pages(
        {
            "/robots.txt": "User-agent: *\nDisallow: /a/secret/",
            "/": HOME,
            "/phone/": listing(*((path, f"{TITLES[i % 4]}之{i}") for i, path in enumerate(paths))),
            "/pc/": listing(("/old/1.html", TITLES[0]), (elsewhere + "x.html", TITLES[1]), ("/a/3.html", TITLES[2])),
            "/a/1.html": article(TITLES[0]),
            "/a/3.html": article(TITLES[2]),
            "/old/1.html": Answer(status=301, headers={"Location": "/a/1.html"}),
            "/a/gone.html": Answer(status=410),
            "/a/away.html": Answer(status=302, headers={"Location": elsewhere}),
            "/a/loop.html": Answer(status=302, headers={"Location": "/a/loop.html?again=1"}),
            "/a/loop.html?again=1": Answer(status=302, headers={"Location": "/a/loop.html"}),
            "/a/error.html": Answer(status=500),
            "/a/empty.html": page("空", "<h1>空</h1>"),
        }
    )
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert "Traceback" not in done.stderr, done.stderr
    ends = outcomes(engine)
    old = ends.pop("/old/1.html")
    # If the old URL is fetched before the list that shows the new one, the new one is not requested.
    first = ends.pop("/a/1.html", old)
    assert {old[0], first[0]} in ({"stored"}, {"stored", "duplicate"})
    assert ends.pop("/a/empty.html")[0] == "rejected"
    assert ends == {
        "/": ("stored", None),
        "/phone/": ("stored", None),
        "/pc/": ("stored", None),
        "/a/3.html": ("stored", None),
        "/a/gone.html": ("gone", "http_410"),
        "/a/away.html": ("skipped", "redirect_private"),
        "/a/loop.html": ("skipped", "redirect_loop"),
        "/a/error.html": ("failed", "http_500"),
        "/a/secret/2.html": ("skipped", "robots_forbidden"),
    }
    assert [row["n"] for row in select(engine, "SELECT count(*) AS n FROM api.article WHERE url LIKE '%x.html'")] == [0]


def test_pager_traps_end(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(
        {
            "/": HOME,
            "/phone/": numbered(1, 2, 3, more="/phone/"),
            "/pc/": numbered(1, 2, 3, more="/pc/2.html"),
            "/pc/2.html": numbered(1, 2, 3, more="/pc/3.html"),
            "/pc/3.html": numbered(4, 1, 2),
            **ARTICLES,
        }
    )
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    assert "/pc/3.html" not in outcomes(engine), "a page that showed nothing new leads nowhere new"
    assert stats(engine)["pager/nothing_new"] == 1


def test_max_pages_and_categories_narrow_the_walk(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(
        {"/": HOME, "/phone/": numbered(1, 2, more="/phone/2.html"), "/phone/2.html": numbered(3, 4), **ARTICLES}
    )
    done = scrapy("crawl", "smartdaily", "-a", "categories=智能手机", "-a", "max_pages=1", SITE_URL=url)
    assert done.returncode == 0, done.stderr
    assert set(outcomes(engine)) == {"/", "/phone/", "/a/1.html", "/a/2.html"}
    assert stats(engine)["pager/limit"] == 1
    assert select(engine, "SELECT arguments FROM api.run")[0]["arguments"] == {
        "site_url": url,
        "mode": "incremental",
        "categories": ["智能手机"],
        "max_pages": 1,
    }


def test_half_an_article_is_not_stored(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pager = '<div class="page"><span>1</span><a href="/a/1_2.html">2</a><a href="/a/1_2.html">下一页</a></div>'
    url = serve_pages(
        {
            "/": HOME,
            "/phone/": numbered(1, 2),
            "/pc/": numbered(2, 1),
            "/a/1.html": article(TITLES[0], after=pager),
            "/a/1_2.html": Answer(status=500),
            "/a/2.html": article(TITLES[1]),
        }
    )
    scrapy("crawl", "smartdaily", SITE_URL=url)
    ends = outcomes(engine)
    assert ends["/a/1.html"] == ("failed", "part_http_500")
    assert ends["/a/1_2.html"] == ("failed", "http_500")
    assert ends["/a/2.html"] == ("stored", None)
    assert [path_of(r["url"]) for r in select(engine, "SELECT url FROM api.article WHERE state = 'fetched'")] == [
        "/a/2.html"
    ]


def test_the_whole_text_of_an_article_replaces_its_first_page(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    """As does the first page again, with which some servers answer every page number."""
    url = serve_pages(
        {
            "/": HOME,
            "/phone/": numbered(1, 2),
            "/pc/": numbered(2, 1),
            "/a/1.html": article(TITLES[0], *PARAGRAPHS[:2], after='<div><a href="1_all.html">余下全文</a></div>'),
            "/a/1_all.html": article(TITLES[0], *PARAGRAPHS),
            "/a/2.html": article(TITLES[1], *PARAGRAPHS, after='<div><a href="2_2.html">下一页</a></div>'),
            "/a/2_2.html": article(TITLES[1], *PARAGRAPHS, after='<div><a href="2_3.html">下一页</a></div>'),
            "/a/2_3.html": article(TITLES[1], *PARAGRAPHS),
        }
    )
    scrapy("crawl", "smartdaily", SITE_URL=url)
    bodies = [row["body"] for row in select(engine, "SELECT body FROM api.article WHERE state = 'fetched'")]
    assert bodies == ["\n\n".join(PARAGRAPHS)] * 2


def canonical(title: str, address: str) -> str:
    return article(title).replace("</head>", f'<link rel="canonical" href="{address}"></head>')


def test_a_canonical_url_that_redirects_back_does_not_freeze_the_article(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    pages: dict[str, Answer | str] = {
        "/": HOME,
        "/phone/": numbered(1, 2),
        "/pc/": numbered(2, 1),
        "/a/1.html": canonical(TITLES[0], "/c/1.html"),
        "/c/1.html": Answer(status=301, headers={"Location": "/a/1.html"}),
        "/a/2.html": article(TITLES[1]),
    }
    url = serve_pages(pages)
    assert scrapy("crawl", "smartdaily", SITE_URL=url).returncode == 0
    pages["/a/1.html"] = canonical(TITLES[2], "/c/1.html")
    assert scrapy("crawl", "smartdaily", "-a", "mode=full", SITE_URL=url).returncode == 0
    rows = select(engine, "SELECT title, revision FROM api.article WHERE state = 'fetched' ORDER BY title")
    assert rows == sorted(
        [{"title": TITLES[1], "revision": 1}, {"title": TITLES[2], "revision": 2}], key=lambda row: str(row["title"])
    )


def test_an_article_whose_canonical_url_is_dead_or_a_list_is_not_gone_and_not_merged(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    url = serve_pages(
        {
            "/": HOME,
            "/phone/": numbered(1, 2, 3),
            "/pc/": numbered(2, 1, 3),
            "/a/1.html": canonical(TITLES[0], "/c/1.html"),
            "/c/1.html": Answer(status=410),
            "/a/2.html": canonical(TITLES[1], "/phone/"),
            "/a/3.html": canonical(TITLES[2], "/phone/"),
        }
    )
    for _ in range(2):
        scrapy("crawl", "smartdaily", SITE_URL=url)
        rows = select(engine, "SELECT title FROM api.article WHERE state = 'fetched'")
        assert {row["title"] for row in rows} == set(TITLES[:3])
    assert select(engine, "SELECT 1 FROM api.article WHERE state = 'gone'") == []


def test_two_sites_in_one_database_are_separate(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    for title in TITLES[:2]:
        titles = {"/a/1.html": title, "/a/2.html": f"{title}，之二", "/a/3.html": f"{title}，之三"}
        shown = listing(*titles.items())
        articles = {path: article(each) for path, each in titles.items()}
        pages = {"/": HOME, "/phone/": shown, "/pc/": shown, **articles}
        assert scrapy("crawl", "smartdaily", SITE_URL=serve_pages(pages)).returncode == 0
    assert len(select(engine, "SELECT site FROM api.site")) == 2
    assert stats(engine).get("revisit/requested") is None


def test_a_list_page_that_is_not_there_is_a_failure(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    url = serve_pages(
        {
            "/": HOME,
            "/phone/": listing(*((f"/a/{n}.html", TITLES[n]) for n in (0, 1, 2))),
            **{f"/a/{n}.html": article(TITLES[n]) for n in (0, 1, 2)},
        }
    )
    scrapy("crawl", "smartdaily", SITE_URL=url)
    assert outcomes(engine)["/pc/"] == ("failed", "http_404")
    assert select(engine, "SELECT verdict FROM api.run") == [{"verdict": "degraded"}]
