"""Pages that mislead where they are read alone, and are read right by what the list that led to them tells."""

from __future__ import annotations

import json
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Engine

from tests.crawl.conftest import Scrapy, ServePages
from tests.crawl.rows import BEIJING, path_of, select
from tests.crawl.test_walk import HOME, PARAGRAPHS, page

SITE = "北辰科技网带你看懂每一天的新鲜事"
JUNK = (
    "本网记者团队长期关注消费电子行业的发展，欢迎读者来信提供线索，来信请寄编辑部收。",
    "我们每天从上百款产品里挑出值得一看的几款，再用普通人的话讲给你听，一年四季从不间断。",
)
OTHER = (
    "另一家公司昨天也拿出了新的样机，屏幕换成了更省电的材料，待机的时间因此多了整整一天。",
    "这台样机还没有定价，负责人只说会比上一代便宜一些，上市的时间则要等到明年的春天。",
)


class Story(NamedTuple):
    """A page, and what is right."""

    title: str
    html: str
    misread: tuple[str, ...] = ()
    """Fields that are wrong where the page is read alone."""
    time: str = " 08:30"
    """Of day; empty if the page has none."""
    day: str = "2024-03-06"
    shown: str = ""
    """Title in the list, where that is another one."""
    told: str = ""
    """Field told by the list."""


def paragraphs(*texts: str) -> str:
    return "".join(f"<p>{text}</p>" for text in texts)


def paragraphs_of(title: str) -> list[str]:
    return [f"{title}，这是主办方周三在发布会上公布的消息。", *PARAGRAPHS]


def text(title: str) -> str:
    return paragraphs(*paragraphs_of(title))


INFO = "<div class='info'>2024-03-06 08:30 来源：测试台</div>"
PLAIN, BAR, JUNKY, SECOND, NODES, DAYS, NONE, SHORT, LATER = (
    "折叠屏手机的铰链又轻了一些",
    "新款显卡的功耗压到了三百瓦",
    "国产存储芯片开始小批量供货",
    "这款耳机把延迟做到了二十毫秒",
    "车载冰箱开始用上变频压缩机",
    "老式键盘的按键也能单独更换",
    "扫地机器人学会了自己换拖布",
    "儿童手表的定位误差缩到三米",
    "电子墨水屏第一次能放动画片",
)
NEW = "空调压缩机换上了新的轴承"
SUB = "而它的价格和去年的型号一样"
STORIES = {
    # The heading is a plain line, as is the subtitle below it; the list has cut it.
    "/a/plain.html": Story(
        PLAIN,
        page("北辰科技网", f"<div>{PLAIN}</div><div>{SUB}</div>{INFO}<div>{text(PLAIN)}</div>"),
        ("title",),
        shown=f"{PLAIN[:10]}…",
        told="title",
    ),
    # A bar at the top repeats the title.
    "/a/bar.html": Story(
        BAR,
        page("北辰科技网", f"<div>{BAR}</div><div>{BAR}</div><div>{SUB}</div>{INFO}<div>{text(BAR)}</div>"),
        ("title",),
        told="title",
    ),
    # The only heading is that of the site, as is the title element; text of the site is between them and the title.
    "/a/junk.html": Story(
        JUNKY,
        page(SITE, f"<h2>{SITE}</h2><div>{paragraphs(*JUNK)}</div><div>{JUNKY}</div>{INFO}<div>{text(JUNKY)}</div>"),
        ("title", "published_on", "published_at", "body"),
        told="title",
    ),
    # A whole article is below, under a line that is set like the title.
    "/a/second.html": Story(
        SECOND,
        page(
            "北辰科技网",
            f"<div><div class='name'>{SECOND}</div><div>{SUB}</div>{INFO}{text(SECOND)}"
            f"<div class='name'>另一台样机也在昨天亮相</div><div>2024-03-05 09:00 来源：别家</div>{paragraphs(*OTHER)}</div>",
        ),
        ("title", "body"),
        told="title",
    ),
    # Year, day and time of day are nodes of their own.
    "/a/nodes.html": Story(
        NODES,
        page(
            NODES, f"<h1>{NODES}</h1><div><div>2024</div><div>03-06</div><div>08:30</div></div><div>{text(NODES)}</div>"
        ),
        ("published_on", "published_at"),
        told="published",
    ),
    "/a/days.html": Story(
        DAYS,
        page(DAYS, f"<h1>{DAYS}</h1><div><b>06</b><i>2024.03</i></div><div>{text(DAYS)}</div>"),
        ("published_on",),
        time="",
        told="published",
    ),
    "/a/none.html": Story(
        NONE, page(NONE, f"<h1>{NONE}</h1><div>{text(NONE)}</div>"), ("published_on",), time="", told="published"
    ),
    # The page is believed where the list has a title of its own, or another date.
    "/a/short.html": Story(
        SHORT,
        page(SHORT, f"<div>手表定位更准了</div><h1>{SHORT}</h1>{INFO}<div>{text(SHORT)}</div>"),
        shown="手表定位更准了",
    ),
    "/a/later.html": Story(
        LATER, page(LATER, f"<h1>{LATER}</h1><div>2024-03-01</div><div>{text(LATER)}</div>"), time="", day="2024-03-01"
    ),
}


