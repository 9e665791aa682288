"""Shared parts of the benchmarks: options, figures and their tables, a database server, processes that serve or crawl."""

from __future__ import annotations

import argparse
import os
import platform
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.request import urlopen

from sqlalchemy import Engine, text

from pipelines.storage.db.engine import connect
from pipelines.storage.embedded.server import EmbeddedServer, embedded_server
from pipelines.storage.schema import migrate

ROOT = Path(__file__).parents[1]
NO_BOUND = 1e9
NONE = "–"
START_SECONDS = 60
STATEMENT_SECONDS = 3600


class Parser(argparse.ArgumentParser):
    """Options of a benchmark: ``--write``, and ``--small`` if its help text ``small`` is given."""

    def __init__(self, name: str, description: str | None, small: str = "") -> None:
        super().__init__(
            prog=f"python -m bench.{name}", description=description, formatter_class=argparse.RawTextHelpFormatter
        )
        if small:
            self.add_argument("--small", action="store_true", help=small)
        tables = "write the tables into this page of the docs" + (", not with --small" if small else "")
        self.add_argument("--write", type=Path, metavar="PAGE", help=tables)

    def check_page(self, page: Path, *names: str) -> None:
        """Exit with code 2 if the page has no place for the tables, before anything is measured."""
        try:
            for name in names:
                replace_table(page.read_text(encoding="utf-8"), name, "")
        except (OSError, ValueError) as error:
            self.error(f"--write {page}: {error}")


@dataclass
class Report:
    """Figures in the order of calls of ``line``, which prints each; a figure outside its bound fails the benchmark."""

    missed: list[str] = field(default_factory=list)
    rows: list[tuple[str, str, str]] = field(default_factory=list)
    setting: str = ""

    def line(self, name: str, value: float, unit: str = "", *, least: float = 0.0, most: float = NO_BOUND) -> None:
        kept = least <= value <= most
        bound = f"at least {least:g}" if least else f"at most {most:g}" if most < NO_BOUND else ""
        note = (f"  ({bound})" if bound else "") + ("" if kept else "  MISSED")
        print(f"{name:<58} {value:12,.3f} {unit:<6}{note}", flush=True)
        self.rows.append((name, f"{short(value)} {unit}".strip(), bound))
        if not kept:
            self.missed.append(name)

    def table(self) -> str:
        return markdown((f"{datetime.now(UTC):%Y-%m-%d}, {self.setting}", "", "bound"), self.rows)


def exit_code(missed: Iterable[str]) -> int:
    """Print the lines to standard error; return 1 if there are any, else 0."""
    lines = list(missed)
    for line in lines:
        print(line, file=sys.stderr)
    return int(bool(lines))


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    ruler = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ruler, *rows))


def write_table(page: Path, name: str, table: str) -> None:
    """Write a table between the page's markers of that name. Raise ``ValueError`` if it has none."""
    page.write_text(replace_table(page.read_text(encoding="utf-8"), name, table), encoding="utf-8")


def replace_table(page: str, name: str, table: str) -> str:
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    marked = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not marked.search(page):
        raise ValueError(f"the page has no {begin} … {end} to write between")
    return marked.sub(lambda _: f"{begin}\n{table}\n{end}", page, count=1)


def short(value: float) -> str:
    """Return a number with three digits.

    >>> short(12345.6), short(12.345), short(0.2513), short(0)
    ('12,346', '12.3', '0.251', '0')
    """
    if value >= 100 or value == int(value):  # noqa: PLR2004 - three digits are enough
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.3f}"  # noqa: PLR2004 - as above


def timed(action: Callable[[], object]) -> float:
    """Return the seconds that the action takes."""
    started = time.perf_counter()
    action()
    return time.perf_counter() - started


@contextmanager
def polling(look: Callable[[], object], pause: float) -> Iterator[None]:
    """Call ``look`` every ``pause`` seconds, in a thread, until the block ends; then raise its exception if it had any."""
    ended = threading.Event()

    def poll() -> None:
        while not ended.wait(pause):
            look()

    with ThreadPoolExecutor(1) as pool:
        polls = pool.submit(poll)
        try:
            yield
        finally:
            ended.set()
        polls.result()


@contextmanager
def scratch_server(folder: Path | None, *, fsync: bool) -> Iterator[EmbeddedServer]:
    """Run a database server with its data in a temporary folder under ``folder``.

    :param fsync: commits wait for the disk.
    """
    with TemporaryDirectory(prefix="smartdaily-bench-", dir=folder) as name:
        home = Path(name)
        home.chmod(0o755)
        with embedded_server(home, fsync=fsync) as server:
            yield server


@contextmanager
def fresh_database(server: EmbeddedServer, name: str, *, migrated: bool = True) -> Iterator[Engine]:
    """Create a database on the server, and drop it afterwards; statements have ``STATEMENT_SECONDS``."""
    owner = connect(server.url(), application_name="bench")
    execute(owner, f"CREATE DATABASE {name}")
    engine = connect(server.url(name), application_name="bench", timeout=STATEMENT_SECONDS)
    if migrated:
        migrate.upgrade(engine)
    yield engine
    engine.dispose()
    execute(owner, f"DROP DATABASE {name} WITH (FORCE)")
    owner.dispose()


@contextmanager
def copied(server: EmbeddedServer, name: str, template: str | None = None) -> Iterator[Engine]:
    """Create a database, from a template if one is given."""
    owner = connect(server.url(), application_name="bench")
    execute(
        owner, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}" + f" TEMPLATE {template}" * bool(template)
    )
    owner.dispose()
    engine = connect(server.url(name), application_name="bench")
    try:
        yield engine
    finally:
        engine.dispose()


def execute(engine: Engine, *statements: str) -> None:
    """Run each statement in a transaction of its own."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for statement in ("SET maintenance_work_mem = '1GB'", *statements):
            connection.execute(text(statement))


def scalar(engine: Engine, statement: str, **values: Any) -> Any:
    with engine.connect() as connection:
        return connection.scalar(text(statement), values)


def setting(engine: Engine) -> str:
    """Return versions, number of cores, and load, which includes the benchmark."""
    version = scalar(engine, "SELECT current_setting('server_version')")
    return f"PostgreSQL {version}, Python {platform.python_version()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def scrapy(*arguments: str, engine: Engine, checkout: Path = ROOT, **environment: str) -> subprocess.Popen[bytes]:
    """Start a ``scrapy`` command of a checkout with the database of ``engine``."""
    database = f"DATABASE_URL={engine.url.render_as_string(hide_password=False)}"
    return subprocess.Popen(
        [sys.executable, "-m", "scrapy", *arguments, "-s", database],
        cwd=checkout,
        env=os.environ | {"LOG_LEVEL": "ERROR"} | environment,
    )


@contextmanager
def serving(*arguments: str) -> Iterator[str]:
    """Serve a site by ``python ARGUMENT… PORT`` on a free port, and stop it afterwards; yield its URL once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, *arguments, str(port)], cwd=ROOT, stdout=subprocess.DEVNULL)
    url, deadline = f"http://127.0.0.1:{port}/", time.monotonic() + START_SECONDS
    try:
        while True:
            try:
                urlopen(url).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait()
