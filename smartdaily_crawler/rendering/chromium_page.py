"""A page through Chromium, by scrapy-playwright; the only module that imports Playwright, and only where it is asked for."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from time import monotonic
from typing import Any

from playwright.async_api import APIResponse, Error, Page, Route
from playwright.async_api import TimeoutError as PlaywrightTimeoutError
from scrapy import Request, exceptions
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy_playwright.handler import ScrapyPlaywrightDownloadHandler

from smartdaily_crawler.rendering.errors import (
    RendererUnavailableError,
    RenderFailedError,
    RenderTimeoutError,
)
from smartdaily_crawler.rendering.options import RenderOptions
from smartdaily_crawler.rendering.page import (
    VISITS,
    Timeouts,
    browser_headers,
    is_shown,
    moved,
    rendered,
    script,
    unshown,
)
from smartdaily_crawler.sites.site_address import SiteAddress

_UNSEEN = {"image", "media", "font"}
_AWAITED = {"script", "stylesheet"}
"""What a document is not read beyond until it is there."""
_CLOSING = 5
"""Seconds that a browser may take to close a page, or itself, before it is left to die with its driver."""
_USES = 100
"""Of one tab, before it gives its memory back."""
_INSIDE = (
    *("localhost", "*.localhost", "*.local", "*.internal", "*.localdomain", "*::*"),
    *("0.*.*.*", "10.*.*.*", "127.*.*.*", "169.254.*.*", "192.168.*.*", "198.18.*.*", "198.19.*.*"),
    *(f"172.{second}.*.*" for second in range(16, 32)),
    *(f"100.{second}.*.*" for second in range(64, 128)),
)
"""Hosts of networks that the internet does not route, as Chromium's patterns: few names look like these."""
_POLL = 0.03
"""Seconds."""
_NAVIGATING = ("context was destroyed", "navigat")
_REDIRECTS = range(300, 400)
_NETWORK_ERRORS: tuple[tuple[str, type[Exception]], ...] = (
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
    """A page of the browser, used again and again: a new one costs four times what a visit does."""

    name: str
    """Of its context, which it has alone."""
    page: Page | None = None
    visits: int = 0


@dataclass
class _Visit:
    """One document in a tab."""

    request: Request
    tab: _Tab
    url: str = ""
    """Of its document, whatever a script calls it since."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    times: int = 0
    """How often the document was asked for."""
    end: Response | None = None
    """What became of it, where there is no page to show."""
    failure: Exception | None = None
    """Why the document did not come."""


class ChromiumPages:
    """As many tabs as pages are rendered at once, each without cookies at the start of a visit."""

    def __init__(self, crawler: Crawler, patience: Timeouts) -> None:
        self.crawler = crawler
        self.patience = patience
        # It warns with a traceback of every page that failed; what became of each is told by its outcome.
        logging.getLogger("scrapy-playwright").setLevel(logging.ERROR)
        self.handler = ScrapyPlaywrightDownloadHandler(crawler)
        config = self.handler.config
        config.navigation_timeout_ms = patience.loading * 1000
        if config.launch_options:
            arguments = [*config.launch_options.get("args", ()), _closed_network(self._site)]
            config.launch_options = {**config.launch_options, "args": arguments}
        self._started: asyncio.Task[None] | None = None
        self._idle: list[_Tab] = []
        self._names = count(1)

    async def render(self, request: Request, render_options: RenderOptions) -> Response:
        tab = self._idle.pop() if self._idle else _Tab(f"tab {next(self._names)}")
        visit = _Visit(request, tab)
        longest = self.patience.longest(render_options)
        response = None
        try:
            async with asyncio.timeout(longest):
                response = await self._visit(visit, render_options)
        except TimeoutError as error:
            raise RendererUnavailableError(f"Chromium does not answer within {longest:.0f} s") from error
        except PlaywrightTimeoutError as error:
            # A browser that never asked for the document hangs itself.
            kind = RenderTimeoutError if visit.times else RendererUnavailableError
            raise kind(_first_line(error)) from error
        except Error as error:
            response = visit.end  # where the page was left in the middle of a question
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
        """A request that is scrapy-playwright's own, by ``meta["playwright"]``."""
        await self._start()
        response: Response = await self.handler.download_request(request)
        return response

    async def close(self) -> None:
        with suppress(TimeoutError, Error):
            async with asyncio.timeout(_CLOSING):
                await self.handler.close()

    async def _visit(self, visit: _Visit, render_options: RenderOptions) -> Response:
        await self._start()
        page = await self._load(visit)
        state = await self._wait(
            visit, page, "state", render_options.kind, render_options.selector, visit.url
        )
        if state == "left":  # for about:blank, say, which nobody fetches
            visit.end = visit.end or moved(visit.request, page.url)
        is_cut = render_options.scrolls > 0 and not (
            state == "ready" and await self._scroll(visit, page, render_options)
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
                # Those of the page itself come first: what is left is asked by windows that it opened.
                await page.context.route("**", lambda route: route.abort())
                page.context.on("page", _shut)
            await page.context.clear_cookies()
            await page.route("**", lambda route: self._guard(visit, route))

        context = {"service_workers": "block", "accept_downloads": False}
        if agent := request.headers.get("User-Agent"):
            context["user_agent"] = agent.decode()
        meta = {
            "playwright": True,
            "playwright_include_page": True,
            "playwright_page": tab.page,
            "playwright_context": tab.name,
            "playwright_context_kwargs": context,
            "playwright_page_init_callback": prepare,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
        }
        # It reads the text of the page as it loads, in which half a surrogate pair may stand.
        with suppress(UnicodeEncodeError), _while_it_navigates():
            await self.handler.download_request(request.replace(meta={**request.meta, **meta}))
        if visit.failure is not None:
            raise visit.failure
        if tab.page is None:
            raise RendererUnavailableError("Chromium opened no page")
        return tab.page

    async def _scroll(self, visit: _Visit, page: Page, render_options: RenderOptions) -> bool:
        """Whether the list came to its end."""
        growth = "more"
        with suppress(TimeoutError):
            async with asyncio.timeout(self.patience.scrolling):
                for _ in range(render_options.scrolls):
                    size = await page.evaluate("(css) => window.__page.size(css)", render_options.selector)
                    await page.evaluate("() => window.__page.advance()")
                    growth = await self._wait(visit, page, "growth", size, render_options.selector)
                    if growth != "more":
                        break
        return growth == "end"

    async def _wait(self, visit: _Visit, page: Page, name: str, *args: Any) -> str:
        """Poll until the page says something else than ``waiting``.

        Playwright's own polling sets timers in the page, which count as something that the page still waits for.
        """
        end = monotonic() + self.patience.content
        said = "waiting"
        while said == "waiting" and visit.end is None and monotonic() < end:
            with _while_it_navigates():
                said = await page.evaluate(f"(args) => window.__page.{name}(...args)", list(args))
            await asyncio.sleep(_POLL)
        return said

    async def _guard(self, visit: _Visit, route: Route) -> None:
        """Refuse what is none of the page's, and let nothing that it waits for take all of its time."""
        asked = route.request
        try:
            if asked.is_navigation_request() and asked.frame.parent_frame is None:
                await self._navigate(visit, route)
            elif asked.resource_type in _UNSEEN or self._is_refused(asked.url):
                await route.abort()
            elif asked.resource_type in _AWAITED:
                await route.fulfill(response=await self._fetch(route))
            else:
                await route.continue_()
        except Error:
            with suppress(Error):  # the page may be closed by now
                await route.abort()

    async def _navigate(self, visit: _Visit, route: Route) -> None:
        """A page is fetched here, so that a redirect is told and not followed; where its script goes to is a redirect too."""
        url, _, _ = route.request.url.partition("#")
        if visit.url not in ("", url):
            visit.end = visit.end or moved(visit.request, url)
        elif visit.times == VISITS:
            await route.abort("aborted")  # the page stays as it is
            return
        else:
            visit.url, visit.times = url, visit.times + 1
            try:
                await self._fetch_document(visit, route)
            except Error as error:
                visit.failure = _failure(error)
        if visit.end or visit.failure:
            # An error's page would be asked for again by the browser itself, and the page before is not to stay.
            await route.fulfill(status=200, content_type="text/html", body="")

    async def _fetch_document(self, visit: _Visit, route: Route) -> None:
        answer = await self._fetch(route, headers=browser_headers(visit.request))
        visit.status, visit.headers = answer.status, answer.headers
        if answer.status in _REDIRECTS and (location := answer.headers.get("location")):
            visit.end = moved(visit.request, location, answer.status)
        elif not is_shown(answer.status, answer.headers):
            visit.end = unshown(visit.request, answer.status, answer.headers)
        else:
            await route.fulfill(response=answer)

    async def _fetch(self, route: Route, **options: Any) -> APIResponse:
        return await route.fetch(max_redirects=0, timeout=self.patience.loading * 1000 / 2, **options)

    def _is_refused(self, url: str) -> bool:
        """Whether a page asks for something inside the operator's own network."""
        if not url.startswith(("http:", "https:")):
            return not url.startswith(("data:", "blob:", "about:"))
        return self._site.rejection_reason(url) == "private"

    @property
    def _site(self) -> SiteAddress:
        address: SiteAddress = self.crawler.spider.site_address  # type: ignore[union-attr]  # a spider of ours
        return address

    async def _start(self) -> None:
        """Start the driver once; scrapy-playwright does so when the engine starts, whether or not a page ever needs it."""
        if self._started is None or (self._started.done() and self._started.exception()):
            self._started = asyncio.ensure_future(self.handler._launch())  # noqa: SLF001
        await asyncio.shield(self._started)

    async def _close(self, tab: _Tab) -> None:
        if opened := self.handler.context_wrappers.get(tab.name):
            with suppress(TimeoutError, Error):
                async with asyncio.timeout(_CLOSING):
                    await opened.context.close()


def _closed_network(site: SiteAddress) -> str:
    """Chromium's argument that leaves no way into the operator's network: a redirect of what a page asks for passes by every
    route."""
    own = f"{site.host}:{site.port}"
    rules = [*[f"MAP {own} {own}"] * site.is_private, *[f"MAP {pattern} ~NOTFOUND" for pattern in _INSIDE]]
    return "--host-resolver-rules=" + ",".join(rules)


async def _shut(page: Page) -> None:
    with suppress(Error):
        await page.close()


async def _is_halted(page: Page | None) -> bool:
    """Whether the page that was shown does nothing any more; an empty one in its place would cost as much as a visit."""
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
    """Pass over what fails because the page is on its way to another."""
    try:
        yield
    except Error as error:
        if not any(sign in _first_line(error) for sign in _NAVIGATING):
            raise


def _failure(error: Error) -> Exception:
    said = _first_line(error)
    kind = next((kind for sign, kind in _NETWORK_ERRORS if sign in said), None)
    if kind is not None:
        return kind(said)
    gone = any(sign in said for sign in ("closed", "crashed", "Failed to launch", "Executable doesn't exist"))
    return (RendererUnavailableError if gone else RenderFailedError)(said)


def _first_line(error: Error) -> str:
    return error.message.strip().partition("\n")[0]
