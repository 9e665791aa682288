"""What an operator sees of runs: metrics, a log without what pages slip into it, a webhook."""

from __future__ import annotations

import http.server
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import Engine, text

from demo.server import Server
from pipelines.storage.spill.codec import encode
from pipelines.storage.spill.dead_letters import bury
from pipelines.storage.write.runs import finish_run
from smartdaily_crawler.cleaning.text import visible
from smartdaily_crawler.stat_names import Stat
from tests.crawl.conftest import Answer, Scrapy, ServePages
from tests.crawl.test_walk import HOME, TITLES, article, listing
from tests.storage.making import new_run, outcome

HOSTILE = "\x1b]0;owned\x07\x1b[2J手机\x9b31m\u202e快讯\r\n2026-03-06 08:00:00 [root] CRITICAL: forged"
"""A title that would clear a terminal, turn its text around, and look like a line of the log."""
SPIDER = """
from smartdaily_crawler.pages.article_page import ArticlePage
from smartdaily_crawler.spiders.smartdaily import SmartDailySpider

class Page(ArticlePage):
    def title(self):
        title = self.css("title::text").get()
        raise ValueError(title)

class Hostile(SmartDailySpider):
    name = "hostile"
    article_page = Page
"""
ABSENT = "import sys\nfor name in ('prometheus_client', 'pythonjsonlogger'):\n    sys.modules[name] = None\n"
INSTALL = "smartdaily-crawler[metrics]"


def test_metrics_of_a_crawl(scrapy: Scrapy, crawled: Server, engine: Engine, tmp_path: Path) -> None:
    done = scrapy("metrics")
    assert (done.returncode, done.stderr) == (0, "")
    families = {family.name: family.samples for family in text_string_to_metric_families(done.stdout)}
    values = {(s.name, *s.labels.values()): s.value for samples in families.values() for s in samples}
    [site] = {s.labels["site"] for s in families["smartdaily_run_verdict"]}
    assert crawled.url == f"http://{site}/"
    with engine.connect() as connection:
        stored = {
            row[0]: row[1] for row in connection.execute(text("SELECT state, count(*) FROM api.article GROUP BY 1"))
        }
    assert {s.labels["state"]: s.value for s in families["smartdaily_articles"]} == stored
    assert {s.labels["verdict"]: s.value for s in families["smartdaily_run_verdict"]}["healthy"] == 1
    assert {s.value for s in families["smartdaily_run_field_filled_ratio"] if s.labels["field"] == "title"} == {1}
    assert values["smartdaily_dead_letters", site] == values["smartdaily_run_in_progress", site] == 0
    written = tmp_path / "smartdaily.prom"
    written.write_text("old")
    assert scrapy("metrics", "-o", str(written)).returncode == 0
    names = [[line.rpartition(" ")[0] for line in text.splitlines()] for text in (done.stdout, written.read_text())]
    assert names[0] == names[1]
    assert [path.name for path in tmp_path.glob("smartdaily*")] == ["smartdaily.prom"]
    done = scrapy("metrics", "-o", str(tmp_path / "no" / "such.prom"))
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)


def test_a_missing_package_is_named(scrapy: Scrapy, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(ABSENT)
    for command in (("metrics",), ("crawl", "smartdaily", "-s", "JSON_LOGS=1")):
        done = scrapy(*command, SITE_URL="http://127.0.0.1:9/", PYTHONPATH=str(tmp_path))
        assert done.returncode == 2
        assert INSTALL in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr


@contextmanager
def hook(status: int) -> Iterator[tuple[str, list[Any]]]:
    """Serve a webhook that answers with a status; give its URL and what was posted to it."""
    posted: list[Any] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Keep the tests' output clean."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/secret", posted
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("as_json", [False, True])
def test_hostile_text_reaches_neither_log_nor_terminal(
    *, as_json: bool, scrapy: Scrapy, serve_pages: ServePages, tmp_path: Path
) -> None:
    """A page's text is in the message of an exception, and its traceback; the webhook refuses the verdict."""
    (tmp_path / "hostile_spider.py").write_text(SPIDER)
    pages: dict[str, Answer | str] = {
        "/": HOME,
        "/phone/": listing(("/a/1.html", TITLES[0])),
        "/a/1.html": article(TITLES[0]).replace("<head>", f"<head><title>{HOSTILE}</title>"),
    }
    site = serve_pages(pages)
    with hook(503 if as_json else 204) as (url, posted):
        done = scrapy(
            "crawl", "hostile", "-s", "SPIDER_MODULES=hostile_spider", "-s", f"JSON_LOGS={as_json}", "-L", "DEBUG",
            SITE_URL=site, PYTHONPATH=str(tmp_path), WEBHOOK_URL=url,
        )  # fmt: skip
    assert done.returncode == 1
    assert "forged" in done.stderr
    assert [line for line in (done.stdout + done.stderr).split("\n") if visible(line) != line] == []
    host = site.removeprefix("http://").rstrip("/")
    [told] = posted
    assert (told["verdict"], told["site"]) == ("failed", host)
    assert told["text"] == f"{host}: failed: {'; '.join(told['reasons'])}"
    records = done.stderr.splitlines()[:-1]  # the last line is the verdict's
    if as_json:
        facts = [json.loads(line) for line in records]
        [failed] = [each for each in facts if "Spider error" in each["message"]]
        assert (failed["url"], failed["site"], failed["run"]) == (f"{site}a/1.html", host, told["run"])
        assert "\x1b[2J" in failed["exc_info"]
        assert datetime.fromisoformat(failed["time"]).utcoffset() is not None
        [refused] = [each["message"] for each in facts if "not told" in each["message"]]
        assert refused == "The webhook at 127.0.0.1 was not told of the verdict: it answers 503"
    else:
        assert all(re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d{4} \[|    ", line) for line in records)
        assert "not told" not in done.stderr


def test_hostile_text_does_not_act_upon_the_terminal_of_a_command(scrapy: Scrapy, engine: Engine) -> None:
    run = new_run(engine)
    finish_run(engine, run, reason="finished", verdict="failed", stats={Stat.RUN_REASONS: [HOSTILE]})
    bury(engine, run, encode(outcome("refused", "failed")), HOSTILE)
    for command in (("runs",), ("runs", "--json"), ("deadletters", "list"), ("deadletters", "list", "--json")):
        done = scrapy(*command)
        assert (done.returncode, done.stderr) == (0, "")
        assert "forged" in done.stdout
        assert [line for line in done.stdout.split("\n") if visible(line) != line or line.startswith("2026")] == []
        if "--json" in command:
            facts = json.loads(done.stdout)
            assert HOSTILE in (facts["reason"], *facts.get("reasons", ()))
