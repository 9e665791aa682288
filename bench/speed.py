"""Measure the speed of whole crawls and of starts: ``python -m bench.speed crawls|start|rooms``.

``crawls``: the bundled site by a bare Scrapy spider, by ours, and by a day's work of a Scrapy user, in turn, each into an empty
database. ``start``: until the first request of a crawl, and a command as a whole. ``rooms``: milliseconds of a page in each room, by py-spy, held by the interpreter's lock.
"""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Callable
from statistics import median

from bench.harness import Parser, exit_code, fresh_database, markdown, scratch_server, setting, short, write_table
from bench.speed_crawls import Crawl, dsn, served
from bench.speed_rooms import milliseconds_by_room
from bench.speed_start import start_of_crawl, whole

DAY = 10


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("speed", __doc__, small="one round of the site's first day")
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument(
        "--rounds", type=int, default=5, help="rounds of which the median is taken (default: %(default)s)"
    )
    parser.add_argument("--py-spy", default="py-spy", metavar="COMMAND", help="rooms: py-spy (default: that on PATH)")
    options = parser.parse_args(arguments)
    if options.small:
        options.rounds = 1
    if options.write and not options.small:
        parser.check_page(options.write, options.measure)
    head, rows, figures, missed = MEASURES[options.measure](options)
    table = markdown(head, rows)
    print(table)
    if options.write and not options.small:
        write_table(options.write, options.measure, table)
        file = options.write.with_name(f"speed-{options.measure}.json")
        file.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return exit_code(missed)


Measured = tuple[list[str], list[list[str]], object, list[str]]


def _spread(values: list[float]) -> str:
    return f"{short(median(values))} ({short(min(values))}–{short(max(values))})"


def measure_crawls(options: Namespace) -> Measured:
    names = ["bare", "ours", "days_work", "unchanged"]
    crawls: dict[str, list[Crawl]] = {name: [] for name in names}
    with scratch_server(None, fsync=True) as server, served(server, 1 if options.small else DAY) as site:
        for _ in range(options.rounds):
            for name in names:
                crawls[name].append(getattr(site, name)())
                print(f"{name}: {crawls[name][-1]}", flush=True)
        with fresh_database(server, "named") as engine:
            of = setting(engine)
    floor = crawls["bare"]
    rows = []
    for name, done in crawls.items():
        rate = median([each.rate for each in done]) / median([each.rate for each in floor])
        processor = [each.processor / each.pages * 1000 for each in done]
        share = median(processor) / median([each.processor / each.pages * 1000 for each in floor])
        rows.append(
            [
                TITLES[name],
                short(done[0].pages),
                short(done[0].articles),
                _spread([each.seconds for each in done]),
                _spread([each.rate for each in done]),
                short(rate),
                _spread(processor),
                short(share),
                short(max(each.memory for each in done)),
            ]
        )
    head = [of, "pages", "articles stored", "seconds", "pages/s", "÷ bare", "processor, ms a page", "÷ bare", "MB"]
    figures = {name: [vars(each) for each in done] for name, done in crawls.items()}
    missed = [
        f"missed: {TITLES[name]} stores nothing"
        for name, done in crawls.items()
        if name in STORING and not done[0].articles
    ]
    return head, rows, figures, missed


TITLES = {
    "bare": "a bare Scrapy spider, which requests the same pages and reads nothing",
    "ours": "smartdaily-crawler",
    "days_work": "a day's work in Scrapy (`bench/crawls_days_work.py`)",
    "unchanged": "smartdaily-crawler, a second run on the same day",
}
STORING = ("ours", "days_work")


def measure_start(options: Namespace) -> Measured:
    found: dict[str, list[float]] = {"`scrapy crawl` until its first request": [], "`scrapy runs`": []}
    with scratch_server(None, fsync=False) as server, fresh_database(server, "start") as engine:
        for _ in range(options.rounds):
            for name, seconds in zip(found, (start_of_crawl(dsn(engine)), whole(dsn(engine), "runs")), strict=True):
                found[name].append(seconds)
        of = setting(engine)
    return [of, "seconds"], [[name, _spread(values)] for name, values in found.items()], found, []


def measure_rooms(options: Namespace) -> Measured:
    with scratch_server(None, fsync=True) as server, served(server, 1 if options.small else DAY) as site:
        found, total = milliseconds_by_room(site, options.py_spy)
        with fresh_database(server, "named") as engine:
            of = setting(engine)
    rows = [[name, short(value), short(100 * value / total)] for name, value in found.items()]
    return [of, "ms a page", "%"], rows, found, []


MEASURES: dict[str, Callable[[Namespace], Measured]] = {
    "crawls": measure_crawls,
    "start": measure_start,
    "rooms": measure_rooms,
}


if __name__ == "__main__":
    sys.exit(main())
