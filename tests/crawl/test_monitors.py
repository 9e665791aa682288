"""The verdict as a Spidermon monitor: a user's own action runs when it is not healthy."""

from __future__ import annotations

import os
from pathlib import Path

from demo.server import serve
from demo.site import Site
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.test_walk import HOME, TITLES, article, listing

ALERTS = """
from spidermon.core.actions import Action
from smartdaily_crawler.monitors import RunSuite

class Tell(Action):
    def run_action(self):
        open({path!r}, "w").write(self.data.stats["run/verdict"] + " " + self.result.monitor_results[0].error)

class Alerting(RunSuite):
    monitors_failed_actions = [Tell]
"""


def test_an_action_runs_when_the_verdict_is_not_healthy(
    scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path
) -> None:
    told = tmp_path / "told"
    (tmp_path / "alerts.py").write_text(ALERTS.format(path=str(told)), encoding="utf-8")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monitored = ("-s", "SPIDERMON_ENGINE_STOP_MONITORS=alerts.Alerting")
    with serve(Site(day=1)) as server:
        narrow = ("-a", "max_pages=1", "-a", "follow_teasers=false", "-a", "categories=笔记本")
        done = scrapy(
            "crawl", "smartdaily", *narrow, *monitored, SITE_URL=server.url, SPIDERMON_ENABLED="1", PYTHONPATH=path
        )
    assert done.returncode == 0, done.stderr[-2000:]
    assert "[Spidermon]" in done.stderr
    assert not told.exists()

    pages: dict[str, Answer | str] = {
        "/": HOME,
        "/phone/": listing(("/a/1.html", TITLES[0])),
        "/a/1.html": article(TITLES[0]),
    }
    site = serve_pages(pages)
    done = scrapy("crawl", "smartdaily", *monitored, SITE_URL=site, SPIDERMON_ENABLED="0", PYTHONPATH=path)
    assert done.returncode == 4, done.stderr[-2000:]
    assert not told.exists()

    done = scrapy("crawl", "smartdaily", *monitored, "-s", "SPIDERMON_ENABLED=1", SITE_URL=site, PYTHONPATH=path)
    assert done.returncode == 4, done.stderr[-2000:]
    assert told.read_text().startswith("degraded")
    assert "1 list page failed" in told.read_text()
