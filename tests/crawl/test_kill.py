"""A crawl killed at any instant loses nothing and stores nothing twice: the next run continues it."""

from __future__ import annotations

import logging
import os
import random
import signal
import time
from pathlib import Path

from sqlalchemy import Engine, text

from demo.server import serve
from demo.site import SMALL, Site
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import differences, select, stored_articles, stored_teasers, true_teasers
from tests.faults.audit import lost, twice
from tests.warm import start_warm

logger = logging.getLogger(__name__)

KILLS = int(os.environ.get("KILLS", "1"))
"""Number of crawls to kill, each at another instant; ``make kills`` kills twenty of the whole site."""
SITE = Site(day=1) if "KILLS" in os.environ else Site(day=1, categories=SMALL)
ARGUMENTS = ("crawl", "smartdaily")


def test_killed_at_random_instants(scrapy: Scrapy, engine: Engine, database_url: str, tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    with serve(SITE) as server:
        truth = server.site.truth()
        whole = len(truth.articles)  # a crawl requests more
        for kill in range(KILLS):
            forget(engine)
            before, at = len(server.log), chance.randint(1, whole - 1)
            environment = {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path), "SITE_URL": server.url}
            with start_warm("scrapy", *ARGUMENTS, environment=os.environ | environment) as crawl:
                while len(server.log) - before < at and crawl.poll() is None:
                    time.sleep(0.002)
                time.sleep(chance.random() / 20)
                crawl.send_signal(signal.SIGKILL)
                crawl.wait()
            where = f"kill {kill + 1} after {at} of {whole} requests (seed {seed})"

            assert scrapy(*ARGUMENTS, SITE_URL=server.url).returncode in (0, 4), where
            dead, run = select(engine, "SELECT * FROM api.run ORDER BY run_id")[-2:]
            assert (dead["reason"], dead["verdict"]) in (("aborted", "failed"), ("finished", "healthy")), where
            both = server.log[before:]
            missing = [line for line in lost(engine, run["run_id"], both, server.site) if "no row" in line]
            logger.info("%s: lost %d, twice %d", where, len(missing), len(twice(engine)))
            assert missing == [], where
            assert twice(engine) == [], where
            assert differences(stored_articles(engine), truth) == [], where
            assert stored_teasers(engine) == true_teasers(truth), where


def forget(engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("TRUNCATE crawl.site CASCADE"))
