"""Sites as an operator names them for the list: on the command line, or one a line of a file. They are checked before one is stored."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any

from pipelines.storage.fleet.sites import ScheduledSite, SiteChange
from smartdaily_crawler.crawl.arguments import ArgumentError, WalkArguments
from smartdaily_crawler.sites.profile import ProfileError, parse_profile
from smartdaily_crawler.sites.site_address import SiteAddress

USUAL = 3600
"""Seconds between runs of a site that is added without ``--every``."""
_LONGEST = 366 * 86_400
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_SPAN = re.compile(r"(\d{1,9})([smhd])")
_OWN = ("site_url", "profile")
"""Spider arguments that have a column of their own."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Line:
    """What a line of a file may have, as ``scrapy sites list --json`` prints it."""

    url: str
    name: str | None = None
    spider: str | None = None
    every: str | None = None
    arguments: dict[str, str] | None = None
    profile: str | None = None
    profile_name: str | None = None


def seconds_of(raw: str) -> int:
    """Return the seconds of a span. Raise ArgumentError.

    >>> seconds_of("30m"), seconds_of("1d")
    (1800, 86400)
    """
    found = _SPAN.fullmatch(raw)
    seconds = int(found[1]) * _UNITS[found[2]] if found else 0
    if not 0 < seconds <= _LONGEST:
        raise ArgumentError(f"every takes a time such as 30m, 6h or 1d, not {raw!r}")
    return seconds


def span_of(seconds: int) -> str:
    """Return seconds as ``every`` takes them.

    >>> span_of(1800), span_of(86400), span_of(90)
    ('30m', '1d', '90s')
    """
    unit = next(unit for unit in ("d", "h", "m", "s") if seconds % _UNITS[unit] == 0)
    return f"{seconds // _UNITS[unit]}{unit}"


def interval_of(site: ScheduledSite) -> str:
    """Return what tells an operator how often a site is crawled."""
    return "by rate" if site.by_rate else span_of(site.every)


def local_time(time: datetime | None) -> str | None:
    """Return a time in ISO 8601, in the zone of this machine; ``None`` for none."""
    return time.astimezone().isoformat(timespec="seconds") if time else None


def change_of(
    url: str,
    *,
    name: str | None,
    spider: str | None,
    every: str | None,
    arguments: Mapping[str, str] | None,
    profile: str | None,
    profile_name: str | None = None,
    knows_spider: Callable[[str], bool],
) -> SiteChange:
    """Return a site as it is to be stored. Raise ArgumentError for whatever a run of it would refuse.

    :param profile: TOML.
    :param profile_name: name of the profile, which a run's row shows; ``None`` for the name of the site.
    """
    if own := sorted(set(arguments or ()) & set(_OWN)):
        raise ArgumentError(f"{own[0]} is no argument here: it has a place of its own")
    walk = WalkArguments.parse({**(arguments or {}), "site_url": url}, {})
    if name is not None and (not name.strip() or len(name.splitlines()) != 1):
        raise ArgumentError(f"name takes one line of text, not {name!r}")
    if spider is not None and not knows_spider(spider):
        raise ArgumentError(f"there is no spider {spider!r}; `scrapy list` shows them")
    site = SiteAddress(walk.site_url).name
    if profile is not None:
        try:
            parse_profile(profile_name or site, profile)
        except ProfileError as error:
            raise ArgumentError(f"profile {error}") from None
    return SiteChange(
        site=site,
        url=walk.site_url,
        name=name,
        spider=spider,
        every=None if every is None else seconds_of(every),
        arguments=arguments,
        profile=profile,
        profile_name=(profile_name or site) if profile is not None else None,
    )


def read_profile_text(file: str) -> str:
    """Return the text of a profile's file. Raise ArgumentError."""
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise ArgumentError(f"--profile {file}: {getattr(error, 'strerror', None) or error}") from None


def changes_in(file: str, knows_spider: Callable[[str], bool]) -> list[tuple[int, SiteChange]]:
    """Return the sites in a file with the numbers of their lines. Raise ArgumentError that names the file and the first bad line.

    A line is the URL of a site, or an object of JSON; empty lines and those that begin with # are left out.
    """
    try:
        lines = Path(file).read_text(encoding="utf-8-sig").split("\n")
    except (OSError, ValueError) as error:
        raise ArgumentError(f"{file}: {getattr(error, 'strerror', None) or error}") from None
    return list(_changes(file, lines, knows_spider))


def _changes(file: str, lines: list[str], knows_spider: Callable[[str], bool]) -> Iterator[tuple[int, SiteChange]]:
    seen: dict[str, int] = {}
    for number, raw in enumerate(lines, start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        try:
            change = _change(line, knows_spider)
            _check_new(change.site, seen)
        except ArgumentError as error:
            raise ArgumentError(f"{file}, line {number}: {error}; nothing is stored") from None
        seen[change.site] = number
        yield number, change


def _change(line: str, knows_spider: Callable[[str], bool]) -> SiteChange:
    given = _object(line) if line.startswith("{") else _Line(url=line)
    return change_of(
        given.url,
        name=given.name,
        spider=given.spider,
        every=given.every,
        arguments=given.arguments,
        profile=given.profile,
        profile_name=given.profile_name,
        knows_spider=knows_spider,
    )


def _check_new(site: str, seen: Mapping[str, int]) -> None:
    if site in seen:
        raise ArgumentError(f"{site} is in line {seen[site]} already")


def _object(line: str) -> _Line:
    try:
        facts = json.loads(line)
    except ValueError as error:
        raise ArgumentError(f"it is neither a URL nor an object of JSON ({error})") from None
    known = {each.name for each in fields(_Line)}
    # Those of `list --json` that tell how a site does are none of its own.
    facts = {name: value for name, value in facts.items() if name not in _STATE}
    if unknown := sorted(facts.keys() - known):
        raise ArgumentError(f"unknown key {unknown[0]!r}; known: {', '.join(sorted(known))}")
    if "url" not in facts:
        raise ArgumentError("url is missing")
    for name, value in facts.items():
        _check_type(name, value)
    return _Line(**facts)


_STATE = ("site", "paused", "due", "late", "started", "ended", "verdict", "reason", "worker")


def _check_type(name: str, value: Any) -> None:
    if name == "arguments":
        texts = isinstance(value, dict) and all(isinstance(each, str) for each in value.values())
        if value is not None and not texts:
            raise ArgumentError(f"arguments takes an object of texts, not {value!r}")
    elif not (isinstance(value, str) or (value is None and name != "url")):
        raise ArgumentError(f"{name} takes a text, not {value!r}")
