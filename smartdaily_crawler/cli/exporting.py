"""What ``scrapy export`` does with its options."""

from __future__ import annotations

import argparse
from urllib.parse import urlsplit

from pipelines.export.formats import Format, need_pyarrow
from pipelines.export.s3 import OPTIONS, S3, SCHEME
from pipelines.export.targets import opened
from pipelines.storage.read import runs, tables
from pipelines.storage.read.feed import Cursor
from pipelines.storage.read.tables import Selection, Snapshot
from smartdaily_crawler.cli.operator_command import OperatorCommand
from smartdaily_crawler.cli.options import check_site, number_of, since_of
from smartdaily_crawler.crawl.arguments import ArgumentError

_SUBJECTS = {
    "since": ("articles", "teasers", "revisions", "graph"),
    "after": ("articles", "revisions", "changes"),
    **dict.fromkeys(("category", "number", "address"), ("feed",)),
}
"""Subjects that have an option; those that are not here are for all."""
_WHY_NOT = {
    ("changes", "since"): "a change has no time of its own; --after CURSOR gives the changes after another one",
    ("teasers", "after"): "teasers change without a change of their article; use --since",
}
_MOST_ENTRIES = 500
"""Most rows of ``api.newest``."""


def export(command: OperatorCommand, subject: str, opts: argparse.Namespace) -> str:
    """Write what the options of ``scrapy export`` ask for; return what to tell of it.

    Raise ArgumentError or RefusedError for a bad option, StorageError or WriteError where reading or writing fails.
    """
    _check(subject, opts)
    encoding = command.settings["FEED_EXPORT_ENCODING"] or "utf-8"
    written = Format.choose(subject, opts.format, opts.output, encoding)
    s3 = None
    if opts.output.startswith(SCHEME):
        need_pyarrow(SCHEME)
        s3 = S3.parse(opts.output, {name: command.settings[name] for name in OPTIONS})
    selection = Selection(opts.site, since_of(opts.since), _after(opts.after))
    # A consumer's role may not read the schema's version.
    with command.database(of_any_version=True) as database:
        if opts.site is not None:
            check_site(opts.site, runs.sites(database.engine))
        with (
            tables.snapshot(database.engine, selection.after) as snapshot,
            opened(opts.output, s3=s3, is_whole=written.is_whole) as sink,
        ):
            if subject == "feed":
                document, count = _feed(snapshot, opts)
                sink.write(document)
                return f"{count:,} articles"
            cursor = snapshot.cursor() if subject in _SUBJECTS["after"] else None
            count = written.write(sink, snapshot, subject, selection, cursor)
    what = "edges" if subject == "graph" else subject
    return f"{count:,} {what}" + (f"; go on with --after {cursor}" if cursor else "")


def _check(subject: str, opts: argparse.Namespace) -> None:
    """Raise ArgumentError for an option that the subject does not have, or for one that is absent."""
    for option, subjects in _SUBJECTS.items():
        if getattr(opts, option) is not None and subject not in subjects:
            why = _WHY_NOT.get((subject, option), f"it is for {', '.join(subjects)}")
            raise ArgumentError(f"{subject} takes no --{option}: {why}")
    if subject == "feed" and not opts.category:
        raise ArgumentError("feed takes --category NAME")
    if opts.address is not None and urlsplit(opts.address).scheme not in ("http", "https"):
        raise ArgumentError(f"--address takes a URL such as https://news.example/atom.xml, not {opts.address!r}")


def _after(raw: str | None) -> Cursor | None:
    try:
        return Cursor.parse(raw) if raw is not None else None
    except ValueError as error:
        raise ArgumentError(f"--after: {error}") from None


def _feed(snapshot: Snapshot, opts: argparse.Namespace) -> tuple[bytes, int]:
    from pipelines.export.atom import atom  # noqa: PLC0415 - only this export needs it

    most = number_of("--number", opts.number or "50", _MOST_ENTRIES)
    return atom(snapshot, opts.category, site=opts.site, most=most, address=opts.address)