def listing(paths: list[str]) -> str:
    links = "".join(
        f'<li><a href="{path}">{STORIES[path].shown or STORIES[path].title}</a><span>2024-03-06</span></li>'
        for path in paths
    )
    return page("列表", f'<ul class="list">{links}</ul>')


PAGES = {"/": HOME, "/phone/": listing([*STORIES][:5]), "/pc/": listing([*STORIES][5:])}
FIELDS = ("title", "published_on", "published_at", "body")


def right(story: Story) -> dict[str, Any]:
    at = datetime.fromisoformat(story.day + story.time).replace(tzinfo=BEIJING) if story.time else None
    return {
        "title": story.title,
        "published_on": date.fromisoformat(story.day),
        "published_at": at,
        "body": "\n\n".join(paragraphs_of(story.title)),
    }


def alone(scrapy: Scrapy, url: str) -> dict[str, dict[str, Any]]:
    """Return the pages as ``scrapy inspect`` reads them, as they would be stored."""
    done = scrapy("inspect", "--json", "-L", "ERROR", *(url.rstrip("/") + path for path in STORIES))
    read = [json.loads(line) for line in done.stdout.splitlines()]
    for facts in read:
        facts["body"] = "\n\n".join(facts["body"])
        facts["published_on"] = facts["published_on"] and date.fromisoformat(facts["published_on"])
        facts["published_at"] = facts["published_at"] and datetime.fromisoformat(facts["published_at"])
    return {path_of(facts["url"]): facts for facts in read}


def stored(engine: Engine) -> dict[str, dict[str, Any]]:
    rows = select(engine, "SELECT * FROM api.revision JOIN api.article USING (article_id, revision)")
    return {path_of(row["url"]): row for row in rows}


def test_lists_mend_what_single_pages_misread(scrapy: Scrapy, serve_pages: ServePages, engine: Engine) -> None:
    pages = {**PAGES, **{path: story.html for path, story in STORIES.items()}}
    url = serve_pages(pages)
    single = alone(scrapy, url)
    done = scrapy("crawl", "smartdaily", SITE_URL=url)
    assert done.returncode == 0, done.stderr[-3000:]
    crawled = stored(engine)
    for path, story in STORIES.items():
        expected = right(story)
        wrong = [name for name in FIELDS if single[path][name] != expected[name]]
        assert tuple(wrong) == story.misread, f"{path} alone: {single[path]}"
        assert {name: crawled[path][name] for name in FIELDS} == expected, path
        told = [name for name, how in crawled[path]["provenance"].items() if how == "list"]
        assert told == [story.told] * bool(story.told), path
    # What a list told holds when no list leads to the page any more.
    pages |= {"/phone/": listing([*STORIES][-2:]), "/pc/": listing([*STORIES][-1:])}
    scrapy("crawl", "smartdaily", "-a", "mode=full", SITE_URL=url)
    again = select(
        engine,
        "SELECT url, outcome FROM api.outcome WHERE kind = 'article' AND run_id = (SELECT max(run_id) FROM api.run)",
    )
    assert {path_of(row["url"]): row["outcome"] for row in again} == dict.fromkeys(STORIES, "unchanged")
    assert stored(engine).keys() == crawled.keys()


def test_an_edit_and_another_link_make_no_wrong_revision(
    scrapy: Scrapy, serve_pages: ServePages, engine: Engine
) -> None:
    """A page that shows the titles of two links keeps the first; an edited one waits for the title of a list."""

    def edited(title: str) -> str:
        blurb = paragraphs(*JUNK)
        return page(SITE, f"<h2>{SITE}</h2><div>{blurb}</div><div>{title}</div>{INFO}<div>{text(NEW)}</div>")

    def lists(title: str, other: str) -> str:
        links = (("/a/edited.html", title), ("/a/two.html", other))
        items = "".join(f'<li><a href="{path}">{told}</a><span>2024-03-06</span></li>' for path, told in links)
        return page("列表", f'<ul class="list">{items}</ul>')

    old, two = NODES, page(SITE, f"<h2>{SITE}</h2><div>{PLAIN}</div><div>{SUB}</div>{INFO}<div>{text(PLAIN)}</div>")
    pages = {"/": HOME, "/pc/": page("列表", "<p>空</p>"), "/a/edited.html": edited(old), "/a/two.html": two}
    url = serve_pages(pages)
    seen = []
    for page_title, list_title, other in ((old, old, PLAIN), (NEW, old, SUB), (NEW, NEW, PLAIN)):
        pages |= {"/phone/": lists(list_title, other), "/a/edited.html": edited(page_title)}
        scrapy("crawl", "smartdaily", "-a", "mode=full", SITE_URL=url)
        rows = stored(engine)
        seen.append([(rows[path]["title"], rows[path]["revision"]) for path in ("/a/edited.html", "/a/two.html")])
    assert seen == [[(old, 1), (PLAIN, 1)], [(old, 1), (PLAIN, 1)], [(NEW, 2), (PLAIN, 1)]]
    reasons = select(engine, "SELECT url, reason FROM api.outcome WHERE outcome = 'rejected' AND url LIKE '%/a/%'")
    assert [(path_of(row["url"]), row["reason"]) for row in reasons] == [("/a/edited.html", "untold_title")]
