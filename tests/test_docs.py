"""The docs are in step with the code: settings, commands, targets, columns, queries, links."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest
from scrapy.settings import default_settings
from sqlalchemy import Engine, text

from demo.server import serve
from demo.site import Site
from pipelines.run.verdict import EXIT_CODES
from smartdaily_crawler import settings
from smartdaily_crawler.crawl.arguments import WalkArguments
from smartdaily_crawler.own_settings import OWN
from tests.waiting import ROOT
from tests.warm import Command

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SCHEMA = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")
ALL = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def own_settings() -> set[str]:
    return {
        name
        for name in dir(settings)
        if name.isupper() and not name.startswith("_") and not hasattr(default_settings, name)
    }


def test_every_setting_is_documented_and_exists() -> None:
    assert set(OWN) == own_settings()
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", SETTINGS, re.MULTILINE))
    assert own_settings() - documented == set()
    assert {name for name in documented if not hasattr(settings, name)} == set()


def test_documented_defaults_are_the_defaults() -> None:
    numbers = re.findall(r"^\| `([A-Z_]+)` \| (\d+) \|", SETTINGS, re.MULTILINE) + re.findall(
        r"`([A-Z_]+)` (\d+(?:\.\d+)?)\b", SETTINGS
    )
    assert len(numbers) >= 8
    assert {name: float(value) for name, value in numbers} == {
        name: float(getattr(settings, name)) for name, _ in numbers
    }


def test_exit_codes_are_documented() -> None:
    operations, scrapyd = (
        (ROOT / "docs" / name).read_text(encoding="utf-8") for name in ("operations.md", "scrapyd.md")
    )
    documented = re.findall(r"^\| `(\w+)` \|.*\| (\d) \|$", operations, re.MULTILINE)
    assert {verdict: int(code) for verdict, code in documented if verdict in EXIT_CODES} == EXIT_CODES
    [values] = re.findall(r"onExitCodes: .*values: \[([\d, ]+)\]", scrapyd)
    not_retried = {EXIT_CODES[verdict] for verdict in ("refused", "degraded", "stopped")} | {2}
    assert {int(code) for code in values.split(",")} == not_retried


def test_every_spider_argument_is_documented() -> None:
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", SETTINGS, re.MULTILINE))
    assert documented == set(WalkArguments.__dataclass_fields__)


def test_spider_arguments_in_the_docs_exist() -> None:
    named = set(re.findall(r"-a,? ([a-z_]+)=", ALL))
    assert named >= {"site_url", "wait"}
    assert named - set(WalkArguments.__dataclass_fields__) == set()


def test_environment_example_names_what_is_read() -> None:
    source = (ROOT / "smartdaily_crawler" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'environ\.get\("(\w+)"\)', source)) - {"SCRAPY_JOB"}
    filled_in = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yml").read_text(encoding="utf-8")))
    assert read | filled_in == set(
        re.findall(r"^#(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE)
    )


def test_only_settings_read_the_environment() -> None:
    readers = {
        str(path.relative_to(ROOT))
        for package in ("smartdaily_crawler", "pipelines")
        for path in (ROOT / package).rglob("*.py")
        if re.search(r"environ\b|getenv", path.read_text(encoding="utf-8"))
    }
    # psql runs in its caller's environment, with the password added.
    assert readers == {"smartdaily_crawler/settings.py", "smartdaily_crawler/commands/db.py"}


def test_make_targets_in_the_docs_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)\b", ALL))
    assert named - targets == set()
    help_text = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert all(f"make {target}" in help_text for target in targets)


def test_commands_in_the_docs_exist() -> None:
    ours = {path.stem for path in (ROOT / "smartdaily_crawler" / "commands").rglob("[a-z]*.py")}
    named = set(re.findall(r"\bscrapy ([a-z]+)\b", ALL)) - {
        "list",
        "version",
        "genspider",
        "startproject",
        "bench",
        "runspider",
    }
    assert ours - named == set()
    assert named - ours <= {"schedule"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_have_targets(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / target).exists(), target


def test_every_page_of_the_docs_is_on_the_map() -> None:
    names = {page.name for page in (ROOT / "docs").glob("*.md")}
    assert names <= set(re.findall(r"docs/([\w-]+\.md)", README))
    assert names <= set(re.findall(r"- ([\w-]+\.md)$", (ROOT / "mkdocs.yml").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_column_of_the_contract_is_documented(engine: Engine) -> None:
    with engine.connect() as connection:
        columns = connection.execute(
            text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'api'")
        ).all()
    assert len(columns) > 80
    missing = {f"api.{view}.{column}" for view, column in columns if f"`{column}`" not in section_of(view)}
    assert missing == set()


def section_of(view: str) -> str:
    """Return the section of docs/schema.md on a view; the feed has the columns of api.article too."""
    row = re.search(rf"^\| `api\.{view}` \|.*$", SCHEMA, re.MULTILINE)
    if row:
        return row[0]
    found = re.search(rf"^## `api\.{view}`.*?(?=^## |\Z)", SCHEMA, re.MULTILINE | re.DOTALL)
    assert found, f"docs/schema.md says nothing of api.{view}"
    return found[0] + (section_of("article") if view == "article_change" else "")


def sql_blocks() -> list[str]:
    return [
        block
        for page in (README, SCHEMA, (ROOT / "docs" / "operations.md").read_text(encoding="utf-8"))
        for block in re.findall(r"```sql\n(SELECT.*?|WITH.*?)```", page, re.DOTALL)
    ]


def test_queries_in_the_docs_run(engine: Engine) -> None:
    blocks = sql_blocks()
    assert len(blocks) >= 5
    with engine.connect() as connection:
        for block in blocks:
            values = {"last_xid": "0", "last_seq": 0}
            connection.execute(text(block.rstrip().rstrip(";")), {k: v for k, v in values.items() if f":{k}" in block})


def rows_of(table: str) -> dict[str, str]:
    """Return the cells of the middle column by the name in the first one, without white space, up to a line ``…``."""
    rows: dict[str, str] = {}
    name = ""
    for line in table.splitlines():
        if line == "…":
            break
        if line.startswith("│"):
            first, middle, *_ = (cell.strip() for cell in line.strip("│").split("│"))
            name = first or name
            rows[name] = rows.get(name, "") + "".join(middle.split())
    return rows


def test_the_readme_prints_what_inspect_prints(command: Command) -> None:
    with serve(Site(day=9)) as server:
        [(path, table)] = re.findall(r"scrapy inspect .*?8765/(\S+)\n(┌.*?)```", README, re.DOTALL)
        done = command("scrapy", "inspect", "-L", "WARNING", f"{server.url}{path}", environment=dict(os.environ))
    assert done.returncode == 0, done.stderr
    printed, shown = rows_of(done.stdout.replace(server.url, "http://127.0.0.1:8765/")), rows_of(table)
    assert len(shown) >= 9
    assert {name: printed[name][: len(cell)] for name, cell in shown.items()} == shown


def test_the_picture_of_a_crawl_is_of_the_bundled_site() -> None:
    picture = (ROOT / "docs" / "crawl.svg").read_text(encoding="utf-8").replace("&#160;", " ")
    truth = Site(day=9).truth()
    assert f"{len(truth.articles)} articles, " in picture
    assert f" {len(truth.categories)} categories" in picture
    assert "http" not in re.sub(r"http://(www\.w3\.org|127\.0\.0\.1)|https://www\.textualize\.io", "", picture)
    assert len(picture) < 60_000
