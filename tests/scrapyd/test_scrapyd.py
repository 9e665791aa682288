"""The recipe of docs/scrapyd.md, from the deployment to the verdict; and jobs that are stopped, killed and started twice."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import threading
import urllib.request
from collections.abc import Iterator
from urllib.error import HTTPError

import pytest
from sqlalchemy import Engine

from demo.page import Page
from demo.server import Server, serve
from demo.site import SMALL, Site
from pipelines.storage.db.engine import connect
from tests.crawl.rows import differences, select, stored_articles, stored_teasers, true_teasers
from tests.scrapyd.conftest import PROJECT, Scrapyd, block, command, deploy
from tests.waiting import HANGS, wait_for
from tests.warm import run_warm


@pytest.fixture
def site() -> Iterator[Server]:
    with serve(Site(day=1, categories=SMALL)) as server:
        yield server


@pytest.mark.skipif(shutil.which("curl") is None, reason="the recipe schedules by curl")
def test_the_recipe(deployed: Scrapyd, site: Server) -> None:
    typed = command("schedule.json").replace("https://news.example/", site.url)
    done = subprocess.run(
        typed,
        shell=True,
        env=os.environ | deployed.environment,
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    job = json.loads(done.stdout)["jobid"]
    deployed.wait(job)

    engine = connect(deployed.database_url, application_name="tests")
    verdicts = select(engine, block("sql", ":job").strip().rstrip(";"), job=job)
    assert [(row["verdict"], row["reason"]) for row in verdicts] == [("healthy", "finished")], deployed.log(job)
    assert_complete(engine, site)
    assert "Traceback" not in deployed.log(job)
    engine.dispose()


def test_arguments_and_settings_reach_the_job(
    deployed: Scrapyd, site: Server, database_url: str, engine: Engine
) -> None:
    job = deployed.schedule(
        ("site_url", site.url),
        ("categories", "电脑硬件,智能手机"),
        ("follow_teasers", "false"),
        ("setting", f"DATABASE_URL={database_url}"),
        ("setting", "CRAWLER_VERSION=a+b & c"),
    )
    deployed.wait(job)
    [run] = select(engine, "SELECT job, version, arguments, verdict FROM api.run")
    assert (run["job"], run["version"], run["verdict"]) == (job, "a+b & c", "healthy"), deployed.log(job)
    assert run["arguments"]["categories"] == ["智能手机", "电脑硬件"]


@pytest.mark.parametrize(
    ("given", "ended"),
    [
        (("max_pages", "all"), ("bad_argument", "max_pages takes a whole number from 1 up, not 'all'")),
        (
            ("setting", "CAUGHT_UP_AFTER=ten"),
            ("bad_setting", "CAUGHT_UP_AFTER takes a whole number from 1 up, not 'ten'"),
        ),
    ],
)
def test_a_wrong_argument_is_in_the_log_and_in_the_database(
    deployed: Scrapyd, database_url: str, engine: Engine, given: tuple[str, str], ended: tuple[str, str]
) -> None:
    reason, line = ended
    job = deployed.schedule(("site_url", "http://news.example/"), ("setting", f"DATABASE_URL={database_url}"), given)
    deployed.wait(job)
    assert [each for each in deployed.log(job).splitlines() if line in each and "ERROR" in each], deployed.log(job)
    assert "Traceback" not in deployed.log(job)
    [run] = select(engine, "SELECT * FROM api.run")
    assert (run["job"], run["site"], run["verdict"], run["reason"]) == (job, "news.example", "failed", reason)
    assert run["stats"] == {"run/reasons": [line]}
    assert run["finished_at"]


def test_who_does_not_know_the_password_is_refused(deployed: Scrapyd) -> None:
    for service, data in (("listjobs.json", None), ("schedule.json", b"project=smartdaily&spider=smartdaily")):
        with pytest.raises(HTTPError) as refused:
            urllib.request.urlopen(f"{deployed.url}/{service}", data)
        assert refused.value.code == 401
        refused.value.close()


def test_what_stopped_and_killed_jobs_leave_the_next_one_finishes(
    deployed: Scrapyd, site: Server, database_url: str, engine: Engine
) -> None:
    def start(pages: int) -> str:
        so_far = len(site.log)
        job = deployed.schedule(("site_url", site.url), ("setting", f"DATABASE_URL={database_url}"))
        wait_for(lambda: len(site.log) >= so_far + pages)
        return job

    stopped = start(pages=25)
    deployed.client.cancel(PROJECT, stopped)
    deployed.wait(stopped)
    killed = start(pages=25)
    os.kill(deployed.pid(killed), signal.SIGKILL)
    deployed.wait(killed)
    assert differences(stored_articles(engine), site.site.truth()), "they were done before they were stopped"
    last = start(pages=1)
    deployed.wait(last)

    verdicts = {run["job"]: run["verdict"] for run in select(engine, "SELECT job, verdict FROM api.run")}
    assert (verdicts[stopped], verdicts[last]) == ("stopped", "healthy"), deployed.log(last)
    assert verdicts[killed] == "failed"
    assert_complete(engine, site)


class Held(Site):
    """Answers nobody until it is released: whoever crawls it is there for as long."""

    def __init__(self) -> None:
        super().__init__(day=1, categories=SMALL)
        self.released = threading.Event()

    def render(self, path: str) -> Page:
        self.released.wait(HANGS)
        return super().render(path)


def test_of_two_jobs_at_once_one_is_refused(deployed: Scrapyd, site: Server, database_url: str, engine: Engine) -> None:
    arguments = (
        ("site_url", site.url),
        ("setting", f"DATABASE_URL={database_url}"),
        ("setting", f"DOWNLOAD_TIMEOUT={HANGS}"),
    )
    site.site = held = Held()
    jobs = [deployed.schedule(*arguments) for _ in range(2)]
    wait_for(lambda: "exitstatus=3" in deployed.output())
    held.released.set()
    for job in jobs:
        deployed.wait(job)
    runs = select(engine, "SELECT job, reason FROM api.run")
    assert {run["job"] for run in runs} == set(jobs)
    assert sorted(run["reason"] for run in runs) == ["finished", "overlap"]
    assert deployed.output().count("exitstatus=3") == 1
    assert_complete(engine, site)


def assert_complete(engine: Engine, server: Server) -> None:
    truth = server.site.truth()
    assert differences(stored_articles(engine), truth)[:20] == []
    assert stored_teasers(engine) == true_teasers(truth)


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"SCRAPYD_PASSWORD": ""}, "{url}/ answers 401: SCRAPYD_USERNAME and SCRAPYD_PASSWORD"),
        ({"SCRAPYD_URL": "{url}/elsewhere"}, "{url}/elsewhere/ answers 404"),
        ({"SCRAPYD_URL": "http://127.0.0.1:9"}, "http://127.0.0.1:9/ cannot be reached: Connection refused"),
        ({"SCRAPYD_URL": "http://crawler:change-me@127.0.0.1"}, "SCRAPYD_URL takes an address without"),
        ({"SCRAPYD_URL": "127.0.0.1:6800"}, "SCRAPYD_URL takes an http or https address"),
    ],
)
def test_a_deployment_that_fails_says_so_in_one_line(scrapyd: Scrapyd, changed: dict[str, str], line: str) -> None:
    environment = scrapyd.environment | {name: text.format(url=scrapyd.url) for name, text in changed.items()}
    done = run_warm("deploy", environment=os.environ | environment)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"deploy: {line.format(url=scrapyd.url)}")
    assert done.stderr.count("\n") == 1


def test_make_fails_with_it(scrapyd: Scrapyd) -> None:
    done = deploy(command("make deploy"), scrapyd.environment | {"SCRAPYD_URL": "127.0.0.1:6800"})
    assert done.returncode != 0
    ours, made = done.stderr.splitlines()
    assert ours.startswith("deploy: ")
    assert made.startswith("make")
    assert made.endswith("Error 1")
