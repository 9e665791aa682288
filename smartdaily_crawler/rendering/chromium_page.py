"""Render pages by Chromium and scrapy-playwright. The only module that imports Playwright; imported only when it is needed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import APIResponse, Error, Page, Route
from playwright.async_api import Response as BrowserResponse
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import Request, exceptions
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from smartdaily_crawler.network.proxy import GuardedProxy
from smartdaily_crawler.network.robots import HostRules, Robots
from smartdaily_crawler.politeness import OVERLOADED
from smartdaily_crawler.rendering.choice import launch_options
from smartdaily_crawler.rendering.errors import RendererUnavailableError, RenderFailedError, RenderTimeoutError
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import (
    VISITS,
    Beside,
    Timeouts,
    browser_headers,
    headers_of,
    is_shown,
    moved,
    rendered,
    script,
    unshown,
)
from smartdaily_crawler.rendering.static_files import StaticFiles
from smartdaily_crawler.stat_names import Stat

_SKIPPED = {"image", "media", "font"}
"""Resource types that are not loaded, as the text does not need them."""
_BLOCKING = {"script", "stylesheet"}
"""Resource types that block the parsing of a document until they are loaded."""
_CLOSING = 5
"""Seconds that a browser may take to close a page, or itself; after that it ends with its driver."""
_USES = 100
"""Visits of one tab before it is closed to free its memory."""
_POLL = 0.03
"""Seconds between two checks of a page's state."""
_NAVIGATING = ("context was destroyed", "navigat")
_REDIRECTS = range(300, 400)
_NETWORK_ERRORS: tuple[tuple[str, type[Exception]], ...] = (
    ("ConnectionRefused", exceptions.DownloadConnectionRefusedError),
    ("HostUnreachable", exceptions.CannotResolveHostError),
    ("TTLExpired", exceptions.DownloadTimeoutError),  # as our proxy replies
    ("ECONNREFUSED", exceptions.DownloadConnectionRefusedError),
    ("ENOTFOUND", exceptions.CannotResolveHostError),
    ("EAI_AGAIN", exceptions.CannotResolveHostError),
    ("ETIMEDOUT", exceptions.DownloadTimeoutError),
    ("imeout", exceptions.DownloadTimeoutError),
    ("aborted", exceptions.ResponseDataLossError),
    ("socket hang up", exceptions.DownloadFailedError),
    ("ECONNRESET", exceptions.DownloadFailedError),
    ("EPIPE", exceptions.DownloadFailedError),
    ("Parse Error", exceptions.DownloadFailedError),
)


@dataclass
class _Tab:
    """A page of the browser, reused for many visits: opening one costs four times as much as a visit."""

    name: str
    """Name of its browser context, which it does not share."""
    page: Page | None = None
    visits: int = 0
    visit: _Visit | None = None
    """The last one."""


@dataclass
class _Visit:
    """One document loaded in a tab."""

    request: Request
    tab: _Tab
    robots: HostRules
    """Of the page's own host."""
    beside: Beside
    url: str = ""
    """URL the document was loaded from, even if a script has changed it since."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 0
    """Number of times the document was requested."""
    end: Response | None = None
    """Response of a visit that shows no page: a redirect, an error, a file."""
    failure: Exception | None = None
    """Why the document could not be loaded."""

    def is_own(self, url: str) -> bool:
        """Return whether a URL is on the page's own host."""
        return urlsplit(url).netloc == urlsplit(self.url).netloc


