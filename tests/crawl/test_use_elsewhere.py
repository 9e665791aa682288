"""The wheel in a project that ``scrapy startproject`` made: our spider and pipelines through the add-on, a plain spider beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from email.parser import Parser
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from sqlalchemy import Engine

from demo.server import serve
from demo.site import SMALL, Site
from tests.crawl.rows import differences, select, stored_articles, stored_teasers, true_teasers
from tests.waiting import HANGS, ROOT

PACKAGES = ("smartdaily_crawler", "pipelines")
ADDON = '"smartdaily_crawler.addon.SmartDailyAddon": 500'

SETTINGS = f"""
ADDONS = {{{ADDON}}}
COMMANDS_MODULE = "smartdaily_crawler.commands"
LOG_LEVEL = "INFO"
USER_AGENT = "theirs/1.0"
RETRY_TIMES = 7
CAUGHT_UP_AFTER = 3
ITEM_PIPELINES = {{"theirs.pipelines.Count": 900}}
DOWNLOADER_MIDDLEWARES = {{"theirs.middlewares.Mark": 543}}
SPIDER_MIDDLEWARES = {{"theirs.middlewares.Listen": 543}}
EXTENSIONS = {{"scrapy.extensions.telnet.TelnetConsole": None}}
"""
PIPELINES = """
class Count:
    def __init__(self, stats):
        self.stats = stats

    @classmethod
    def from_crawler(cls, crawler):
        return cls(crawler.stats)

    def process_item(self, item):
        self.stats.inc_value(f"theirs/{type(item).__name__}")
        return item
"""
MIDDLEWARES = """
class Mark:
    def process_request(self, request):
        request.headers["X-Theirs"] = "1"


class Listen:
    async def process_spider_output(self, response, result):
        async for each in result:
            yield each
"""
SPIDERS = """
import json

import scrapy

import pipelines
import smartdaily_crawler
from smartdaily_crawler.spiders.smartdaily import SmartDailySpider

NAMES = (
    "USER_AGENT RETRY_TIMES CAUGHT_UP_AFTER BOT_NAME COOKIES_ENABLED AUTOTHROTTLE_ENABLED CONCURRENT_ITEMS DOWNLOAD_TIMEOUT"
    " DOWNLOAD_DELAY REQUEST_FINGERPRINTER_CLASS TELNETCONSOLE_ENABLED LOG_LEVEL PLAYWRIGHT_BROWSER_TYPE"
).split()
COMPONENTS = "ITEM_PIPELINES DOWNLOADER_MIDDLEWARES SPIDER_MIDDLEWARES EXTENSIONS DOWNLOAD_HANDLERS FEED_EXPORTERS".split()


def report(settings):
    found = {name: settings[name] for name in NAMES} | {name: sorted(settings.getdict(name)) for name in COMPONENTS}
    found["imported"] = [smartdaily_crawler.__file__, pipelines.__file__]
    with open("settings.json", "w") as file:
        json.dump(found, file)


class News(SmartDailySpider):
    name = "news"

    def closed(self, reason):
        report(self.settings)


class Plain(scrapy.Spider):
    name = "plain"

    async def start(self):
        yield scrapy.Request(self.url)

    def parse(self, response):
        yield {"title": response.css("title::text").get(), "agent": response.request.headers["User-Agent"].decode()}

    def closed(self, reason):
        report(self.settings)
"""

Run = Callable[..., "CompletedProcess[str]"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what is built: setuptools leaves its work beside it."""
    folder = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "MANIFEST.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    built = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(built), str(source))
    [wheel] = built.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def library(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the wheel is installed in."""
    folder = tmp_path_factory.mktemp("library")
    pip("install", "--no-deps", "--no-index", "--target", str(folder), str(wheel))
    return folder


@pytest.fixture(scope="module")
def started(library: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``scrapy startproject`` makes."""
    folder = tmp_path_factory.mktemp("started")
    scrapy(folder, library, "startproject", "theirs", ".")
    return folder


@pytest.fixture
def folder(started: Path, tmp_path: Path) -> Path:
    """A new project named ``theirs``."""
    return shutil.copytree(started, tmp_path, dirs_exist_ok=True)


@pytest.fixture
def run(library: Path, folder: Path, database_url: str) -> Run:
    """Run ``scrapy ARGUMENT…`` in a project with the add-on, against the test's own database."""
    with (folder / "theirs" / "settings.py").open("a") as settings:
        settings.write(f"{SETTINGS}DATABASE_URL = {database_url!r}\n")
    (folder / "theirs" / "pipelines.py").write_text(PIPELINES)
    (folder / "theirs" / "middlewares.py").write_text(MIDDLEWARES)
    (folder / "theirs" / "spiders" / "both.py").write_text(SPIDERS)
    return lambda *arguments: scrapy(folder, library, *arguments)


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=HANGS, check=False)
    assert done.returncode == 0, done.stderr


