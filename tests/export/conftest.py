"""Articles to export: two sites, texts that are hostile to spreadsheets and XML, an edge that was removed."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from pipelines.storage.write.writer import write
from smartdaily_crawler.items import Image
from tests.crawl.conftest import scrapy  # noqa: F401 - a fixture
from tests.storage.making import NOON, article, listing, navigation, new_run

FORMULA = '=HYPERLINK("http://evil.example","点我")'
DAY = date(2026, 3, 5)
MARKUP = "<script>alert(1)</script> & \x0b]]>"


@pytest.fixture
def stored(engine: Engine) -> Engine:
    run = new_run(engine)
    a: dict[str, Any] = {
        "title": FORMULA,
        "images": [Image(url="http://news.example/p.png", caption="图")],
        "published_on": DAY,
    }
    b: dict[str, Any] = {"title": MARKUP, "body": ["＝1+1", MARKUP], "published_on": None}
    write(engine, run, [navigation("手机"), article("a", teases="b c", **a), article("b", **b)])
    write(engine, run, [listing("手机", "a b"), article("a", teases="b", **a)])
    write(engine, new_run(engine, site="other"), [article("d", title="别处", published_at=NOON)])
    return engine
