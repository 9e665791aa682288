"""Measure `scrapy export` of up to a million articles as Parquet, and read the file by the libraries that are installed."""

from __future__ import annotations

import os
import time
from argparse import Namespace
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.harness import Report, fresh_database, scrapy, scratch_server, setting, timed
from bench.storage_filling import fill

TABLES = ("article", "article_category")
MOST_MEGABYTES = 500.0


def measure_export(report: Report, options: Namespace) -> None:
    count = 20_000 if options.small else 1_000_000
    with (
        scratch_server(options.folder, fsync=False) as server,
        fresh_database(server, "exporting") as engine,
        TemporaryDirectory(prefix="smartdaily-bench-", dir=options.folder) as folder,
    ):
        fill(engine, count, *TABLES)
        report.setting = f"{count:,} articles, {setting(engine)}"
        for name in ("parquet", "jsonl", "csv"):
            file = Path(folder, f"articles.{name}")
            started = time.perf_counter()
            process = scrapy("export", "articles", "-o", str(file), engine=engine)
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            if process.returncode:
                raise RuntimeError(f"scrapy export ended with {process.returncode}")
            report.line(f"{name}", time.perf_counter() - started, "s")
            report.line(f"{name}, processor time of the command", used.ru_utime + used.ru_stime, "s")
            report.line(f"{name}, peak memory", used.ru_maxrss / 1024, "MB", most=MOST_MEGABYTES)
            report.line(f"{name}, size", file.stat().st_size / 2**20, "MB")
        file = Path(folder, "articles.parquet")
        for library, read in READERS.items():
            if find_spec(library):
                # Raises an error for types that are not those of docs/exports.md.
                report.line(f"count by day and category with {library}", timed(lambda: read(file, count)), "s")  # noqa: B023 - called at once


def _with_pandas(file: Path, count: int) -> None:
    import pandas as pd  # noqa: PLC0415 - not installed with the project

    articles = pd.read_parquet(
        file, columns=["published_on", "published_at", "categories", "duplicate_of"], dtype_backend="pyarrow"
    )
    found = [
        "date32[day][pyarrow]",
        "timestamp[us, tz=UTC][pyarrow]",
        "list<element: string>[pyarrow]",
        "int64[pyarrow]",
    ]
    _check([str(each) for each in articles.dtypes], found)
    _check(int(articles.explode("categories").groupby(["published_on", "categories"]).size().sum()), count)


def _with_polars(file: Path, count: int) -> None:
    import polars as pl  # noqa: PLC0415 - as above

    articles = pl.scan_parquet(file)
    schema = articles.collect_schema()
    found = [schema[name] for name in ("published_on", "published_at", "categories", "duplicate_of")]
    _check(found, [pl.Date, pl.Datetime("us", "UTC"), pl.List(pl.String), pl.Int64])
    days = articles.explode("categories").group_by("published_on", "categories").len().collect()
    _check(days["len"].sum(), count)


def _with_duckdb(file: Path, count: int) -> None:
    import duckdb  # noqa: PLC0415 - as above

    with duckdb.connect() as connection:
        names = "published_on, published_at, categories, duplicate_of"
        described = connection.execute(f"DESCRIBE SELECT {names} FROM '{file}'").fetchall()
        _check([row[1] for row in described], ["DATE", "TIMESTAMP WITH TIME ZONE", "VARCHAR[]", "BIGINT"])
        days = f"SELECT published_on, unnest(categories) AS category FROM '{file}'"
        query = f"SELECT sum(times) FROM (SELECT count(*) AS times FROM ({days}) GROUP BY ALL)"
        _check(connection.execute(query).fetchone(), (count,))


def _check(found: object, expected: object) -> None:
    if found != expected:
        raise RuntimeError(f"read {found}, expected {expected}")


READERS: dict[str, Callable[[Path, int], None]] = {
    "pandas": _with_pandas,
    "polars": _with_polars,
    "duckdb": _with_duckdb,
}
