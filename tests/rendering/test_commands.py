"""What looks at pages can look at them through a browser."""

from __future__ import annotations

import json

from demo.server import serve
from tests.crawl.conftest import Scrapy
from tests.rendering.conftest import Splash
from tests.rendering.test_crawl import SITE

BAD_INPUT = 2


def test_inspect_shows_what_a_browser_does(splash: Splash, scrapy: Scrapy) -> None:
    article = next(article for article in SITE.truth().articles if article.source)
    with serve(SITE) as server:
        address = server.url.rstrip("/") + article.path
        plain = scrapy("inspect", "-L", "WARNING", "--json", address)
        shown = scrapy("inspect", "-L", "WARNING", "--json", "--render", "splash", address, SPLASH_URL=splash.url)
    assert json.loads(plain.stdout)["rejected"] == "no_body"
    facts = json.loads(shown.stdout)
    assert (facts["rejected"], facts["title"], facts["source"]) == (None, article.title, article.source)
    assert shown.stderr == ""


def test_a_wrong_renderer_is_told_in_one_line(scrapy: Scrapy) -> None:
    done = scrapy("inspect", "-L", "WARNING", "--render", "lynx", "http://127.0.0.1:9/")
    assert (done.returncode, done.stderr) == (
        BAD_INPUT,
        "scrapy inspect: --render takes splash or playwright, not 'lynx'\n",
    )