class ChromiumPages:
    """Renderer by Chromium: one tab per page rendered at the same time, without cookies at the start of a visit."""

    def __init__(self, crawler: Crawler, timeouts: Timeouts) -> None:
        self.crawler = crawler
        self.timeouts = timeouts
        # It logs a traceback for every page that fails; the page's outcome has the reason.
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)
        self.handler = ScrapyPlaywrightDownloadHandler(crawler)
        config = self.handler.config
        config.navigation_timeout_ms = timeouts.loading * 1000
        self._proxy: dict[str, str] = {}
        self._started: asyncio.Task[None] | None = None
        self._idle: list[_Tab] = []
        self._files = StaticFiles()
        self._names = count(1)

    async def render(self, request: Request, render_options: RenderOptions, beside: Beside) -> Response:
        robots = await Robots.of(self.crawler).within(request)
        tab = self._idle.pop() if self._idle else _Tab(f"tab {next(self._names)}")
        tab.visit = visit = _Visit(request, tab, robots, beside)
        longest = self.timeouts.longest(render_options)
        response = None
        try:
            async with asyncio.timeout(longest):
                response = await self._visit(visit, render_options)
        except TimeoutError as error:
            raise RendererUnavailableError(f"Chromium does not answer within {longest:.0f} s") from error
        except PlaywrightTimeoutError as error:
            # If the document was never requested, it is the browser that hangs.
            kind = RenderTimeoutError if visit.times else RendererUnavailableError
            raise kind(_first_line(error)) from error
        except Error as error:
            response = visit.end  # set if the page navigated away while a script of ours ran
            if response is None:
                raise _failure(error) from error
        finally:
            tab.visits += 1
            if response is not None and tab.visits < _USES and await _is_halted(tab.page):
                self._idle.append(tab)
            else:
                await self._close(tab)
        return response

    async def download(self, request: Request) -> Response:
        """Download a request by scrapy-playwright itself, as its ``meta["playwright"]`` asks."""
        await self._start()
        # A remote browser, and one with a profile of its own, are not started with the proxy.
        given = request.meta.get("playwright_context_kwargs")
        request.meta["playwright_context_kwargs"] = {**(given or {}), "proxy": self._proxy}
        response: Response = await self.handler.download_request(request)
        return response

    async def close(self) -> None:
        with suppress(TimeoutError, Error):
            async with asyncio.timeout(_CLOSING):
                await self.handler.close()

    async def _visit(self, visit: _Visit, render_options: RenderOptions) -> Response:
        await self._start()
        page = await self._load(visit)
        state = await self._wait(visit, page, "state", render_options.kind, render_options.selector, visit.url)
        if state == "left":  # without a request, for about:blank for example
            visit.end = visit.end or moved(visit.request, page.url)
        if state != "ready":
            visit.end = visit.end or visit.beside.instead_of(visit.request)
        is_cut = render_options.scrolls > 0 and not (
            state == "ready" and await self._scroll(visit, page, render_options) and not visit.beside.refusals
        )
        while visit.end is None:
            with _while_it_navigates():
                html = await page.content()
                return rendered(visit.request, visit.url, visit.status, visit.headers, html, is_cut=is_cut)
            await asyncio.sleep(_POLL)
        return visit.end

    async def _load(self, visit: _Visit) -> Page:
        request, tab = visit.request, visit.tab

        async def prepare(page: Page, _: Request) -> None:
            if tab.page is not page:
                tab.page = page
                await page.add_init_script(script("page.js"))
                # Routes of the page come first, so this one gets only the requests of windows that it opened.
                await page.context.route("**", lambda route: route.abort())
                page.context.on("page", _shut)
                page.on("response", lambda response: _heard(tab, response))
            await page.context.clear_cookies()
            await page.route("**", lambda route: self._guard(visit, route))

        context: dict[str, Any] = {"service_workers": "block", "accept_downloads": False, "proxy": self._proxy}
        if agent := request.headers.get("User-Agent"):
            context["user_agent"] = agent.decode()
        if language := request.headers.get("Accept-Language"):
            # Of the page's own requests, and of what its scripts read.
            context["locale"] = language.decode().partition(",")[0]
        meta = {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_page": tab.page,
            "playwright_context": tab.name,
            "playwright_context_kwargs": context,
            "playwright_page_init_callback": prepare,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
        }
        # The handler encodes the text of the page once it is loaded, which fails for half a surrogate pair.
        try:
            with suppress(UnicodeEncodeError), _while_it_navigates():
                await self.handler.download_request(request.replace(meta={**request.meta, **meta}))
        except RuntimeError:
            # Raised for a file that the page began to download, and was not allowed to, while its document was loading.
            if not visit.times:
                raise
        if visit.failure is not None:
            raise visit.failure
        if tab.page is None:
            raise RendererUnavailableError("Chromium opened no page")
        return tab.page

    async def _scroll(self, visit: _Visit, page: Page, render_options: RenderOptions) -> bool:
        """Scroll an endless list; return whether its end was reached."""
        growth = "more"
        with suppress(TimeoutError):
            async with asyncio.timeout(self.timeouts.scrolling):
                for _ in range(render_options.scrolls):
                    size = await page.evaluate("(css) => window.__page.size(css)", render_options.selector)
                    await page.evaluate("() => window.__page.advance()")
                    growth = await self._wait(visit, page, "growth", size, render_options.selector)
                    if growth != "more":
                        break
        return growth == "end"

    async def _wait(self, visit: _Visit, page: Page, name: str, *args: Any) -> str:
        """Poll a function of ``page.js`` until it returns something other than ``waiting``, or the time for content is over.

        Playwright's own polling sets timers in the page, for which ``page.js`` would wait.
        """
        end = monotonic() + self.timeouts.content
        state = "waiting"
        while state == "waiting" and visit.end is None and monotonic() < end:
            with _while_it_navigates():
                state = await page.evaluate(f"(args) => window.__page.{name}(...args)", list(args))
            await asyncio.sleep(_POLL)
        return state

    async def _guard(self, visit: _Visit, route: Route) -> None:
        """Handle a request of the page: refuse those that are not to be sent, and limit the time of blocking ones."""
        request = route.request
        try:
            if request.is_navigation_request() and request.frame.parent_frame is None:
                await self._navigate(visit, route)
            elif request.resource_type in _SKIPPED or self._is_refused(visit, request.url):
                await route.abort()
            elif request.resource_type in _BLOCKING and (kept := self._files.find(request.url)):
                await route.fulfill(headers=headers_of(kept), body=kept.body)
            else:
                visit.beside.requests += visit.is_own(request.url)
                await self._send(route)
        except Error:
            with suppress(Error):  # the page may be closed by now
                await route.abort()

    async def _send(self, route: Route) -> None:
        if route.request.resource_type in _BLOCKING:
            answer = await self._fetch(route)
            await route.fulfill(response=answer)
            file = Response(route.request.url, status=answer.status, headers=answer.headers)
            if self._files.may_keep(file):
                self._files.keep(file.replace(body=await answer.body()))
        else:
            await route.continue_()

    async def _navigate(self, visit: _Visit, route: Route) -> None:
        """Fetch the document, without following redirects; navigation by a script ends the visit as a redirect too."""
        url, _, _ = route.request.url.partition("#")
        if visit.url not in ("", url):
            visit.end = visit.end or moved(visit.request, url)
        elif visit.times == VISITS:
            await route.abort("aborted")  # the page stays as it is
            return
        else:
            visit.url, visit.times = url, visit.times + 1
            visit.beside.requests += visit.times > 1
            try:
                await self._fetch_document(visit, route)
            except Error as error:
                visit.failure = _failure(error)
        if visit.end or visit.failure:
            # With an error the browser would repeat the request; with an abort the previous page would stay in the tab.
            await route.fulfill(status=200, content_type="text/html", body="")

    async def _fetch_document(self, visit: _Visit, route: Route) -> None:
        answer = await self._fetch(route, headers=browser_headers(visit.request))
        visit.status, visit.headers = answer.status, answer.headers
        visit.beside.began = visit.beside.began or monotonic()
        if answer.status in _REDIRECTS and (location := answer.headers.get("location")):
            visit.end = moved(visit.request, location, answer.status)
        elif not is_shown(answer.status, answer.headers):
            visit.end = unshown(visit.request, answer.status, answer.headers)
        else:
            await route.fulfill(response=answer)

    async def _fetch(self, route: Route, **options: Any) -> APIResponse:
        return await route.fetch(max_redirects=0, timeout=self.timeouts.loading * 1000 / 2, **options)

    def _is_refused(self, visit: _Visit, url: str) -> bool:
        """Return whether a request is not sent: by robots.txt, or for its scheme. Where it leads is for the proxy."""
        if visit.robots.forbid(url):
            self.crawler.stats.inc_value(Stat.RENDER_FORBIDDEN)
            return True
        return not url.startswith(("http:", "https:", "data:", "blob:", "about:"))

    async def _start(self) -> None:
        """Start the driver once. scrapy-playwright would do so with the engine, even if no page needs it."""
        if self._started is None or (self._started.done() and self._started.exception()):
            self._started = asyncio.ensure_future(self._launch())
        await asyncio.shield(self._started)

    async def _launch(self) -> None:
        settings, proxy = self.crawler.settings, GuardedProxy.of(self.crawler)
        if remote := settings["PLAYWRIGHT_CDP_URL"] or settings["PLAYWRIGHT_CONNECT_URL"]:
            try:
                self._proxy["server"] = await proxy.url_for(remote)
            except OSError as error:
                raise RendererUnavailableError(f"Chromium does not answer: {error}") from error
        else:
            self._proxy["server"] = await proxy.url()
        config = self.handler.config
        config.launch_options = launch_options(settings) | {"proxy": self._proxy}
        config.startup_context_kwargs = {
            name: {**(given or {}), "proxy": self._proxy} for name, given in config.startup_context_kwargs.items()
        }
        await self.handler._launch()  # noqa: SLF001

    async def _close(self, tab: _Tab) -> None:
        if opened := self.handler.context_wrappers.get(tab.name):
            with suppress(TimeoutError, Error):
                async with asyncio.timeout(_CLOSING):
                    await opened.context.close()


