"""The list of sites, a worker that runs them, and what is told of both."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

from scrapy.settings import Settings
from sqlalchemy import Engine, text

from demo.server import Server
from pipelines.run.polls import next_start
from pipelines.storage.database import Database
from smartdaily_crawler.settings import POLL_BUDGET, POLL_LONGEST, POLL_SHORTEST
from smartdaily_crawler.sites.site_address import SiteAddress
from tests.crawl.conftest import Scrapy
from tests.crawl.rows import select
from tests.waiting import HANGS, wait_for
from tests.warm import start_warm

POLLING = {
    "POLL_BUDGET": POLL_BUDGET,
    "POLL_SHORTEST": POLL_SHORTEST,
    "POLL_LONGEST": POLL_LONGEST,
    "STORAGE_PATIENCE": HANGS,
}
PROFILE = 'title = "例"\n[selectors]\nsource = ".from"\n'


def test_sites_are_listed_changed_and_checked(scrapy: Scrapy, engine: Engine, crawled: Server, tmp_path: Path) -> None:
    file, profile = tmp_path / "sites.txt", tmp_path / "own.toml"
    profile.write_text(PROFILE, encoding="utf-8")
    file.write_text(
        '# ours\nhttps://one.example/\n\n{"url": "https://two.example/", "every": "soon"}\n', encoding="utf-8"
    )
    done = scrapy("sites", "import", str(file))
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{file}, line 4: every takes a time such as 30m, 6h or 1d, not 'soon'; nothing is stored" in done.stderr
    assert select(engine, "SELECT * FROM crawl.scheduled_site") == []

    file.write_text(file.read_text(encoding="utf-8").replace("soon", "1d"), encoding="utf-8")
    assert scrapy("sites", "import", str(file)).stdout == "2 added, 0 changed\n"
    host = SiteAddress(crawled.url).name
    options = (
        "--name",
        "ours",
        "--every",
        "30m",
        "--profile",
        str(profile),
        "-a",
        "max_pages=1",
        "-a",
        "follow_teasers=no",
    )
    assert scrapy("sites", "add", crawled.url, *options).stdout == f"{host}: added\n"
    assert profile.read_text(encoding="utf-8") == PROFILE
    listed = scrapy("sites", "list", "--json").stdout
    rows = {row["site"]: row for row in map(json.loads, listed.splitlines())}
    assert rows.keys() == {host, "one.example", "two.example"}
    assert (rows[host]["name"], rows[host]["every"], rows[host]["profile"]) == ("ours", "30m", PROFILE)

    file.write_text(listed, encoding="utf-8")  # what is printed can be read
    assert scrapy("sites", "import", str(file)).stdout == "0 added, 3 changed\n"
    again = [json.loads(line) for line in scrapy("sites", "list", "--json").stdout.splitlines()]
    assert [{**row, "late": 0} for row in again] == [{**row, "late": 0} for row in rows.values()]

    checked = scrapy("sites", "check", "ours")
    assert checked.returncode == 0, checked.stderr
    assert crawled.url in checked.stdout
    assert all(name in checked.stdout for name, *_ in crawled.site.truth().categories)
    run = scrapy("crawl", "smartdaily", "--site", "ours")
    assert run.returncode in (0, 4), run.stderr[-3000:]
    [last] = select(engine, "SELECT arguments FROM api.run ORDER BY run_id DESC LIMIT 1")
    assert last["arguments"]["profile"] == "own"
    assert last["arguments"]["max_pages"] == 1

    assert scrapy("sites", "remove", "ours").returncode == 0
    assert select(engine, "SELECT count(*) AS n FROM api.article")[0]["n"] > 0
    assert "there is no site 'ours' on the list" in scrapy("crawl", "smartdaily", "--site", "ours").stderr
    assert "scrapy sites list" in scrapy("crawl", "smartdaily").stderr


def test_a_worker_runs_what_is_due_and_its_runs_end_with_it(
    scrapy: Scrapy, engine: Engine, crawled: Server, database_url: str, tmp_path: Path
) -> None:
    host = SiteAddress(crawled.url).name
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        assert scrapy("sites", "add", crawled.url, "-a", "max_pages=1", "-a", "poll=due").returncode == 0
        assert scrapy("sites", "add", url, "--name", "silent").returncode == 0
        environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "DATA_DIR": str(tmp_path),
            "LOG_FILE": "",
            "SITE_URL": "",
        }
        with start_warm("scrapy", "worker", "--name", "one", environment=environment) as worker:
            wait_for(
                lambda: select(
                    engine, f"SELECT FROM crawl.scheduled_site WHERE site = '{host}' AND ended_at IS NOT NULL"
                )
            )
            wait_for(lambda: list((tmp_path / "runs").glob("*.log")) and runs_of("silent", engine))
            status = json.loads(scrapy("fleet", "status", "--json").stdout)
            states = {site["name"]: (site["state"], site["verdict"], site["exit_code"]) for site in status["sites"]}
            assert states == {host: ("waiting", "healthy", 0), "silent": ("running", None, None)}
            assert {site["name"]: site["every"] for site in status["sites"]} == {host: "by rate", "silent": "1h"}
            # All lists were polled just now: not an hour after the start, but when entries can be expected.
            [planned] = select(engine, f"SELECT due_at, started_at FROM crawl.scheduled_site WHERE site = '{host}'")
            pause = (planned["due_at"] - planned["started_at"]).total_seconds()
            assert POLL_SHORTEST <= pause <= POLL_LONGEST + 600
            by_plan = next_start(Database(engine, "", "", None), host, Settings(POLLING))
            assert abs((by_plan - planned["due_at"]).total_seconds()) < POLL_SHORTEST
            [one] = status["workers"]
            assert (one["state"], one["slots"], len(one["runs"])) == ("alive", 2, 1)
            second = scrapy("worker", "--name", "one")
            assert (second.returncode, "another worker is named one already" in second.stderr) == (1, True)
            worker.send_signal(signal.SIGKILL)
            wait_for(lambda: not runs_of("silent", engine))
    # What others see of it, once its heartbeat is old.
    spool = '[{"site": "news.example", "files": 1, "bytes": 9, "oldest": 0}]'
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE crawl.worker SET heartbeat_at = now() - interval '2 min', spool = '{spool}'"))
    told = scrapy("fleet", "status")
    assert told.returncode == 1
    assert "worker one is not running, and its spool holds 1 files of news.example" in told.stderr
    assert " lost " in told.stdout
    assert " gone " in told.stdout
    assert scrapy("fleet", "forget", "one").returncode == 0


def runs_of(name: str, engine: Engine) -> list[int]:
    """Return the processes of the latest run of a site."""
    [row] = select(engine, f"SELECT job FROM crawl.scheduled_site WHERE name = '{name}'")
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"JOB={row['job']}".encode() in path.read_bytes().split(b"\0"):
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found
