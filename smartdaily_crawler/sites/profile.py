"""Site profiles: settings of one site, read from a TOML file."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartdaily_crawler.markup.document import selector
from smartdaily_crawler.markup.selectors import OF_ARTICLE, Selectors

Render = Literal["never", "splash", "playwright", "auto"]
"""Pages of a site that a browser renders: none; all, by Splash or by Playwright; those that need it."""


_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """Settings of one site. All but name and title are optional: without selectors, pages are read by their structure."""

    name: str
    """Name of the file. In the database, a site has the name of its host (``SiteAddress.name``)."""
    title: str
    """Display name of the site."""
    timezone: str = "Asia/Shanghai"
    """IANA name of the time zone of times printed without an offset."""
    language: str = "zh-CN"
    """Language tag of the site's pages: sent as ``Accept-Language``; pages in another language are rejected."""
    render: Render = "never"
    """Pages to be rendered (``rendering.policy``)."""
    selectors: Selectors = field(default_factory=Selectors)


class ProfileError(ValueError):
    """Invalid profile; the message is one line with the file and the reason."""


def load_profile(name: str) -> SiteProfile:
    """Return the profile in ``sites/<name>.toml``. Raise ``ProfileError`` if it is missing or invalid.

    >>> load_profile("smartdaily").title
    '智能日报'
    """
    return _read(files(__package__).joinpath(f"{name}.toml"), name)


def read_profile(path: Path) -> SiteProfile:
    """Return the profile in a TOML file, named as the file. Raise ``ProfileError`` if it is missing or invalid."""
    return _read(path, path.stem)


def parse_profile(name: str, toml: str) -> SiteProfile:
    """Return the profile in a text. Raise ``ProfileError`` if it is invalid."""
    try:
        return _profile(name, tomllib.loads(toml))
    except ValueError as error:  # not TOML, or invalid values
        raise ProfileError(f"{name}: {error}") from error


def _read(file: Path | Traversable, name: str) -> SiteProfile:
    try:
        facts = tomllib.loads(file.read_text(encoding="utf-8"))
        return _profile(name, facts)
    except OSError as error:
        raise ProfileError(f"{file}: {error.strerror}") from error
    except ValueError as error:  # not TOML, not UTF-8, or invalid values
        raise ProfileError(f"{file}: {error}") from error


def _profile(name: str, facts: dict[str, Any]) -> SiteProfile:
    _only_known(facts, SiteProfile, "key", without="name")
    for key, kind in (("title", str), ("timezone", str), ("language", str), ("render", str), ("selectors", dict)):
        _check_type(key, facts.get(key, kind()), kind)
    selectors = facts.pop("selectors", {})
    _only_known(selectors, Selectors, "selector")
    for key, css in selectors.items():
        _check_type(key, css, str)
        if css or key not in OF_ARTICLE:
            selector(css)
    if facts.get("render", "never") not in get_args(Render):
        raise ValueError(f"render takes {', '.join(get_args(Render))}, not {facts['render']!r}")
    if not _LANGUAGE.fullmatch(language := facts.get("language", SiteProfile.language)):
        raise ValueError(f"language is {language!r}, which is no language tag such as zh-CN")
    if "title" not in facts:
        raise ValueError("title is missing")
    _check_zone(facts.get("timezone", SiteProfile.timezone))
    return SiteProfile(name=name, selectors=Selectors(**selectors), **facts)


def _check_type(key: str, value: object, kind: type[Any]) -> None:
    if not isinstance(value, kind):
        name = "a string" if kind is str else "a table"
        raise ValueError(f"{key} must be {name}, not {value!r}")  # noqa: TRY004 - all errors of a file are of one type


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, ZoneInfoNotFoundError):  # a folder of zones, a path outside of theirs, no file
        raise ValueError(f"unknown time zone {name!r}") from None


def _only_known(facts: Mapping[str, Any], kind: type[Any], what: str, *, without: str = "") -> None:
    known = {each.name for each in fields(kind)} - {without}
    if unknown := sorted(facts.keys() - known):
        raise ValueError(f"unknown {what} {unknown[0]!r}; known: {', '.join(sorted(known))}")
