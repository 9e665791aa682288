"""Spider arguments, with the same names on the command line, in scrapyd's schedule and in tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit, urlunsplit

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.extras import how_to_install
from smartdaily_crawler.sites.profile import ProfileError, Render, SiteProfile, read_profile

Mode = Literal["incremental", "full", "backfill"]
Poll = Literal["all", "due"]
Discover = Literal["lists", "feeds", "all"]
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class ArgumentError(ValueError):
    """A spider argument is not valid; the message is one line that names it and the values it takes."""


@dataclass(frozen=True, kw_only=True)
class WalkArguments:
    """The arguments of a news spider, checked."""

    site_url: str
    """Home page of the site, http or https."""
    mode: Mode = "incremental"
    """``incremental``: list pages up to known entries, and articles that are new or due. ``full``: every page of the site.
    ``backfill``: articles published from ``since`` to ``until``, both included, that are not stored yet."""
    since: date | None = None
    until: date | None = None
    categories: frozenset[str] = frozenset()
    """Names of the categories to walk; empty for all."""
    max_pages: int | None = None
    """Maximum number of list pages per category; ``None`` for ``LISTING_PAGE_BUDGET``."""
    follow_teasers: bool = True
    """Fetch the targets of an article's teasers too."""
    discover: Discover = "lists"
    """Where articles are found: on the list pages of the categories, in feeds and sitemaps, or in both. Neither tells the category of
    every entry, so a walk of some categories reads its lists only."""
    profile: SiteProfile | None = None
    """Selectors to try first, instead of those of the spider's own profile; given as the path of a TOML file, or as a profile."""
    poll: Poll = "all"
    """``all``: read every category's list; ``due``: those in which, by their rates, enough new entries are expected."""
    render: Render = "never"
    """``never``: plain HTTP only; ``splash`` or ``playwright``: render every page; ``auto``: render pages that need it."""
    wait: float = 0.0
    """Seconds to wait for another run of the site to end."""

    @property
    def is_whole(self) -> bool:
        """True if no argument excludes a part of the site."""
        partly = self.categories or self.max_pages is not None or not self.follow_teasers
        return not partly and self.mode != "backfill"

    def given(self) -> dict[str, Any]:
        """Return the mode, and the arguments that differ from their defaults, as JSON values.

        Runs with equal results are comparable, so ``site_url`` and ``wait`` are left out.
        """
        given: dict[str, Any] = {"mode": self.mode}
        for name, day in (("since", self.since), ("until", self.until)):
            if day:
                given[name] = day.isoformat()
        if self.categories:
            given["categories"] = sorted(self.categories)
        if self.max_pages is not None:
            given["max_pages"] = self.max_pages
        if self.profile is not None:
            given["profile"] = self.profile.name
        if self.render != "never":
            given["render"] = self.render
        if self.poll != "all":
            given["poll"] = self.poll
        if not self.follow_teasers:
            given["follow_teasers"] = False
        if self.discover != "lists":
            given["discover"] = self.discover
        return given

    @property
    def reads_lists(self) -> bool:
        """True if the walk follows the lists of the categories."""
        return self.discover != "feeds"

    @property
    def reads_feeds(self) -> bool:
        """True if the walk reads feeds and sitemaps."""
        return self.discover != "lists" and not self.categories

    def covers(self, published_on: date | None) -> bool:
        """Return whether a date lies between ``since`` and ``until``; true for ``None``, as the article's date may."""
        if published_on is None:
            return True
        return not (self.since and published_on < self.since) and not (self.until and published_on > self.until)

    @classmethod
    def parse(cls, given: Mapping[str, Any], settings: Mapping[str, Any], own: SiteProfile | None = None) -> Self:
        """Check spider arguments, strings as ``-a name=value`` gives them or the values themselves; raise ArgumentError.

        A missing argument is taken from the settings: ``site_url`` from ``SITE_URL``, any other from ``WALK_`` and its
        name. ``render`` falls back to the profile: the given one, else the spider's *own*.

        >>> WalkArguments.parse({"max_pages": "2"}, {"SITE_URL": "http://127.0.0.1:8765"}).max_pages
        2
        >>> WalkArguments.parse({"max_pages": "all"}, {"SITE_URL": "http://127.0.0.1:8765"})
        Traceback (most recent call last):
        smartdaily_crawler.crawl.arguments.ArgumentError: max_pages takes a whole number from 1 up, not 'all'
        """
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ArgumentError(f"unknown argument {unknown[0]!r}; known: {', '.join(sorted(known))}")
        raw = {name: _first_given(given.get(name), settings.get(_setting(name))) for name in known}
        profile = _profile(given.get("profile") or raw["profile"])
        chosen = profile or own
        arguments = cls(
            site_url=site_url(raw["site_url"]),
            mode=_one_of(Mode, "mode", raw["mode"] or "incremental"),
            since=_day("since", raw["since"]),
            until=_day("until", raw["until"]),
            categories=_names(raw["categories"]),
            max_pages=_max_pages(raw["max_pages"]),
            follow_teasers=_flag("follow_teasers", raw["follow_teasers"] or "true"),
            discover=_one_of(Discover, "discover", raw["discover"] or "lists"),
            profile=profile,
            render=_one_of(Render, "render", raw["render"] or (chosen.render if chosen else "never")),
            poll=_one_of(Poll, "poll", raw["poll"] or "all"),
            wait=_wait(raw["wait"]),
        )
        if (arguments.since or arguments.until) and arguments.mode != "backfill":
            raise ArgumentError("since and until go with mode=backfill only")
        if arguments.poll == "due" and arguments.mode != "incremental":
            raise ArgumentError("poll=due goes with mode=incremental only")
        if arguments.poll == "due" and arguments.discover != "lists":
            raise ArgumentError("poll=due goes with discover=lists only: the rates are those of lists")
        if arguments.since and arguments.until and arguments.since > arguments.until:
            raise ArgumentError(f"since={arguments.since} is after until={arguments.until}")
        if arguments.discover == "feeds" and arguments.categories:
            raise ArgumentError(
                "categories goes with discover=lists and discover=all only: feeds name no categories of a site"
            )
        if arguments.reads_feeds and find_spec("feedparser") is None:
            raise ArgumentError(f"discover={arguments.discover} needs the extra discover: {how_to_install('discover')}")
        return arguments


