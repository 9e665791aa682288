"""Each alert fires while its fault is there, and not before or after: by promtool, and in a Prometheus that scrapes."""

from __future__ import annotations

import http.server
import json
import logging
import os
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from pipelines.metrics.exposition import CONTENT_TYPE, exposition
from pipelines.storage.read.status import read_status
from tests.metrics.faults import OF_DATABASE, OF_METRICS, OF_SITES, World, site_of
from tests.waiting import ROOT, wait_for

if TYPE_CHECKING:
    from sqlalchemy import Engine

logger = logging.getLogger(__name__)

RULES = ROOT / "monitoring" / "alerts.yml"
DASHBOARD = json.loads((ROOT / "monitoring" / "dashboard.json").read_text(encoding="utf-8"))
ALERTS = {rule["alert"]: rule for group in yaml.safe_load(RULES.read_text())["groups"] for rule in group["rules"]}
FIRING = {(alert, site_of(alert)) for alert in OF_SITES} | {(alert, None) for alert in OF_DATABASE}
"""Alerts of the faults, each with its site."""
needs_prometheus = pytest.mark.skipif(
    not shutil.which("promtool"), reason="Prometheus is not installed here: apt-get install prometheus, as root"
)
STEP = 4 * 3600
"""Seconds between samples and between evaluations: no alert waits longer."""
STEPS = 50
AT = STEPS * STEP
"""When alerts are looked at: more than a week after the first sample, so that all have waited long enough."""


@pytest.fixture
def world(engine: Engine, tmp_path: Path) -> Iterator[World]:
    made = World(engine, tmp_path / "spool")
    made.spool.mkdir()
    made.set_up()
    with made.held:
        yield made


def rules(folder: Path, **other: str) -> Path:
    """Write the rules with a database of a test's size instead of one of 1 GB, and other texts replaced."""
    replaced = RULES.read_text(encoding="utf-8").replace("> 1e9", "> 1e6")
    for old, new in other.items():
        replaced = re.sub(old, new, replaced)
    path = folder / "alerts.yml"
    path.write_text(replaced, encoding="utf-8")
    return path


def series(exposed: bytes, size_before: float) -> list[dict[str, str]]:
    """Return the metrics as series of promtool that keep their values, seen at the moment ``AT``.

    :param size_before: the size of the database until two steps before.
    """
    families = list(text_string_to_metric_families(exposed.decode()))
    [now] = [
        sample.value
        for family in families
        for sample in family.samples
        if family.name.endswith("_collected_timestamp_seconds")
    ]
    shown = []
    for sample in (sample for family in families for sample in family.samples):
        value = sample.value + AT - now if sample.name.endswith("_timestamp_seconds") else sample.value
        labels = ",".join(f"{name}={json.dumps(label)}" for name, label in sample.labels.items())
        steps = f"{value}+0x{STEPS}"
        if sample.name == "smartdaily_database_size_bytes":
            steps = f"{size_before}+0x{STEPS - 3} {value}+0x2"
        shown.append({"series": f"{sample.name}{{{labels}}}", "values": steps})
    return shown


def expected(alert: str, site: str | None) -> dict[str, Any]:
    """Return the labels of an alert that fires."""
    more = {"SmartDailyRunFailed": {"verdict": "failed"}, "SmartDailyRunDegraded": {"verdict": "degraded"}}.get(
        alert, {}
    )
    more |= {"SmartDailyFieldEmpty": {"field": "published_on"}, "SmartDailyArticlesLate": {"quantile": "0.5"}}.get(
        alert, {}
    )
    more |= {"SmartDailyTextsWaiting": {"state": "waiting"}, "SmartDailyTextsFailed": {"state": "failed"}}.get(
        alert, {}
    )
    return {"exp_labels": ALERTS[alert]["labels"] | more | ({"site": site} if site else {})}


