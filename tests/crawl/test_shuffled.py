"""The order in which pages arrive changes nothing: no false revision, and the rows of the site."""

from __future__ import annotations

import logging
import os
import random

from sqlalchemy import Engine

from demo.server import serve
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, select, stored_articles, stored_teasers, true_teasers
from tests.crawl.test_kill import forget
from tests.shuffle import SEED, Shuffle

logger = logging.getLogger(__name__)

SHUFFLES = int(os.environ.get("SHUFFLES", "1"))
"""Number of crawls; ``make shuffles`` makes forty of the whole site."""
SITE = Site(day=2) if "SHUFFLES" in os.environ else Site(day=2, categories=SMALL)
SHUFFLED = ("crawl", "smartdaily", "-s", f'ADDONS={{"{Shuffle.__module__}.{Shuffle.__name__}": 1}}')


def test_the_order_of_answers_changes_nothing(scrapy: Scrapy, engine: Engine) -> None:
    first = random.randrange(2**32)
    with serve(SITE) as server:
        truth = server.site.truth()
        for seed in range(first, first + SHUFFLES):
            forget(engine)
            done = scrapy(*SHUFFLED, SITE_URL=server.url, **{SEED: str(seed)})
            assert done.returncode == 0, f"seed {seed}: {done.stderr[-3000:]}"
            revised = select(engine, "SELECT url FROM api.article WHERE revision > 1")
            wrong = [*differences(stored_articles(engine), truth), *(stored_teasers(engine) ^ true_teasers(truth))]
            logger.info("seed %d: %d false revisions, %d wrong rows", seed, len(revised), len(wrong))
            assert (revised, wrong) == ([], []), f"seed {seed}"
