"""What is known of one site beforehand."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from smartdaily_crawler.markup.document import selector
from smartdaily_crawler.markup.selectors import Selectors

Render = Literal["never", "splash", "playwright", "auto"]
"""Which of a site's pages are shown by a browser: none; all, by one or the other; those that need it."""


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """Facts of one site. Everything but the name may stay unsaid: pages are read by their structure."""

    name: str
    """The name of its file. The site itself is named by its host (``SiteAddress.name``), in the database too."""
    title: str
    """The name a reader knows it by."""
    timezone: str = "Asia/Shanghai"
    """The zone of the times its pages print."""
    render: Render = "never"
    """Whether its pages need a browser (``rendering.policy``)."""
    selectors: Selectors = field(default_factory=Selectors)
    agreement: Mapping[str, float] = field(default_factory=dict)
    """Of each learnt selector: the share of pages on which it gave what the structure gave."""


class ProfileError(ValueError):
    """One line that names the file and says what is wrong with it."""


def load_profile(name: str) -> SiteProfile:
    """Read ``sites/<name>.toml``.

    >>> load_profile("smartdaily").title
    '智能日报'
    """
    return _read(files(__package__).joinpath(f"{name}.toml"), name)


def read_profile(path: Path) -> SiteProfile:
    """Read a profile anywhere; its name is the file's. ``ProfileError`` where it is none."""
    return _read(path, path.stem)


def _read(file: Path | Traversable, name: str) -> SiteProfile:
    try:
        facts = tomllib.loads(file.read_text(encoding="utf-8"))
        return _profile(name, facts)
    except OSError as error:
        raise ProfileError(f"{file}: {error.strerror}") from error
    except (ValueError, ZoneInfoNotFoundError) as error:  # no TOML, no UTF-8, or not what a profile holds
        raise ProfileError(f"{file}: {error}") from error


def _profile(name: str, facts: dict[str, Any]) -> SiteProfile:
    _only_known(facts, SiteProfile, "key", without="name")
    for key, kind in (
        ("title", str),
        ("timezone", str),
        ("render", str),
        ("selectors", dict),
        ("agreement", dict),
    ):
        if not isinstance(facts.get(key, kind()), kind):
            raise ValueError(f"{key} is {facts[key]!r}, which it cannot be")  # noqa: TRY004 - as all that a file gets wrong
    selectors = facts.pop("selectors", {})
    _only_known(selectors, Selectors, "selector")
    for css in selectors.values():
        selector(css)
    if facts.get("render", "never") not in get_args(Render):
        raise ValueError(f"render is {facts['render']!r}; there are {', '.join(get_args(Render))}")
    if "title" not in facts:
        raise ValueError("title is missing")
    ZoneInfo(facts.get("timezone", SiteProfile.timezone))
    return SiteProfile(name=name, selectors=Selectors(**selectors), **facts)


def _only_known(facts: Mapping[str, Any], kind: type[Any], what: str, *, without: str = "") -> None:
    known = {each.name for each in fields(kind)} - {without}
    if unknown := sorted(facts.keys() - known):
        raise ValueError(f"unknown {what} {unknown[0]!r}; there are {', '.join(sorted(known))}")


def chosen(selectors: Selectors) -> dict[str, str]:
    """Those selectors that are given."""
    return {name: css for name, css in asdict(selectors).items() if css}
