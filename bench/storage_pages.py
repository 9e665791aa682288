"""Articles as a crawl brings them: texts of the bundled newsroom, each page with teasers of others."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import Engine

from bench.storage_filling import sample
from pipelines.storage.schema.run_key import RunKey
from pipelines.storage.write.runs import start_run
from smartdaily_crawler.items import Article, Category, Fetch, Navigation, Teaser

SITE = "http://bench.example"
NOW = datetime(2026, 11, 24, tzinfo=UTC)
TEASERS = 9
CATEGORY = "手机"
BODIES = 1000


def new_run(engine: Engine) -> RunKey:
    return start_run(
        engine,
        spider="bench",
        site="bench",
        base_url=SITE,
        timezone="Asia/Shanghai",
        job=None,
        version="0",
        arguments={},
    )


def page(name: str, body: list[str]) -> Article:
    url = f"{SITE}/{name}.html"
    fetch = Fetch(url=url, kind="article", final_url=url, fetched_at=NOW, status=200)
    return Article(url=url, fetch=fetch, title=name, body=body, published_on=NOW.date(), parser_version="0")


def navigation() -> Navigation:
    fetch = Fetch(url=SITE, kind="home", final_url=SITE, fetched_at=NOW, status=200)
    return Navigation(fetch=fetch, categories=[Category(name=CATEGORY, url=f"{SITE}/1.html", position=1)])


def teasing_pages(count: int, seed: str) -> Iterator[Article]:
    """``count`` articles of one category with every field, each with ``TEASERS`` teasers of others among them."""
    rng = random.Random(seed)
    bodies = sample(BODIES)
    for number in range(count):
        made = page(f"{seed}/{number}", [*rng.choice(bodies), rng.choice(rng.choice(bodies))])
        made.title = f"{made.body[-1][:20]}{number}"
        made.source, made.author, made.editor = "天文网", "张三", "李四"
        made.source_raw, made.author_raw, made.editor_raw = "来源：天文网", "作者：张三", "责任编辑：李四"
        made.published_at, made.published_raw = NOW, "2026-11-24 08:00"
        made.categories = [CATEGORY]
        made.provenance = dict.fromkeys(("title", "body", "published", "source", "author"), "structure")
        made.teasers = [
            _teaser(seed, other + (other >= number), place, rng.choice(rng.choice(bodies)))
            for place, other in enumerate(rng.sample(range(count - 1), TEASERS), 1)
        ]
        yield made


def _teaser(seed: str, other: int, place: int, said: str) -> Teaser:
    return Teaser(
        url=f"{SITE}/{seed}/{other}.html",
        position=place,
        title=f"{said[:20]}{other}",
        summary=f"{said[:60]}…",
        published_on=NOW.date(),
    )
