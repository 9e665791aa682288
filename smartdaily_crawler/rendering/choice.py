"""Which renderer a policy means, and whether it is to be had here."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec

from scrapy.settings import BaseSettings

from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.rendering.options import Renderer
from smartdaily_crawler.rendering.policy import Rendering
from smartdaily_crawler.sites.profile import Render

_LIKE = "such as http://127.0.0.1:8050"


class NoRendererError(ValueError):
    """One line that says what is missing."""


def rendering_by(name: str | None, settings: BaseSettings) -> Rendering:
    """For a command that looks at pages: every one by the renderer of this name, or none. NoRendererError."""
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
    """Give the renderer; ``None`` where the policy needs none. NoRendererError where it is not there.

    ``auto`` takes Splash where ``SPLASH_URL`` says where one is, else Chromium.
    """
    if policy == "never":
        return None
    if settings.getint("RENDER_CONCURRENCY") < 1:
        raise NoRendererError("RENDER_CONCURRENCY takes a whole number from 1 up")
    if policy == "splash" or (policy == "auto" and settings["SPLASH_URL"]):
        if not settings["SPLASH_URL"]:
            raise NoRendererError(f"render=splash needs SPLASH_URL, {_LIKE}")
        if not re.match(r"https?://[^/\s]", settings["SPLASH_URL"]):
            raise NoRendererError(f"SPLASH_URL takes an address {_LIKE}, not {settings['SPLASH_URL']!r}")
        return "splash"
    if find_spec("scrapy_playwright") is None:
        other = "set SPLASH_URL, or " if policy == "auto" else ""
        raise NoRendererError(
            f"render={policy} has no renderer: {other}pip install 'smartdaily-crawler[playwright]'"
            " (in a checkout: .venv/bin/pip install -r requirements-playwright.txt)"
        )
    options = settings.getdict("PLAYWRIGHT_LAUNCH_OPTIONS", {"executable_path": settings["CHROMIUM"]})
    browser = options.get("executable_path")
    remote = settings["PLAYWRIGHT_CDP_URL"] or settings["PLAYWRIGHT_CONNECT_URL"]
    if not remote and (browser is None or shutil.which(browser) is None):
        raise NoRendererError(
            f"render={policy} finds no Chromium: install it (Debian: chromium), or set CHROMIUM to its path"
        )
    return "playwright"
