"""What is known of one site beforehand."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from importlib.resources import files

from smartdaily_crawler.extraction.selectors import Selectors


@dataclass(frozen=True, kw_only=True)
class SiteProfile:
    """Facts of one site. Everything but the name may stay unsaid: pages are read by their structure."""

    name: str
    """The site's name in the database."""
    title: str
    """The name a reader knows it by."""
    timezone: str = "Asia/Shanghai"
    """The zone of the times its pages print."""
    selectors: Selectors = field(default_factory=Selectors)


def load_profile(name: str) -> SiteProfile:
    """Read ``sites/<name>.toml``.

    >>> load_profile("smartdaily").title
    '智能日报'
    """
    facts = tomllib.loads(files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))
    selectors = Selectors(**facts.pop("selectors", {}))
    return SiteProfile(name=name, selectors=selectors, **facts)
