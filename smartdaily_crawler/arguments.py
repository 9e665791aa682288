"""What an operator may ask of a walk: the same words on the command line, in scrapyd's schedule and in a test."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit, urlunsplit

from smartdaily_crawler.normalize.urls import canonicalize
from smartdaily_crawler.sites.profile import ProfileError, SiteProfile, read_profile

_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off"}


class ArgumentError(ValueError):
    """One line that says which argument is wrong, and what it takes."""


@dataclass(frozen=True, kw_only=True)
class WalkArguments:
    """The arguments of a news spider, checked."""

    site_url: str
    """Home page of the site, http or https."""
    categories: frozenset[str] = frozenset()
    """Names of the only categories to walk; empty for all."""
    max_pages: int | None = None
    """List pages a category, at the most; ``None`` for the page budget of the settings."""
    follow_teasers: bool = True
    """Whether the targets of an article's teasers are fetched too."""
    profile: SiteProfile | None = None
    """Selectors to try first, instead of the spider's own profile; given as the path of a TOML file."""

    @property
    def is_whole(self) -> bool:
        """Whether the walk meets every article that the site shows."""
        return not self.categories and self.max_pages is None and self.follow_teasers

    @classmethod
    def parse(cls, raw: dict[str, Any], *, default_site_url: str | None) -> Self:
        """Check spider arguments, all strings as ``-a name=value`` gives them.

        >>> WalkArguments.parse({"max_pages": "2"}, default_site_url="http://127.0.0.1:8765").max_pages
        2
        >>> WalkArguments.parse({"max_pages": "all"}, default_site_url="http://127.0.0.1:8765")
        Traceback (most recent call last):
        smartdaily_crawler.arguments.ArgumentError: max_pages takes a whole number from 1 up, not 'all'
        """
        known = {each.name for each in fields(cls)}
        if unknown := sorted(set(raw) - known):
            raise ArgumentError(f"unknown argument {unknown[0]!r}; there are {', '.join(sorted(known))}")
        return cls(
            site_url=_site_url(raw.get("site_url") or default_site_url),
            categories=_names(raw.get("categories") or ""),
            max_pages=_max_pages(raw.get("max_pages")),
            follow_teasers=_flag("follow_teasers", raw.get("follow_teasers", "true")),
            profile=_profile(raw.get("profile")),
        )


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


def _flag(name: str, raw: Any) -> bool:
    word = str(raw).strip().lower()
    if word not in _YES | _NO:
        raise ArgumentError(f"{name} takes true or false, not {raw!r}")
    return word in _YES
