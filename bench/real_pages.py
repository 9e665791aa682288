"""Crawl a folder of labelled real pages, served by its own ``serve.py``, into a database of its own.

``python -m bench.real_pages PAGES_DIR`` prints how many of the pages ended in an outcome, how many exceptions there were, and
how many titles and dates are as labelled. The folder holds ``serve.py`` and ``articles.json``: a list of objects with ``file``,
``title`` and ``date`` (``YYYY-MM-DD…`` or null).
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from sqlalchemy import Engine, text

from pipelines.storage.database import open_database
from pipelines.storage.schema import migrate

STATS = "SELECT stats FROM api.run"
ENDS = "SELECT url, outcome, reason FROM api.outcome WHERE kind = 'article'"
ARTICLES = "SELECT url, title, published_on FROM api.article WHERE state = 'fetched'"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.real_pages", description=__doc__.splitlines()[0])
    parser.add_argument("pages", type=Path, help="folder of the pages")
    pages: Path = parser.parse_args().pages
    if not (pages / "serve.py").is_file() or not (pages / "articles.json").is_file():
        print(f"bench.real_pages: {pages} has no serve.py and articles.json", file=sys.stderr)
        return 2
    labels = json.loads((pages / "articles.json").read_text(encoding="utf-8"))
    with (
        tempfile.TemporaryDirectory() as folder,
        open_database(None, Path(folder)) as database,
        serving(pages) as url,
    ):
        migrate.upgrade(database.engine)
        crawl(url, database.engine)
        report(labels, url, database.engine)
    return 0


@contextmanager
def serving(pages: Path) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen([sys.executable, str(pages / "serve.py"), str(port)])
    url = f"http://127.0.0.1:{port}/"
    try:
        for _ in range(100):
            try:
                urlopen(url).close()
            except OSError:
                if server.poll() is not None:
                    raise
            else:
                break
        yield url
    finally:
        server.terminate()
        server.wait()


def crawl(url: str, engine: Engine) -> None:
    environment = os.environ | {
        "SITE_URL": url,
        "DATABASE_URL": engine.url.render_as_string(hide_password=False),
        "LOG_LEVEL": "ERROR",
    }
    subprocess.run([sys.executable, "-m", "scrapy", "crawl", "smartdaily"], env=environment, check=False)


def report(labels: list[dict[str, Any]], url: str, engine: Engine) -> None:
    with engine.connect() as connection:
        stats = connection.execute(text(STATS)).scalar_one()
        ends = {row.url.removeprefix(url): row for row in connection.execute(text(ENDS))}
        articles = {row.url.removeprefix(url): row for row in connection.execute(text(ARTICLES))}
    wrong = Counter[str]()
    for label in labels:
        article = articles.get(label["file"])
        day = (label["date"] or "")[:10] or None
        for name, said, read in (
            ("title", label["title"], article and article.title),
            ("date", day, article and article.published_on and article.published_on.isoformat()),
        ):
            if said != read:
                wrong[name] += 1
                print(f"{name:6} {label['file']}: labelled {said!r}, stored {read!r}")
    unended = [label["file"] for label in labels if label["file"] not in ends]
    exceptions = sum(
        n for name, n in stats.items() if name.startswith(("spider_exceptions/", "log_count/ERROR"))
    )
    print(
        f"outcomes   {len(labels) - len(unended)} of {len(labels)}: {dict(Counter(e.outcome for e in ends.values()))}"
    )
    print(f"exceptions {exceptions}")
    for name in ("title", "date"):
        print(f"{name:10} {len(labels) - wrong[name]} of {len(labels)} as labelled")


if __name__ == "__main__":
    sys.exit(main())
