"""What an operator may ask of a walk: the same words on the command line, in scrapyd's schedule and in a test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any, Literal, Self, get_args
from urllib.parse import urlsplit, urlunsplit

from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.sites.profile import ProfileError, Render, SiteProfile, read_profile

Mode = Literal["incremental", "full", "backfill"]
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class ArgumentError(ValueError):
    """One line that says which argument is wrong, and what it takes."""


@dataclass(frozen=True, kw_only=True)
class WalkArguments:
    """The arguments of a news spider, checked."""

    site_url: str
    """Home page of the site, http or https."""
    mode: Mode = "incremental"
    """``incremental``: list pages until they show nothing new, and articles that are new or due. ``full``: everything that
    the site shows. ``backfill``: the articles published from ``since`` to ``until`` that are not stored yet."""
    since: date | None = None
    until: date | None = None
    categories: frozenset[str] = frozenset()
    """Names of the only categories to walk; empty for all."""
    max_pages: int | None = None
    """List pages a category, at the most; ``None`` for the page budget of the settings."""
    follow_teasers: bool = True
    """Whether the targets of an article's teasers are fetched too."""
    profile: SiteProfile | None = None
    """Selectors to try first, instead of the spider's own profile; given as the path of a TOML file."""
    render: Render = "never"
    """Which pages are shown by a browser: ``never``, all by ``splash`` or ``playwright``, ``auto``: those that need it."""
    wait: float = 0.0
    """Seconds to wait for another run of the site to end."""

    @property
    def is_whole(self) -> bool:
        """Whether no part of the site is left out."""
        partly = self.categories or self.max_pages is not None or not self.follow_teasers
        return not partly and self.mode != "backfill"

    def covers(self, published_on: date | None) -> bool:
        """Whether a date lies in the days asked for; what has none may."""
        if published_on is None:
            return True
        return not (self.since and published_on < self.since) and not (
            self.until and published_on > self.until
        )

    @classmethod
    def parse(
        cls, given: Mapping[str, Any], settings: Mapping[str, Any], own: SiteProfile | None = None
    ) -> Self:
        """Check spider arguments, all strings as ``-a name=value`` gives them.

        What is not given is looked for in the settings: ``site_url`` as ``SITE_URL``, every other as ``WALK_`` and its
        name. Where nobody says how pages are rendered, the profile does: the given one, else the spider's *own*.

        >>> WalkArguments.parse({"max_pages": "2"}, {"SITE_URL": "http://127.0.0.1:8765"}).max_pages
        2
        >>> WalkArguments.parse({"max_pages": "all"}, {"SITE_URL": "http://127.0.0.1:8765"})
        Traceback (most recent call last):
        smartdaily_crawler.crawl.arguments.ArgumentError: max_pages takes a whole number from 1 up, not 'all'
        """
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise ArgumentError(f"unknown argument {unknown[0]!r}; there are {', '.join(sorted(known))}")
        raw = {name: given.get(name) or settings.get(_setting(name)) or "" for name in known}
        profile = _profile(raw["profile"])
        arguments = cls(
            site_url=_site_url(raw["site_url"]),
            mode=_mode(raw["mode"] or "incremental"),
            since=_day("since", raw["since"]),
            until=_day("until", raw["until"]),
            categories=_names(raw["categories"]),
            max_pages=_max_pages(raw["max_pages"]),
            follow_teasers=_flag("follow_teasers", raw["follow_teasers"] or "true"),
            profile=profile,
            render=_render(raw["render"], profile or own),
            wait=_wait(raw["wait"]),
        )
        if (arguments.since or arguments.until) and arguments.mode != "backfill":
            raise ArgumentError("since and until go with mode=backfill only")
        if arguments.since and arguments.until and arguments.since > arguments.until:
            raise ArgumentError(f"since={arguments.since} is after until={arguments.until}")
        return arguments


def _setting(name: str) -> str:
    return "SITE_URL" if name == "site_url" else f"WALK_{name.upper()}"


def _mode(raw: str) -> Mode:
    for mode in get_args(Mode):
        if raw == mode:
            return mode  # type: ignore[no-any-return]  # get_args forgets what the names are
    raise ArgumentError(f"mode takes {', '.join(get_args(Mode))}, not {raw!r}")


def _day(name: str, raw: str) -> date | None:
    try:
        return date.fromisoformat(raw) if raw else None
    except ValueError:
        raise ArgumentError(f"{name} takes a date such as 2026-03-06, not {raw!r}") from None


def _wait(raw: Any) -> float:
    try:
        seconds = float(raw or 0)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ArgumentError(f"wait takes a number of seconds, not {raw!r}")
    return seconds


def _site_url(raw: str | None) -> str:
    if not raw:
        raise ArgumentError("no site to crawl: set SITE_URL, or give -a site_url=https://…")
    url = raw.strip()
    try:
        canonicalize(url)
        parts = urlsplit(url)
    except ValueError:
        raise ArgumentError(f"site_url takes an http or https address, not {raw!r}") from None
    if any(c.isspace() for c in url):
        raise ArgumentError(f"site_url takes an http or https address, not {raw!r}")
    if "@" in parts.netloc:
        # It would stand in every log and in the database.
        raise ArgumentError("site_url takes an address without a user and password")
    return urlunsplit(parts._replace(path=parts.path or "/"))


def _names(raw: str) -> frozenset[str]:
    return frozenset(name.strip() for name in raw.replace("，", ",").split(",") if name.strip())


def _max_pages(raw: Any) -> int | None:
    if raw in (None, ""):
        return None
    try:
        number = int(raw)
    except ValueError:
        number = 0
    if number < 1:
        raise ArgumentError(f"max_pages takes a whole number from 1 up, not {raw!r}")
    return number


def _profile(raw: str | None) -> SiteProfile | None:
    try:
        return read_profile(Path(raw)) if raw else None
    except ProfileError as error:
        raise ArgumentError(f"profile {error}") from None


def _render(raw: str, profile: SiteProfile | None) -> Render:
    if not raw:
        return profile.render if profile else "never"
    for render in get_args(Render):
        if raw == render:
            return render  # type: ignore[no-any-return]  # get_args forgets what the names are
    raise ArgumentError(f"render takes {', '.join(get_args(Render))}, not {raw!r}")


def _flag(name: str, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in _YES | _NO:
        raise ArgumentError(f"{name} takes true or false, not {raw!r}")
    return word in _YES
