"""Choose the renderer for a render policy, and check that it is available."""

from __future__ import annotations

import shutil
from importlib.util import find_spec
from typing import Any
from urllib.parse import urlsplit

from scrapy.settings import BaseSettings

from smartdaily_crawler.extras import how_to_install
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.network.proxy import endpoint
from smartdaily_crawler.rendering.options import Renderer
from smartdaily_crawler.rendering.policy import Rendering
from smartdaily_crawler.sites.profile import Render

_EXAMPLE = "such as http://127.0.0.1:8050"


class NoRendererError(ValueError):
    """No renderer is available; the message is one line that names what is missing."""


def rendering_by(name: str | None, settings: BaseSettings) -> Rendering:
    """Return the policy of a command that renders all its pages by the renderer *name*, or none if that is ``None``.

    Raises NoRendererError, also for an unknown name.
    """
    policy: Render
    match name:
        case "splash" | "playwright":
            policy = name
        case None:
            policy = "never"
        case _:
            raise NoRendererError(f"--render takes splash or playwright, not {name!r}")
    return Rendering(policy, choose(policy, settings), Selectors())


def choose(policy: Render, settings: BaseSettings) -> Renderer | None:
    """Return the renderer; ``None`` if the policy is ``never``. Raise NoRendererError if it is not available.

    ``auto`` takes Splash if ``SPLASH_URL`` is set, else Chromium.
    """
    if policy == "never":
        return None
    if settings.getint("RENDER_CONCURRENCY") < 1:
        raise NoRendererError("RENDER_CONCURRENCY takes a whole number from 1 up")
    if policy == "splash" or (policy == "auto" and settings["SPLASH_URL"]):
        if not settings["SPLASH_URL"]:
            raise NoRendererError(f"render=splash needs SPLASH_URL, {_EXAMPLE}")
        _check_url("SPLASH_URL", settings, {"http", "https"})
        return "splash"
    if find_spec("scrapy_playwright") is None:
        other = "set SPLASH_URL, or " if policy == "auto" else ""
        raise NoRendererError(f"render={policy} has no renderer: {other}{how_to_install('playwright')}")
    browser = launch_options(settings)["executable_path"]
    remote = [name for name in ("PLAYWRIGHT_CDP_URL", "PLAYWRIGHT_CONNECT_URL") if settings[name]]
    for name in remote:
        _check_url(name, settings, {"http", "https", "ws", "wss"})
    if not remote and (browser is None or shutil.which(browser) is None):
        raise NoRendererError(
            f"render={policy} finds no Chromium: install it (Debian: chromium), or set CHROMIUM to its path"
        )
    return "playwright"


def _check_url(name: str, settings: BaseSettings, schemes: set[str]) -> None:
    try:
        endpoint(settings[name])
        is_valid = urlsplit(settings[name]).scheme in schemes
    except ValueError:
        is_valid = False
    if not is_valid:
        raise NoRendererError(f"{name} takes a URL {_EXAMPLE}, not {settings[name]!r}")


def launch_options(settings: BaseSettings) -> dict[str, Any]:
    """Return the options with which Chromium is started; ``executable_path`` is ``CHROMIUM`` unless they name another.

    >>> from scrapy.settings import Settings
    >>> launch_options(Settings({"CHROMIUM": "/usr/bin/chromium", "PLAYWRIGHT_LAUNCH_OPTIONS": {"timeout": 1}}))
    {'executable_path': '/usr/bin/chromium', 'timeout': 1}
    """
    return {"executable_path": settings["CHROMIUM"]} | settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS")
