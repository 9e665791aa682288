"""Crawl a folder of labelled real pages, served by its ``serve.py``, into a temporary database.

``python -m bench.real_pages PAGES_DIR`` prints how many of the pages have an outcome, the number of exceptions, and
how many titles and dates are as labelled. The folder has ``serve.py`` and ``articles.json``: a list of objects with ``file``,
``title`` and ``date`` (``YYYY-MM-DD…`` or null).
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from bench.harness import fresh_database, scalar, scrapy, scratch_server, serving

OUTCOMES = text("SELECT url, outcome FROM api.outcome WHERE kind = 'article'")
ARTICLES = text("SELECT url, title, published_on FROM api.article WHERE state = 'fetched'")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.real_pages", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("pages", type=Path, help="folder of the pages")
    pages: Path = parser.parse_args().pages.resolve()
    if not (pages / "serve.py").is_file() or not (pages / "articles.json").is_file():
        print(f"bench.real_pages: {pages} has no serve.py and articles.json", file=sys.stderr)
        return 2
    labels = json.loads((pages / "articles.json").read_text(encoding="utf-8"))
    with (
        scratch_server(None, fsync=False) as server,
        fresh_database(server, "bench") as engine,
        serving(str(pages / "serve.py")) as url,
    ):
        scrapy("crawl", "smartdaily", engine=engine, SITE_URL=url).wait()
        report(labels, url, engine)
    return 0


def report(labels: list[dict[str, Any]], url: str, engine: Engine) -> None:
    stats = scalar(engine, "SELECT stats FROM api.run")
    with engine.connect() as connection:
        outcomes = {row.url.removeprefix(url): row.outcome for row in connection.execute(OUTCOMES)}
        articles = {row.url.removeprefix(url): row for row in connection.execute(ARTICLES)}
    right = Counter[str]()
    for label in labels:
        article = articles.get(label["file"])
        day = article.published_on.isoformat() if article and article.published_on else None
        for name, labelled, stored in (
            ("title", label["title"], article and article.title),
            ("date", (label["date"] or "")[:10] or None, day),
        ):
            right[name] += labelled == stored
            if labelled != stored:
                print(f"{name:6} {label['file']}: labelled {labelled!r}, stored {stored!r}")
    ended = sum(label["file"] in outcomes for label in labels)
    exceptions = sum(n for name, n in stats.items() if name.startswith(("spider_exceptions/", "log_count/ERROR")))
    print(f"outcomes   {ended} of {len(labels)}: {dict(Counter(outcomes.values()))}")
    print(f"exceptions {exceptions}")
    for name in ("title", "date"):
        print(f"{name:10} {right[name]} of {len(labels)} as labelled")


if __name__ == "__main__":
    sys.exit(main())