def scrapy(folder: Path, library: Path, *arguments: str) -> CompletedProcess[str]:
    foreign = (
        "SITE_URL",
        "SCRAPY_JOB",
        "DATABASE_URL",
        "LOG_FILE",
        "LOG_LEVEL",
        "SCRAPY_SETTINGS_MODULE",
        "PYTHONPATH",
    )
    environment = {name: value for name, value in os.environ.items() if name not in foreign}
    return subprocess.run(
        [sys.executable, "-W", "default", "-m", "scrapy", *arguments],
        cwd=folder,
        env={**environment, "PYTHONPATH": str(library), "DATA_DIR": str(folder / "data")},
        capture_output=True,
        text=True,
        timeout=HANGS,
        check=False,
    )


def test_the_wheel_holds_what_is_needed(wheel: Path) -> None:
    needed = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    with zipfile.ZipFile(wheel) as opened:
        held = {name for name in opened.namelist() if ".dist-info/" not in name}
        [metadata] = [name for name in opened.namelist() if name.endswith(".dist-info/METADATA")]
        told = Parser().parsestr(opened.read(metadata).decode())
    assert held == needed
    assert {Path(name).suffix for name in held} >= {".js", ".lua", ".toml", ".mako", ".typed"}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    assert told.get_all("Provides-Extra") == list(extras)
    required = [each.partition(";") for each in told.get_all("Requires-Dist", [])]
    assert [name(each) for each, _, when in required if not when] == [name(d) for d in project["dependencies"]]
    optional = [(name(each), when.strip()) for each, _, when in required if when]
    assert optional == [(name(each), f'extra == "{extra}"') for extra, needed in extras.items() for each in needed]


def name(requirement: str) -> str:
    return requirement.partition(">")[0].partition("<")[0].strip()


@pytest.mark.parametrize(
    "line", ["{wheel}[playwright]", "smartdaily-crawler[playwright] @ file://{wheel}", "{source}[playwright]"]
)
def test_the_documented_install_lines_are_understood(source: Path, wheel: Path, line: str) -> None:
    folder = str(wheel.parent / "none")
    options = ("--dry-run", "--no-deps", "--no-index", "--no-build-isolation", "--target", folder)
    pip("install", *options, line.format(wheel=wheel, source=source))


def test_our_spider_stores_what_the_site_shows(run: Run, folder: Path, library: Path, engine: Engine) -> None:
    site = Site(day=1, categories=SMALL)
    with serve(site) as server:
        done = run("crawl", "news", "-a", f"site_url={server.url}")
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    truth = site.truth()
    assert differences(stored_articles(engine), truth) == []
    assert stored_teasers(engine) == true_teasers(truth)
    [line] = run("runs").stdout.splitlines()[1:]
    assert "news" in line
    [row] = select(engine, "SELECT spider, verdict, stats FROM api.run")
    assert (row["spider"], row["verdict"]) == ("news", "healthy")
    # Their pipeline comes after ours; an article that is met at two addresses is two items.
    assert row["stats"]["theirs/Article"] >= len(truth.articles)

    settings = json.loads((folder / "settings.json").read_text())
    assert all(path.startswith(f"{library}{os.sep}") for path in settings["imported"])
    theirs = {
        "USER_AGENT": "theirs/1.0",
        "RETRY_TIMES": 7,
        "CAUGHT_UP_AFTER": 3,
        "BOT_NAME": "theirs",
        "LOG_LEVEL": "INFO",
    }
    ours = {
        "COOKIES_ENABLED": False,
        "CONCURRENT_ITEMS": 2,
        "DOWNLOAD_TIMEOUT": 20,
        "REQUEST_FINGERPRINTER_CLASS": "smartdaily_crawler.crawl.fingerprint.CanonicalRequestFingerprinter",
        "TELNETCONSOLE_ENABLED": False,
        "PLAYWRIGHT_BROWSER_TYPE": "chromium",
        "DOWNLOAD_DELAY": 0,  # the site is on loopback
    }
    assert settings | theirs | ours == settings
    for name, component in {
        "ITEM_PIPELINES": ("theirs.pipelines.Count", "pipelines.persist.PersistPipeline"),
        "DOWNLOADER_MIDDLEWARES": ("theirs.middlewares.Mark", "smartdaily_crawler.middlewares.robots.RobotsMiddleware"),
        "SPIDER_MIDDLEWARES": ("theirs.middlewares.Listen", "smartdaily_crawler.middlewares.offsite.OffsiteMiddleware"),
        "EXTENSIONS": ("scrapy.extensions.telnet.TelnetConsole", "pipelines.run.context.RunContext"),
        "DOWNLOAD_HANDLERS": ("http", "https"),
        "FEED_EXPORTERS": ("csv", "jsonl"),
    }.items():
        assert set(component) <= set(settings[name]), name


