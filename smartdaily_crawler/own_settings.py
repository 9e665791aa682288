"""Settings of the crawler: name, kind and bounds of each, and the check of the values given."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from math import isfinite
from typing import Any
from urllib.parse import urlsplit

from scrapy.addons import AddonManager
from scrapy.settings import BaseSettings, default_settings

from smartdaily_crawler.crawl.arguments import setting_names
from smartdaily_crawler.extras import how_to_install
from smartdaily_crawler.network.guard import PrivateHosts

logger = logging.getLogger(__name__)

_ALIKE = 0.85
"""Ratio of ``difflib`` from which a name counts as misspelt."""
_RENAMED = {"REVISIT_LADDER": "REVISIT_SCHEDULE"}
_FLAGS = ("0", "1", "true", "false")
_FOREIGN = ("PLAYWRIGHT_", "SPIDERMON_", "SPLASH_")
"""Prefixes of settings that other packages read; they have more settings than are listed here."""


class SettingError(ValueError):
    """A setting has a bad value; the message is one line that names the setting and the values it takes."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Kind of a setting's values."""

    takes: str
    """Description of the values, as in ``a number of days``."""
    accepts: Callable[[Any], bool]


def _is_number(least: float, convert: Callable[[Any], float]) -> Callable[[Any], bool]:
    def accepts(value: Any) -> bool:
        try:
            number = convert(value)
        except (TypeError, ValueError):
            return False
        return isfinite(number) and number >= least

    return accepts


def _are_private_hosts(value: Any) -> bool:
    try:
        PrivateHosts(BaseSettings({"given": value}).getlist("given"))
    except (TypeError, ValueError):
        return False
    return True


def _is_webhook(value: Any) -> bool:
    try:
        parts = urlsplit(value or "")
        return not value or (
            value.isascii() and parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        )
    except (AttributeError, ValueError):
        return False


def _whole(least: int) -> Kind:
    return Kind(f"a whole number from {least} up", _is_number(least, int))


_SECONDS = Kind("a number of seconds from 0 up", _is_number(0, float))
_TIMEOUT = Kind("a number of seconds from 0.001 up", _is_number(0.001, float))
_DAYS = Kind("a number of days from 0 up", _is_number(0, float))
_FLAG = Kind("true or false", lambda value: str(value).lower() in _FLAGS)
_HOSTS = Kind("host names and networks, such as intranet.example,10.1.0.0/16", _are_private_hosts)
_WEBHOOK = Kind("an http or https URL, such as https://chat.example/hooks/1", _is_webhook)
_FLAG_OR_NONE = Kind(_FLAG.takes, lambda value: value is None or _FLAG.accepts(value))
_FOLDER = Kind("a folder", lambda value: value is None or "://" not in str(value))
_ANY = Kind("any value", lambda _: True)
"""Free text, and values checked where they are used: URLs, the revisit schedule."""

