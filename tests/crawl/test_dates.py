"""Dates over several runs: what was known stays, whatever the server's clock and the words of the page."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from scrapy.http import Response
from sqlalchemy import Engine

from smartdaily_crawler.crawl.fetches import response_clock
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import select, stats
from tests.pages.pages import PARAGRAPHS, page, paragraphs

BEIJING = ZoneInfo("Asia/Shanghai")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TITLES = ("星河手机换用新的电池", "北辰平板缩小了边框", "云栈耳机延长了续航", "澄光冰箱降低了噪声")


class Newspaper:
    """Four articles in each of three categories, of which the test sets the info lines and the server's clock."""

    def __init__(self, serve_pages: ServePages) -> None:
        self.pages: dict[str, Answer | str] = {}
        self.url = serve_pages(self.pages)

    def print(self, info: str, *, more: str = "", **headers: str) -> None:
        """Set the info line of all articles, a paragraph in addition, and headers of all pages."""
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.pages["/"] = Answer(body=page("<p>智能日报</p>", title="智能日报"), headers=headers)
        for section in ("phone", "pc", "home"):
            links = ""
            for number, title in enumerate(TITLES):
                path, name = f"/{section}/{number}.html", f"{title}，{section}的读者怎么看"
                texts = [f"{section}{number}：{text}" for text in PARAGRAPHS] + [more] * bool(more)
                text = f"<h1>{name}</h1><div>{info} 来源：北辰资讯</div><div>{paragraphs(texts)}</div>"
                self.pages[path] = Answer(body=page(text, title=f"{name}_智能日报"), headers=headers)
                links += f'<li><h3><a href="{path}">{name}</a></h3><p>{texts[0][:40]}…</p></li>'
            self.pages[f"/{section}/"] = Answer(body=page(f"<ul>{links}</ul>"), headers=headers)

    @property
    def count(self) -> int:
        return sum(path.endswith(".html") for path in self.pages)


@pytest.fixture
def paper(serve_pages: ServePages) -> Newspaper:
    return Newspaper(serve_pages)


def crawl(scrapy: Scrapy, paper: Newspaper, *arguments: str, codes: tuple[int, ...] = (0,)) -> None:
    done = scrapy("crawl", "smartdaily", "-a", "mode=full", *arguments, SITE_URL=paper.url)
    assert done.returncode in codes, done.stderr[-3000:]


def dates(engine: Engine) -> set[tuple[Any, ...]]:
    return {
        (row["published_on"], row["published_at"])
        for row in select(engine, "SELECT published_on, published_at FROM api.article WHERE state = 'fetched'")
    }


def today() -> date:
    return datetime.now(BEIJING).date()


# --- the server's clock ----------------------------------------------------------------------------------------------


def response(**headers: str) -> Response:
    return Response("http://news.example/1.html", headers={name.replace("_", "-"): v for name, v in headers.items()})


def http_date(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC), usegmt=True)


@pytest.mark.parametrize(
    ("behind", "headers"),
    [(timedelta(), {}), (timedelta(minutes=5), {}), (-timedelta(minutes=5), {}), (3 * DAY, {"Age": str(3 * 86_400)})],
    ids=["right", "slow", "fast", "kept by a cache"],
)
def test_a_plausible_clock_counts(behind: timedelta, headers: dict[str, str]) -> None:
    at = (datetime.now(UTC) - behind).replace(microsecond=0)
    answer = response(Date=http_date(at), **headers)
    assert response_clock(answer) == (at, False)


def test_the_time_of_an_archives_copy_counts() -> None:
    at = datetime(2026, 3, 6, 12, tzinfo=UTC)
    answer = response(Date=http_date(datetime.now(UTC) - DAY), Memento_Datetime=http_date(at))
    assert response_clock(answer) == (at, False)


