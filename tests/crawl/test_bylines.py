"""A site in traditional characters: its fields arrive in the database as printed, and its label lines are no text."""

from __future__ import annotations

from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Engine

from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.rows import path_of, select
from tests.pages.pages import page, paragraphs

TEXTS = [
    "三月六日上午，星河手機在台北舉行發表會，帶來了面向年輕用戶的新款旗艦，起售價為三千九百九十九元。",
    "據現場介紹，新機的電池容量提高到六千毫安時，配合重新設計的散熱結構，連續使用時間比上一代延長約三成。",
    "發表會結束後，產品負責人許硯對媒體表示，首批備貨已經運抵各地門市，用戶可以在週末到店體驗。",
]


class Story(NamedTuple):
    title: str
    info: str
    opening: str
    closing: str
    fields: tuple[str | None, ...]
    """Time, source, author and editor."""


STORIES = [
    Story(
        "星河手機換用新的電池，續航延長三成",
        "<p>發布時間：2026/02/06 下午10:37</p><p>來源：北辰報</p>",
        "〔記者許知夏／台北報導〕",
        "<p>責任編輯：謝硯</p>",
        ("2026-02-06 22:37", "北辰報", "許知夏", "謝硯"),
    ),
    Story(
        "北辰平板縮小了邊框，螢幕大了一圈",
        "<p>2026-02-05 (16:31)</p><p>北辰晚報╱記者林一╱即時報導</p>",
        "",
        "",
        ("2026-02-05 16:31", "北辰晚報", "林一", None),
    ),
    Story(
        "雲棧耳機延長了續航，價格沒有改變",
        "<p>民國115年2月4日 週三 上午8:05</p>",
        "",
        "<p>（許知夏／綜合外電報導）</p>",
        ("2026-02-04 08:05", None, "許知夏", None),
    ),
    Story(
        "澄光冰箱換了新的面板，容量大了一成",
        "<p>生活科技</p><p>發布 2026.02.03 | 09:12</p><p><a>許知夏</a> 2.3k 閱讀</p><p>首圖來源：視覺北辰</p>",
        "",
        "<p>門市下週開始供貨。（編輯：謝硯）1150203</p>",
        ("2026-02-03 09:12", None, "許知夏", "謝硯"),
    ),
    Story(
        "北辰路由器支援新的協定，速度加倍",
        "<ul><li>Author, <span>安娜·霍夫曼</span></li><li>發自 台北</li></ul><p>09:10 2026-02-02 HKT</p>",
        "",
        "",
        ("2026-02-02 09:10", None, "安娜·霍夫曼", None),
    ),
]


def shown(story: Story) -> str:
    text = paragraphs([story.opening + TEXTS[0], *TEXTS[1:]])
    return page(f"<h1>{story.title}</h1><div>{story.info}</div><div>{text}{story.closing}</div>", title=story.title)


def test_a_site_in_traditional_characters(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    articles = {f"/a/{number}.html": story for number, story in enumerate(STORIES)}
    links = "".join(
        f'<li><h3><a href="{path}">{story.title}</a></h3><p>{TEXTS[0][:40]}…</p></li>'
        for path, story in articles.items()
    )
    pages: dict[str, Answer | str] = {path: shown(story) for path, story in articles.items()}
    pages |= {"/": page("<p>智能日報</p>", title="智能日報")}
    pages |= {path: page(f"<ul>{links}</ul>") for path in ("/phone/", "/pc/", "/home/")}
    done = scrapy("crawl", "smartdaily", SITE_URL=serve_pages(pages))
    assert done.returncode == 0, done.stderr[-3000:]
    rows = select(engine, "SELECT url, published_at, source, author, editor, body FROM api.article")
    zone = ZoneInfo("Asia/Shanghai")
    found = {
        path_of(row["url"]): (
            f"{row['published_at'].astimezone(zone):%Y-%m-%d %H:%M}",
            row["source"],
            row["author"],
            row["editor"],
        )
        for row in rows
    }
    assert found == {path: story.fields for path, story in articles.items()}
    assert not any("責任編輯" in str(row["body"]) for row in rows)
