"""Measure the storage on a temporary server: `python -m bench.storage writing|growth|feed|near-duplicates|search|reading|pages|partitions|replica|export|crawlers|two-sites`.

`two-sites` measures how far two crawls into one database slow each other down.
"""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable
from pathlib import Path

from bench.harness import ROOT, Parser, Report, exit_code, write_table
from bench.storage_crawlers import measure_crawlers
from bench.storage_export import measure_export
from bench.storage_feed import measure_feed
from bench.storage_pages import measure_pages
from bench.storage_partitions import measure_partitions
from bench.storage_reading import measure_reading
from bench.storage_replica import measure_replica
from bench.storage_sites import measure_two_sites
from bench.storage_texts import measure_near_duplicates, measure_search
from bench.storage_writing import measure_growth, measure_writing

MEASURES: dict[str, Callable[[Report, Namespace], None]] = {
    "writing": measure_writing,
    "growth": measure_growth,
    "feed": measure_feed,
    "near-duplicates": measure_near_duplicates,
    "search": measure_search,
    "reading": measure_reading,
    "pages": measure_pages,
    "partitions": measure_partitions,
    "replica": measure_replica,
    "export": measure_export,
    "crawlers": measure_crawlers,
    "two-sites": measure_two_sites,
}


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("storage", __doc__, small="the same bounds on fewer rows, in a minute, for CI")
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("--folder", type=Path, help="folder for the data of the temporary server (default: TMPDIR)")
    parser.add_argument("--articles", type=int, help="partitions: number of articles (default: 1,000,000)")
    parser.add_argument(
        "--checkout", type=Path, default=ROOT, help="two-sites: the checkout that crawls (default: this one)"
    )
    options = parser.parse_args(arguments)
    if write := options.write and not options.small:
        parser.check_page(options.write, options.measure)
    report = Report()
    MEASURES[options.measure](report, options)
    if write:
        write_table(options.write, options.measure, report.table())
    return exit_code(f"missed: {name}" for name in report.missed)


if __name__ == "__main__":
    sys.exit(main())