def test_a_plain_spider_beside_it_gets_nothing_of_ours(run: Run, folder: Path, engine: Engine) -> None:
    with serve(Site(day=1, categories=SMALL)) as server:
        done = run("crawl", "plain", "-a", f"url={server.url}", "-O", "out.jsonl")
    assert done.returncode == 0, done.stderr
    assert "ERROR" not in done.stderr
    assert "'theirs/dict': 1" in done.stderr
    [item] = map(json.loads, (folder / "out.jsonl").read_text(encoding="utf-8").splitlines())
    assert item["title"].startswith("智能日报")
    assert item["agent"] == "theirs/1.0"
    settings = json.loads((folder / "settings.json").read_text())
    scrapys = {
        "COOKIES_ENABLED": True,
        "AUTOTHROTTLE_ENABLED": False,
        "CONCURRENT_ITEMS": 100,
        "DOWNLOAD_TIMEOUT": 180,
        "DOWNLOAD_DELAY": 1,
        "REQUEST_FINGERPRINTER_CLASS": "scrapy.utils.request.RequestFingerprinter",
        "TELNETCONSOLE_ENABLED": True,
        "PLAYWRIGHT_BROWSER_TYPE": None,
        "RETRY_TIMES": 7,
        "ITEM_PIPELINES": ["theirs.pipelines.Count"],
        "DOWNLOADER_MIDDLEWARES": ["theirs.middlewares.Mark"],
        "SPIDER_MIDDLEWARES": ["theirs.middlewares.Listen"],
        "EXTENSIONS": ["scrapy.extensions.telnet.TelnetConsole"],
        "DOWNLOAD_HANDLERS": [],
        "FEED_EXPORTERS": [],
    }
    assert settings | scrapys == settings
    assert select(engine, "SELECT 1 FROM api.run") == []
    assert not (folder / "data").exists()


def test_what_the_command_line_sets_is_left_as_it_is(run: Run, folder: Path, engine: Engine) -> None:
    with serve(Site(day=1, categories=SMALL)) as server:
        done = run("crawl", "news", "-a", f"site_url={server.url}", "-s", "ITEM_PIPELINES={}", "-a", "max_pages=1")
    assert done.returncode == 0, done.stderr
    assert json.loads((folder / "settings.json").read_text())["ITEM_PIPELINES"] == []
    assert "verdict: healthy" in done.stderr
    assert select(engine, "SELECT 1 FROM api.run") == []


def test_our_commands_work_there(run: Run, empty_database_url: str) -> None:
    for command, shown in {
        ("db", "upgrade", "-s", f"DATABASE_URL={empty_database_url}"): "schema up to date",
        ("crawl", "news"): "scrapy crawl: no site to crawl: set SITE_URL, give -a site_url=",
    }.items():
        done = run(*command)
        assert shown in done.stdout + done.stderr, done.stderr
        assert "Traceback" not in done.stderr
        assert done.returncode == (2 if command[0] == "crawl" else 0), done.stderr
    site = Site(day=1, categories=SMALL)
    first = site.truth().articles[0]
    with serve(site) as server:
        shown = run("inspect", "--json", f"{server.url}{first.path[1:]}").stdout
        assert json.loads(shown)["title"] == first.title


@pytest.mark.parametrize("command", [("runs",), ("crawl", "news")], ids=" ".join)
def test_our_commands_without_the_addon_say_what_is_missing(run: Run, command: tuple[str, ...]) -> None:
    done = run(*command, "-s", "ADDONS={}")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert (
        f"\nscrapy {command[0]}: this project's settings have no values:"
        " add smartdaily_crawler.addon.SmartDailyAddon to ADDONS\n"
    ) in f"\n{done.stdout}{done.stderr}"