def setting_names() -> frozenset[str]:
    """Return the names of the settings from which missing spider arguments are taken."""
    return frozenset(_setting(each.name) for each in fields(WalkArguments))


def _setting(name: str) -> str:
    return "SITE_URL" if name == "site_url" else f"WALK_{name.upper()}"


def _first_given(*values: Any) -> Any:
    """Return the first value that is neither missing nor empty as a string, else an empty one.

    A list becomes the string that gives it as an argument; other values, ``False`` and 0 too, their usual form.
    """
    for value in values:
        text = ",".join(map(str, value)) if isinstance(value, list | tuple | set | frozenset) else value
        if text is not None and str(text).strip():
            return str(text).strip()
    return ""


def _one_of(values: Any, name: str, raw: str) -> Any:
    """Return ``raw`` if it is one of the values of a Literal."""
    if raw not in get_args(values):
        raise ArgumentError(f"{name} takes {', '.join(get_args(values))}, not {raw!r}")
    return raw


def _day(name: str, raw: str) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        raise ArgumentError(f"{name} takes a date such as 2026-03-06, not {raw!r}") from None


def _wait(raw: str) -> float:
    try:
        seconds = float(raw or 0)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ArgumentError(f"wait takes a number of seconds, not {raw!r}")
    return seconds


def site_url(raw: str) -> str:
    """Return the URL of a site's home page as given, with a path. Raise ``ArgumentError``."""
    if not raw:
        raise ArgumentError(
            "no site to crawl: set SITE_URL, give -a site_url=https://…, or --site NAME for one of `scrapy sites list`"
        )
    try:
        canonicalize(raw)
        parts = urlsplit(raw)
    except ValueError:
        raise ArgumentError(f"site_url takes an http or https URL, not {raw!r}") from None
    if any(c.isspace() for c in raw):
        raise ArgumentError(f"site_url takes an http or https URL, not {raw!r}")
    if "@" in parts.netloc:
        # They would appear in every log and in the database.
        raise ArgumentError("site_url takes a URL without a user and password")
    return urlunsplit(parts._replace(path=parts.path or "/"))


def _names(raw: str) -> frozenset[str]:
    names = frozenset(name.strip() for name in raw.replace("，", ",").split(",") if name.strip())
    if raw and not names:
        raise ArgumentError(f"categories takes names separated by commas, not {raw!r}")
    return names


def _max_pages(raw: str) -> int | None:
    if not raw:
        return None
    try:
        number = int(raw)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentError(f"max_pages takes a whole number from 1 up, not {raw!r}")
    return number


def _profile(raw: str | SiteProfile) -> SiteProfile | None:
    if isinstance(raw, SiteProfile):
        return raw
    try:
        return read_profile(Path(raw)) if raw else None
    except ProfileError as error:
        raise ArgumentError(f"profile {error}") from None


def _flag(name: str, raw: str) -> bool:
    word = raw.lower()
    if word not in _YES | _NO:
        raise ArgumentError(f"{name} takes true or false, not {raw!r}")
    return word in _YES
