"""Simulate a fleet of any size for two days, and reckon what the second one costs.

The starts, the order of the queue and the plans by rate are those of the functions that schedule real runs (``pipelines.fleet``,
``pipelines.polling``); only runs are not real: one takes ``START`` seconds, and ``PAUSE`` for each of its requests. The costs are the unit
costs of docs/scale.md, which other commands have measured. Nothing is fetched, and no database is needed.

A mix has parts of the form SHARE:ARTICLES:CATEGORIES:INTERVAL, such as 0.2:100:9:5m; ``rate`` as the interval is polling by rate.
"""

from __future__ import annotations

import random
import sys
from argparse import ArgumentTypeError, Namespace
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from heapq import heapify, heappop, heappush
from math import ceil, exp, floor
from statistics import quantiles

from bench.harness import Parser, exit_code, markdown, short, write_table
from bench.polling import rhythm
from pipelines.fleet.due import host_of, start_by_interval
from pipelines.fleet.engine import MOST
from pipelines.fleet.worker import BEAT, POLL
from pipelines.polling.plan import OVERHEAD, Bounds, Plan, find_price
from pipelines.polling.rates import DAY, HOUR, HOURS, Rate
from pipelines.storage.fleet.sites import ScheduledSite
from smartdaily_crawler import settings

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
BEGIN = EPOCH.timestamp()
NUMBERS = (100, 10_000, 1_000_000)
DAYS = 2
MOST_PRIORITY = 1000
BUSY = 0.7
"""Share of the slots that the default number of workers keeps busy."""
START, PAUSE = 2.0, 0.55
"""Seconds from the start of a run to its first request, and between two (DOWNLOAD_DELAY, and some for answers)."""
PAGES_AN_ARTICLE = 4.0
"""Requests of an article: the first, and its revisits (docs/operations.md: 2,447 with the schedule for 612 without)."""
HOME = 1
BOUNDS = Bounds(budget=settings.POLL_BUDGET, shortest=settings.POLL_SHORTEST, longest=settings.POLL_LONGEST)

# Unit costs; docs/scale.md tells which command has measured each.
PROCESSOR_A_RUN, PROCESSOR_A_PAGE = 3.4, 0.032
"""Seconds."""
WIRE_A_PAGE = 43_655
BYTES_AN_ARTICLE, BYTES_AN_OUTCOME, BYTES_A_RUN = 20_900, 247, 1_700
ROWS_AN_ARTICLE = 36
QUEUE_A_RUN = 0.003
"""Seconds of the server to put, take and finish a job."""
MEMORY_A_SLOT = 0.15
"""GB."""
CONNECTIONS_A_RUN, CONNECTIONS_A_WORKER = 7, 6
"""At most."""


@dataclass(frozen=True)
class Part:
    """Sites of one kind."""

    share: float
    articles: float
    """A day and site."""
    categories: int
    every: int
    """Seconds between two starts; of sites that are polled by rate, the interval by which their lateness counts."""
    by_rate: bool = False
    plan: Plan | None = None


@dataclass(slots=True)
class Site:
    """A site of the list, and where its job is."""

    row: ScheduledSite
    part: Part
    host: str
    due: float
    """Seconds since the epoch, as all times."""
    last: float
    """Start of the latest run."""
    polled: dict[str, float | None]
    job: int = -1
    """Place of its job in the queue; -1: not queued."""


@dataclass
class Day:
    """What the last simulated day had."""

    runs: int = 0
    requests: float = 0.0
    articles: float = 0.0
    busy: float = 0.0
    """Seconds of slots."""
    late: list[float] = field(default_factory=list)
    """Seconds from due to start, of each run, and of sites that wait at the end."""