def _heard(tab: _Tab, response: BrowserResponse) -> None:
    visit = tab.visit
    if visit and response.status in OVERLOADED and visit.is_own(response.url):
        visit.beside.refusals[response.status] = response.headers.get("retry-after")


async def _shut(page: Page) -> None:
    with suppress(Error):
        await page.close()


async def _is_halted(page: Page | None) -> bool:
    """Stop the scripts of the page in the tab; return whether that worked. Loading an empty page costs as much as a visit."""
    if page is None:
        return False
    try:
        async with asyncio.timeout(_CLOSING):
            await page.evaluate("() => window.__page.halt()")
    except (Error, TimeoutError):
        return False
    return True


@contextmanager
def _while_it_navigates() -> Iterator[None]:
    """Ignore errors that are caused by navigation of the page."""
    try:
        yield
    except Error as error:
        if not any(marker in _first_line(error) for marker in _NAVIGATING):
            raise


def _failure(error: Error) -> Exception:
    message = _first_line(error)
    kind = next((kind for marker, kind in _NETWORK_ERRORS if marker in message), None)
    if kind is not None:
        return kind(message)
    markers = ("closed", "crashed", "Failed to launch", "Executable doesn't exist")
    is_gone = any(marker in message for marker in markers)
    return (RendererUnavailableError if is_gone else RenderFailedError)(message)


def _first_line(error: Error) -> str:
    return error.message.strip().partition("\n")[0]