@pytest.mark.parametrize(
    "clock",
    [
        "Thu, 01 Jan 1970 00:10:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "Mon, 01 Jan 0001 00:00:00 +2300",
        "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
        "Mon, 30 Feb 2026 00:00:00 GMT",
        "Mon, 30 Nov 2026 00:00:00 +9999",
        "2026",
        ":",
        8 * HOUR,
        -8 * HOUR,
        365 * DAY,
    ],
)
@pytest.mark.parametrize("age", [{}, {"Age": "99999999999999999999"}, {"Age": "-1"}, {"Age": "soon"}])
def test_an_implausible_clock_gives_way_to_ours(clock: str | timedelta, age: dict[str, str]) -> None:
    answer = response(Date=clock if isinstance(clock, str) else http_date(datetime.now(UTC) + clock), **age)
    now, is_implausible = response_clock(answer)
    assert abs(now - datetime.now(UTC)) < HOUR
    assert is_implausible


@pytest.mark.parametrize("ahead", [-3 * DAY, 365 * DAY])
def test_a_wrong_clock_costs_no_date_and_is_told(
    scrapy: Scrapy, engine: Engine, paper: Newspaper, ahead: timedelta
) -> None:
    yesterday = today() - DAY
    paper.print(f"{yesterday:%m-%d} 08:30", Date=http_date(datetime.now(UTC) + ahead))
    crawl(scrapy, paper, codes=(4,))
    assert {on for on, _ in dates(engine)} == {yesterday}
    found = stats(engine)
    assert (found["clock/implausible"], found.get("clock/plausible", 0)) == (paper.count + 3, 0)
    assert any("clock" in reason for reason in found["run/reasons"])


# --- words that grow vague -------------------------------------------------------------------------------------------


def test_words_that_grow_vague_change_nothing(scrapy: Scrapy, engine: Engine, paper: Newspaper) -> None:
    paper.print("今天")
    crawl(scrapy, paper)
    known = dates(engine)
    assert known == {(today(), None)}
    for words in ("1天前", "8小时前", "1周前", "3个月前"):
        paper.print(words)
        crawl(scrapy, paper, codes=(0, 4))  # most pages of the run are undated
        assert dates(engine) == known
    assert select(engine, "SELECT max(revision) AS revision FROM api.article") == [{"revision": 1}]
    paper.print("3个月前", more="编者补充：首批新机已经在三座城市的门店里开卖。")
    crawl(scrapy, paper, codes=(4,))
    assert dates(engine) == known
    assert select(engine, "SELECT DISTINCT changed_fields AS fields FROM api.revision WHERE revision = 2") == [
        {"fields": ["body"]}
    ]


def test_a_date_that_is_taken_off_the_page_is_withdrawn(scrapy: Scrapy, engine: Engine, paper: Newspaper) -> None:
    paper.print(f"{today() - DAY:%Y-%m-%d} 08:30")
    crawl(scrapy, paper)
    paper.print("")
    crawl(scrapy, paper, codes=(4,))
    assert dates(engine) == {(None, None)}


# --- dates that lie ahead --------------------------------------------------------------------------------------------


def test_the_print_editions_day_is_known_the_evening_before(scrapy: Scrapy, engine: Engine, paper: Newspaper) -> None:
    paper.print(f"{today() + DAY:%Y-%m-%d} 08:30")
    crawl(scrapy, paper)
    assert dates(engine) == {(today() + DAY, None)}


def test_a_date_is_read_again_when_the_clock_has_moved_on_without_a_fetch(
    scrapy: Scrapy, engine: Engine, paper: Newspaper
) -> None:
    morning = (datetime.now(BEIJING) - 4 * DAY).replace(hour=8, minute=30, second=0, microsecond=0)
    paper.print(f"{morning:%m-%d %H:%M}", Memento_Datetime=http_date(morning - 12 * HOUR))
    crawl(scrapy, paper, codes=(4,))
    assert dates(engine) == {(None, None)}
    for path in [path for path in paper.pages if path.endswith(".html")]:
        paper.pages[path] = Answer(status=503)
    scrapy("crawl", "smartdaily", "-s", "RETRY_ENABLED=0", SITE_URL=paper.url)
    assert dates(engine) == {(morning.date(), morning)}
    assert select(engine, "SELECT max(revision) AS revision FROM api.article") == [{"revision": 1}]
    assert stats(engine)["date/read_again"] == paper.count