OWN: dict[str, Kind] = {
    **dict.fromkeys(("SITE_URL", "DATABASE_URL", "DATA_DIR", "SPOOL_DIR", "PGBIN", "JOB", "CRAWLER_VERSION", "RECORDED_DIR"), _ANY),
    **dict.fromkeys(("SPLASH_URL", "SPLASH_USER", "SPLASH_PASS", "CHROMIUM", "REVISIT_SCHEDULE", "WEB_TOKEN"), _ANY),
    **dict.fromkeys(("SPIDERMON_ENGINE_STOP_MONITORS", "PLAYWRIGHT_BROWSER_TYPE"), _ANY),
    "PLAYWRIGHT_LAUNCH_OPTIONS": _ANY,
    "DATABASE_REQUIRED": _FLAG_OR_NONE,
    **dict.fromkeys(("SPIDERMON_ENABLED", "PROGRESS_ENABLED", "SUMMARY_ENABLED", "JSON_LOGS"), _FLAG),
    "WEBHOOK_URL": _WEBHOOK,
    "WEBHOOK_TIMEOUT": _TIMEOUT,
    **dict.fromkeys(("ARTICLE_BUDGET", "LISTING_PAGE_BUDGET", "DISCOVERY_BUDGET", "TARGETS_PER_ENTRY", "CAUGHT_UP_AFTER", "ARTICLE_PART_BUDGET"), _whole(1)),
    **dict.fromkeys(("PERSIST_BATCH_SIZE", "RENDER_CONCURRENCY"), _whole(1)),
    **dict.fromkeys(("REVISIT_LIMIT", "RENDER_SCROLLS", "RETRY_AFTER_TIMES"), _whole(0)),
    **dict.fromkeys(("STORAGE_PATIENCE", "RENDERER_PATIENCE"), _SECONDS),
    "DATABASE_TIMEOUT": _TIMEOUT,
    **dict.fromkeys(("RENDER_TIMEOUT", "RENDER_SCROLL_TIMEOUT", "RENDER_PAUSE_MAX"), _SECONDS),
    **dict.fromkeys(("ROBOTS_MAX_AGE", "CRAWL_DELAY_MAX", "RETRY_AFTER_MAX", "HOST_PAUSE_MAX"), _SECONDS),
    "SILENT_AFTER": _DAYS,
    "POLL_BUDGET": _whole(1),
    **dict.fromkeys(("POLL_SHORTEST", "POLL_LONGEST"), Kind("a number of seconds from 60 up", _is_number(60, float))),
    "IMAGES_EXPIRES": _whole(0),
    "ARCHIVE": _FOLDER,
    "ARCHIVE_FILE_SIZE": _whole(1),
    "PRIVATE_HOSTS": _HOSTS,
}  # fmt: skip
"""Kinds of the crawler's own settings; ``docs/settings.md`` explains each."""
READ_ELSEWHERE = ("PLAYWRIGHT_", "SPIDERMON_")
"""Prefixes of those that change another spider's crawl where scrapy-playwright or Spidermon is in use."""
_CHANGED: dict[str, Kind] = {
    "IMAGES_STORE": _FOLDER,
    "DOWNLOAD_DELAY": _SECONDS,
    "CONCURRENT_ITEMS": _whole(1),
    "CONCURRENT_REQUESTS": _whole(1),
    "CONCURRENT_REQUESTS_PER_DOMAIN": _whole(1),
}
"""Kinds of Scrapy's settings for which the project has other defaults, or takes fewer values."""


def load_settings(settings: BaseSettings) -> None:
    """Apply the add-ons of another project, as a crawler process does. Raise ``SettingError`` where ours are still absent."""
    AddonManager.load_pre_crawler_settings(settings)
    if any(name not in settings for name in OWN if not name.startswith(READ_ELSEWHERE)):
        raise SettingError(
            "this project's settings have no values: add smartdaily_crawler.addon.SmartDailyAddon to ADDONS"
        )


def check_settings(settings: BaseSettings) -> None:
    """Raise ``SettingError`` for a bad value of a setting of ours; log a warning for each misspelt name.

    >>> from scrapy.settings import Settings
    >>> check_settings(Settings({"CAUGHT_UP_AFTER": "ten"}))
    Traceback (most recent call last):
    smartdaily_crawler.own_settings.SettingError: CAUGHT_UP_AFTER takes a whole number from 1 up, not 'ten'
    >>> check_settings(Settings({"IMAGES_STORE": "s3://bucket/images"}))
    Traceback (most recent call last):
    smartdaily_crawler.own_settings.SettingError: IMAGES_STORE takes a folder, not 's3://bucket/images'
    """
    for name, kind in (OWN | _CHANGED).items():
        if name in settings and not kind.accepts(settings[name]):
            raise SettingError(f"{name} takes {kind.takes}, not {settings[name]!r}")
    for name, meant in misspelt(settings):
        logger.warning("Unknown setting %s; did you mean %s?", name, meant)


def need_extra(needed_by: str, module: str, extra: str) -> None:
    """Raise ``SettingError`` if the module of an extra is not installed.

    :param needed_by: setting or command that needs it.
    """
    if find_spec(module) is None:
        raise SettingError(f"{needed_by} needs the extra {extra}: {how_to_install(extra)}")


def misspelt(names: Iterable[str]) -> list[tuple[str, str]]:
    """Return pairs of an unknown name and the own setting that it resembles; names of Scrapy's settings are known.

    >>> misspelt(["CAUGHT_UP_AFTR", "CAUGHT_UP_AFTER", "REVISIT_LADDER", "DOWNLOAD_DELAY", "MY_SETTING"])
    [('CAUGHT_UP_AFTR', 'CAUGHT_UP_AFTER'), ('REVISIT_LADDER', 'REVISIT_SCHEDULE')]
    """
    ours = {*OWN, *setting_names()}
    unknown = [
        name
        for name in names
        if name not in ours and not hasattr(default_settings, name) and not name.startswith(_FOREIGN)
    ]
    close = {name: get_close_matches(name, ours, n=1, cutoff=_ALIKE) for name in unknown}
    return [(name, meant) for name in unknown if (meant := _RENAMED.get(name) or next(iter(close[name]), None))]