class Fleet:
    """A list of sites, a queue and slots; the clock jumps from event to event."""

    def __init__(self, mix: Sequence[Part], sites: int, slots: int, *, seed: int, most: int, hosts: int) -> None:
        """Make a fleet.

        :param most: jobs put into the queue by one look.
        :param hosts: sites that share a host.
        """
        self._rng = random.Random(seed)
        self._free, self._most = slots, most
        self._sites: list[Site] = []
        for part in mix:
            planned = replace(part, plan=_plan(part)) if part.by_rate else part
            for _ in range(round(sites * part.share)):
                self._sites.append(self._site(planned, len(self._sites) // hosts, len(self._sites)))
        self._due = [(site.due, number) for number, site in enumerate(self._sites)]
        heapify(self._due)
        self._ready: list[tuple[int, int, int]] = []
        """Jobs by priority and age, with their site; those with an old priority are skipped."""
        self._rises: list[tuple[float, int, int]] = []
        self._ends: list[tuple[float, int]] = []
        self._hosts: set[str] = set()
        self._held: dict[str, list[tuple[int, int, int]]] = {}
        """Jobs that wait for the run of another site of their host."""
        self._jobs = 0
        self.day = Day()

    def _site(self, part: Part, host: int, number: int) -> Site:
        url = f"https://site{host}.example:{8000 + number}/"
        row = ScheduledSite(
            site=f"site{number}", name="", url=url, spider="", every=part.every, arguments={}, profile_name=None,
            profile=None, added_at=EPOCH, paused_at=None, due_at=EPOCH, worker=None, job=None, started_at=None,
            ended_at=None, exit_code=None, verdict=None, reason=None,
        )  # fmt: skip
        # Added long ago, so that the starts have drifted apart.
        due = BEGIN + self._rng.random() * part.every
        polled: dict[str, float | None] = {str(each): due - part.every for each in range(part.categories)}
        return Site(row, part, host_of(url), due, due - part.every, polled)

    def run(self) -> Day:
        """Simulate ``DAYS`` days; return the last one."""
        end, self._from = BEGIN + DAYS * DAY, BEGIN + (DAYS - 1) * DAY
        look = BEGIN
        while look < end:
            while self._ends and self._ends[0][0] <= look:
                now, number = heappop(self._ends)
                self._end(now, number)
            self._look(look)
            look += BEAT
        self.day.late += [
            end - site.due for site in self._sites if site.due < end and (site.job >= 0 or site.last < site.due)
        ]
        return self.day

    def _look(self, now: float) -> None:
        """Put due sites into the queue, the latest first, and raise priorities, as ``engine.defer_due`` and ``after_put`` do."""
        put = 0
        while self._due and self._due[0][0] <= now and put < self._most:
            _, number = heappop(self._due)
            self._sites[number].job, put = self._jobs, put + 1
            self._jobs += 1
            self._rise(number, now)
        while self._rises and self._rises[0][0] <= now:
            _, number, job = heappop(self._rises)
            if self._sites[number].job == job:
                self._rise(number, now)
        # An idle worker looks into the queue once a second.
        self._take(now, self._rng.random() * POLL)

    def _rise(self, number: int, now: float) -> None:
        site = self._sites[number]
        missed = priority(now - site.due, site.row.every)
        heappush(self._ready, (-missed, site.job, number))
        if missed < MOST_PRIORITY:
            heappush(self._rises, (site.due + (missed + 1) * site.row.every, number, site.job))

    def _take(self, now: float, wait: float = 0.0) -> None:
        while self._free and self._ready:
            entry = heappop(self._ready)
            site = self._sites[entry[2]]
            if site.job != entry[1]:
                continue
            if site.host in self._hosts:
                self._held.setdefault(site.host, []).append(entry)
                continue
            site.job = -1
            self._free -= 1
            self._hosts.add(site.host)
            self._start(site, entry[2], now + wait)

    def _start(self, site: Site, number: int, now: float) -> None:
        part = site.part
        requests = float(OVERHEAD + HOME + part.categories)
        if part.plan:
            plan = replace(part.plan, polled=site.polled)
            polls = plan.due(now)
            requests = OVERHEAD + len(polls) + HOME * (not polls or now - site.last >= BOUNDS.longest)
            site.polled.update(dict.fromkeys(polls, now))
        new = _poisson(self._rng, _entries(part.articles, site.last, now))
        requests += new + _poisson(self._rng, (PAGES_AN_ARTICLE - 1) * part.articles * (now - site.last) / DAY)
        took = START + PAUSE * requests
        if now >= self._from:
            day = self.day
            day.runs, day.requests, day.articles = day.runs + 1, day.requests + requests, day.articles + new
            day.busy += took
            day.late.append(now - site.due)
        site.last = now
        heappush(self._ends, (now + took, number))

    def _end(self, now: float, number: int) -> None:
        site = self._sites[number]
        self._free += 1
        self._hosts.discard(site.host)
        for entry in self._held.pop(site.host, ()):
            heappush(self._ready, entry)
        if site.part.plan:
            site.due = replace(site.part.plan, polled=site.polled).next_start(now)
        else:
            at = EPOCH + timedelta(seconds=site.last - BEGIN)
            due = start_by_interval(replace(site.row, started_at=at), EPOCH + timedelta(seconds=now - BEGIN))
            site.due = BEGIN + (due - EPOCH).total_seconds()
        heappush(self._due, (site.due, number))
        # The slot's worker looks for the next job at once.
        self._take(now)


def priority(late: float, every: float) -> int:
    """Return the priority of a job, as ``queue_schema.PRIORITIES`` reckons it in the database; a test compares the two."""
    return min(floor(max(late, 0.0) / every), MOST_PRIORITY)


def _plan(part: Part) -> Plan:
    """Return the plan of sites whose rates are known, as after weeks of polls; what each has polled is to be filled in."""
    hourly = tuple(part.articles / 24 / part.categories * rhythm(hour + 0.5) for hour in range(HOURS))
    rates = {str(each): Rate(hourly) for each in range(part.categories)}
    return Plan(BOUNDS, rates, {}, find_price(rates, BOUNDS, BEGIN))


def _entries(articles: float, start: float, end: float) -> float:
    """Return the articles that are expected between two times."""
    found, time = 0.0, start
    while time < end:
        step = min(end, (time // HOUR + 1) * HOUR)
        found += articles * rhythm((time % DAY) // HOUR + 0.5) * (step - time) / DAY
        time = step
    return found


def _poisson(rng: random.Random, mean: float) -> int:
    if mean > 30:  # noqa: PLR2004 - the normal distribution is near enough
        return max(0, round(rng.gauss(mean, mean**0.5)))
    count, product, least = 0, rng.random(), exp(-mean)
    while product > least:
        count, product = count + 1, product * rng.random()
    return count


# --- the day of a fleet -----------------------------------------------------------------------------------------------


def main(arguments: list[str] | None = None) -> int:
    parser = Parser("fleet_simulate", __doc__, small="a hundred sites; writes nothing")
    parser.add_argument("--sites", type=int, nargs="+", default=NUMBERS, help="default: 100 10000 1000000")
    parser.add_argument(
        "--mix", type=_part, nargs="+", default=[Part(1.0, 20, 9, 3600)], metavar="PART", help="default: 1:20:9:1h"
    )
    parser.add_argument("--slots", type=int, default=4, help="of a worker (default: 4)")
    parser.add_argument("--workers", type=int, help="default: as many as are busy for 0.7 of the time")
    parser.add_argument(
        "--databases", type=int, default=1, help="among which the sites are divided, each with its queue (default: 1)"
    )
    parser.add_argument("--hosts", type=int, default=1, help="sites that share a host (default: 1)")
    parser.add_argument(
        "--sample", type=int, default=5000, help="sites that are simulated at most; slots and looks are scaled alike"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep-days", type=int, default=90, help="days for which outcomes are kept (default: 90)")
    parser.add_argument(
        "--core-hour", type=float, default=0.04, help="price of a core for an hour (an assumption: 0.04)"
    )
    parser.add_argument(
        "--gb-month", type=float, default=0.10, help="price of a GB of disk for a month (an assumption: 0.10)"
    )
    options = parser.parse_args(arguments)
    numbers = NUMBERS[:1] if options.small else options.sites
    if min(*numbers, options.slots, options.hosts, options.databases, options.sample, options.workers or 1, 1) < 1:
        parser.error("numbers of sites, slots, workers, hosts and databases are 1 at least")
    if abs(sum(part.share for part in options.mix) - 1) > 1e-6:  # noqa: PLR2004 - what floats leave
        parser.error("the shares of the mix do not add up to 1")
    write = options.write and not options.small
    if write:
        parser.check_page(options.write, "fleet-day")
    columns = [_column(options, number) for number in numbers]
    names = list(columns[0])
    table = markdown(
        ("a day", *(f"{number:,} sites" for number in numbers)),
        ((name, *(each[name] for each in columns)) for name in names),
    )
    print(table)
    if write:
        write_table(options.write, "fleet-day", table)
    return exit_code([])


def _column(options: Namespace, sites: int) -> dict[str, str]:
    """Return the figures of the day of a fleet, by their names."""
    needed = sum(sites * part.share * _slot_seconds(part) for part in options.mix) / DAY / BUSY
    workers = options.workers or ceil(needed / options.slots)
    simulated = min(sites, options.sample)
    share = simulated / sites
    slots = max(1, round(workers * options.slots * share))
    most = max(1, round(MOST * options.databases * share))
    day = Fleet(options.mix, simulated, slots, seed=options.seed, most=most, hosts=options.hosts).run()
    runs, requests, articles = (each / share for each in (day.runs, day.requests, day.articles))
    connections = CONNECTIONS_A_WORKER + options.slots * CONNECTIONS_A_RUN
    late = quantiles(day.late, n=100, method="inclusive") if len(day.late) > 1 else [0.0] * 99
    processor = runs * PROCESSOR_A_RUN + requests * PROCESSOR_A_PAGE
    lasting = articles * BYTES_AN_ARTICLE + runs * BYTES_A_RUN
    outcomes = requests * BYTES_AN_OUTCOME
    year = (365 * lasting + options.keep_days * outcomes) / 1e9
    month = 30 * processor / 3600 * options.core_hour + year * options.gb_month
    figures = {
        "runs": runs,
        "requests": requests,
        "GB from the sites": requests * WIRE_A_PAGE / 1e9,
        "new articles": articles,
        "rows": articles * ROWS_AN_ARTICLE + requests + runs,
        "GB more in the database": (lasting + outcomes) / 1e9,
        f"GB after a year, with outcomes of {options.keep_days} days": year,
        "slots at work, on average": day.busy / share / DAY,
        f"workers with {options.slots} slots": workers,
        "GB of memory of their slots": workers * options.slots * MEMORY_A_SLOT,
        "connections of a database, at most": workers * connections / options.databases,
        "cores at work, on average": processor / DAY,
        "articles to write a second": articles / DAY,
        "core at work for the queue, in the server": runs * QUEUE_A_RUN / DAY,
        "lateness of a start: median, s": late[49],
        "95th percentile, s": late[94],
        "highest, s": max(day.late, default=0.0),
        "price of a month, after a year": month,
    }
    return {name: short(value) for name, value in figures.items()}


def _slot_seconds(part: Part) -> float:
    """Return the seconds a day for which a site takes a slot."""
    # By rate the budget is about the polls of a day; its runs look at half of the lists, as a rough guess.
    runs = BOUNDS.budget / (OVERHEAD + part.categories / 2) if part.by_rate else DAY / part.every
    lists = BOUNDS.budget if part.by_rate else runs * (OVERHEAD + HOME + part.categories)
    return runs * START + PAUSE * (lists + PAGES_AN_ARTICLE * part.articles)


UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}


def _part(value: str) -> Part:
    try:
        share, articles, categories, every = value.split(":")
        by_rate = every == "rate"
        seconds = int(HOUR) if by_rate else int(every[:-1]) * UNITS[every[-1:]]
        part = Part(float(share), float(articles), int(categories), seconds, by_rate)
    except (ValueError, KeyError):
        raise ArgumentTypeError(
            f"{value!r} is not of the form SHARE:ARTICLES:CATEGORIES:INTERVAL, as 0.2:100:9:5m"
        ) from None
    if not (0 < part.share <= 1 and part.articles >= 0 and part.categories > 0 and part.every > 0):
        raise ArgumentTypeError(f"{value!r}: a share is above 0 and at most 1, the other numbers are positive")
    return part


if __name__ == "__main__":
    sys.exit(main())