@needs_prometheus
def test_each_alert_fires_and_resolves_by_promtool(world: World, tmp_path: Path) -> None:
    subprocess.run(["promtool", "check", "rules", str(RULES)], check=True, capture_output=True)
    assert ALERTS.keys() == {*OF_SITES, *OF_DATABASE, *OF_METRICS}
    before = exposition(read_status(world.database.engine), world.spool)
    world.break_all()
    time.sleep(1.1)  # the feed has to be held for a second
    broken = exposition(read_status(world.database.engine), world.spool)
    world.mend_all()
    mended = exposition(read_status(world.database.engine), world.spool)
    size = float(re.findall(rb"^smartdaily_database_size_bytes (\S+)", before, re.MULTILINE)[0])
    stale = series(before, size)
    [collected] = [each for each in stale if each["series"].startswith("smartdaily_collected_")]
    collected["values"] = f"{AT - 1000}+0x{STEPS}"
    cases: dict[str, tuple[list[dict[str, str]], Any]] = {
        "healthy": (series(before, size), set()),
        "broken": (series(broken, size), FIRING),
        "mended": (series(mended, size), set()),
        "stale": (stale, {("SmartDailyMetricsStale", None)}),
        "missing": ([], {("SmartDailyMetricsMissing", None)}),
    }
    tests = [
        {
            "name": name,
            "interval": f"{STEP}s",
            "input_series": shown,
            "alert_rule_test": [
                {
                    "eval_time": f"{AT}s",
                    "alertname": alert,
                    "exp_alerts": [expected(*each) for each in firing if each[0] == alert],
                }
                for alert in ALERTS
            ],
        }
        for name, (shown, firing) in cases.items()
    ]
    plain = rules(tmp_path, **{r"(?s)        annotations:.*?runbook_url: \S+": ""})
    given = {"rule_files": [plain.name], "evaluation_interval": f"{STEP}s", "tests": tests}
    (tmp_path / "tests.yml").write_text(yaml.safe_dump(given), encoding="utf-8")
    done = subprocess.run(
        ["promtool", "test", "rules", "tests.yml"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_alert_is_explained() -> None:
    page = (ROOT / "docs" / "alerts.md").read_text(encoding="utf-8")
    assert re.findall(r"^## (SmartDaily\w+)$", page, re.MULTILINE) == list(ALERTS)
    for alert, rule in ALERTS.items():
        assert rule["annotations"]["runbook_url"].endswith(f"/docs/alerts.md#{alert.lower()}")
        section = page.partition(f"## {alert}\n")[2].partition("\n## ")[0]
        assert "```console\n$ " in section, f"{alert} has no first command"


def expressions() -> list[str]:
    """Return the queries of the dashboard, for all sites."""
    return [
        target["expr"].replace("$site", ".*") for panel in DASHBOARD["panels"] for target in panel.get("targets", ())
    ]


def test_rules_and_dashboard_name_existing_metrics(world: World) -> None:
    world.break_all()
    exposed = {
        family.name
        for family in text_string_to_metric_families(
            exposition(read_status(world.database.engine), world.spool).decode()
        )
    }
    named = {name for text in (RULES.read_text(), *expressions()) for name in re.findall(r"\bsmartdaily_\w+", text)}
    assert named - exposed == set()
    assert exposed - named == set(), "a metric that neither an alert nor the dashboard uses"


@contextmanager
def serving(world: World, state: dict[str, Any]) -> Iterator[int]:
    """Serve the metrics at /metrics, or ``state["body"]`` if it has one; a body of None is a server that does not answer."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = state["body"] if "body" in state else exposition(read_status(world.database.engine), world.spool)
            if body is None:
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Keep the tests' output clean."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@contextmanager
def prometheus(folder: Path, port: int) -> Iterator[str]:
    """Run Prometheus with the rules, which do not wait here, and a scrape each second; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        own = free.getsockname()[1]
    rules(folder, **{r"for: \w+": "for: 0s", "offset 1w": "offset 5s"})
    scraped = {"job_name": "smartdaily", "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]}
    every = {"scrape_interval": "1s", "evaluation_interval": "1s"}
    (folder / "prometheus.yml").write_text(
        yaml.safe_dump({"global": every, "rule_files": ["alerts.yml"], "scrape_configs": [scraped]})
    )
    options = (
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{own}",
        "--query.lookback-delta=3s",
    )
    with (folder / "prometheus.log").open("wb") as log:
        process = subprocess.Popen(["prometheus", *options], stdout=log, stderr=log)
        try:
            yield f"http://127.0.0.1:{own}"
        finally:
            process.terminate()
            process.wait()


def ask(address: str, path: str, **values: str) -> Any:
    with urlopen(f"{address}/api/v1/{path}?{urlencode(values)}", timeout=10) as answer:
        return json.load(answer)["data"]


def firing(address: str) -> set[tuple[str, str | None]]:
    try:
        alerts = ask(address, "alerts")["alerts"]
    except OSError:  # it starts
        return {("not up", None)}
    return {
        (alert["labels"]["alertname"], alert["labels"].get("site")) for alert in alerts if alert["state"] == "firing"
    }


@needs_prometheus
@pytest.mark.skipif(not os.environ.get("PROMETHEUS"), reason="test with a real Prometheus: make alerts")
def test_prometheus_scrapes_and_each_alert_fires_and_resolves(world: World, tmp_path: Path) -> None:
    state: dict[str, Any] = {"body": None}
    with serving(world, state) as port, prometheus(tmp_path, port) as address:
        # A growth is seen only against what was scraped before.
        for name, body, alerts in (
            ("no answer", None, {("SmartDailyMetricsMissing", None)}),
            ("up", ..., set()),
            ("stopped", re.sub(rb"(?m)^(smartdaily_collected\S+ ).*", rb"\g<1>1e9", exposition(read_status(world.database.engine), world.spool)), {("SmartDailyMetricsStale", None)}),
            ("up", ..., set()),
        ):  # fmt: skip
            state["body"] = body
            if body is ...:
                del state["body"]
            wait_for(lambda alerts=alerts: firing(address) == alerts, 0.5)  # type: ignore[misc]
            logger.info("%s: %s", name, sorted(alerts))
        [target] = ask(address, "targets")["activeTargets"]
        assert (target["health"], target["lastError"]) == ("up", "")
        time.sleep(6)
        world.break_all()
        fired: set[tuple[str, str | None]] = set()

        def all_fired() -> bool:
            fired.update(firing(address))
            return fired >= FIRING

        wait_for(all_fired, 0.5)
        assert fired == FIRING
        logger.info("%d alerts fired", len(fired))
        for expression in expressions():
            assert ask(address, "query", query=expression)["result"], f"nothing to show: {expression}"
        world.mend_all()
        wait_for(lambda: not firing(address), 0.5)
        logger.info("all resolved")
