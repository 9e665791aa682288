"""Decide which pages are rendered: by the spider argument ``render``, or by what earlier pages of the site needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request

from smartdaily_crawler.items import Kind
from smartdaily_crawler.markup.app_shell import is_shell
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.markup.selectors import Selectors
from smartdaily_crawler.rendering.options import Renderer, RenderOptions
from smartdaily_crawler.request_meta import Meta, attempts, redirects
from smartdaily_crawler.sites.profile import Render
from smartdaily_crawler.stat_names import Stat

_SURE = 10
"""App shells in a section without any static page, after which its pages are rendered at once, without plain HTTP first. If
half of the pages were static, so many shells in a row would occur by chance once in a thousand times."""
_PROBE = 20
"""One page in so many is fetched by plain HTTP all the same, as a site may stop using scripts."""
_PER_SENDING = (
    *("download_latency", "download_slot", "retry_times", "max_retry_times"),
    *("redirect_reasons", "redirect_times", "redirect_ttl", "redirect_urls"),
    *("_auth_proxy", "_scheme_proxy"),
)
"""Keys of meta that middlewares and the downloader set for one sending of a request."""
_SECTIONS = 200
"""Maximum number of sections kept. At most half of it is taken over from earlier runs, the most frequent ones, to leave room
for new ones: if paths begin with a date, each day adds some."""


class JsDetectionStats:
    """Count which pages needed a browser, by section: kind of page and first segment of the path; see ``section_of``.

    ``render/js_required/<section>`` counts app shells, including those of earlier runs; ``render/static/<section>`` counts
    pages of this run that were complete without scripts, after which the next run counts from zero.
    """

    def __init__(self, count: Callable[[str], None], before: Mapping[str, Any] | None = None) -> None:
        """Take over the statistics of an earlier run, *before*; *count* increments a statistic of this one."""
        self._count = count
        self._static: set[str] = set()
        js_required: Counter[str] = Counter()
        for name, times in (before or {}).items():
            section = name.removeprefix(Stat.JS_REQUIRED)
            if section != name and Stat.static(section) not in (before or {}):
                js_required[section] = int(times)
        self._js_required = Counter(dict(js_required.most_common(_SECTIONS // 2)))

    def is_sure(self, section: str) -> bool:
        """Return whether the next page of the section should be rendered without fetching it by plain HTTP first."""
        shells = self._js_required[section]
        return section not in self._static and shells >= _SURE and shells % _PROBE != 0

    def count_js_required(self, section: str) -> None:
        if section not in self._js_required and len(self._js_required) >= _SECTIONS:
            return
        if section not in self._js_required and section in self._static:
            self._count(Stat.static(section))
        self._js_required[section] += 1
        self._count(Stat.js_required(section))

    def count_static(self, section: str) -> None:
        if section in self._static or len(self._static) < _SECTIONS:
            self._static.add(section)
        if section in self._js_required:
            self._count(Stat.static(section))

    def carried(self) -> dict[str, int]:
        """Return the counts of earlier runs, from which the statistics of this run start."""
        return {Stat.js_required(section): times for section, times in self._js_required.items()}


@dataclass
class Rendering:
    """The render policy of one run."""

    policy: Render
    by: Renderer | None
    """The renderer; ``None`` if the policy is ``never``."""
    selectors: Selectors
    js_detection: JsDetectionStats = field(default_factory=lambda: JsDetectionStats(lambda _: None))

    def before(self, request: Request) -> RenderOptions | None:
        """Return the render options of a page that is fetched for the first time; ``None`` for plain HTTP."""
        is_plain = self.policy == "auto" and not self.js_detection.is_sure(section_of(request))
        return None if self.policy == "never" or is_plain else self._render_options(request)

    def after(self, request: Request, document: Document | None, *, found: bool) -> Request | None:
        """Count a fetched page; return a request that renders it if it is an app shell, else ``None``.

        :param found: the expected content is on the page.
        """
        if self.policy != "auto" or document is None:
            return None
        section, meta = section_of(request), request.meta
        if Meta.RENDER in meta:
            if not meta.get(Meta.WAS_SHELL):  # rendered at once: counted too, so that the next probe comes
                self.js_detection.count_js_required(section)
            return None
        if found:
            self.js_detection.count_static(section)
            return None
        if not is_shell(document):
            return None
        self.js_detection.count_js_required(section)
        return _repeat(request, {Meta.RENDER: self._render_options(request), Meta.WAS_SHELL: True})

    @staticmethod
    def may_hold_more(request: Request) -> bool:
        """Return whether a list was rendered without scrolling."""
        render_options: RenderOptions | None = request.meta.get(Meta.RENDER)
        return render_options is not None and render_options.scrolls == 0

    @staticmethod
    def deeper(request: Request, scrolls: int) -> Request:
        """Return a request for the same list, scrolled up to *scrolls* times; the caller replaces its ``cb_kwargs``."""
        return _repeat(request, {Meta.RENDER: replace(request.meta[Meta.RENDER], scrolls=scrolls)})

    def _render_options(self, request: Request) -> RenderOptions:
        kind: Kind = request.meta[Meta.KIND]
        if self.by is None:
            raise TypeError("there is no renderer")
        return RenderOptions(by=self.by, kind=kind, selector=expected(kind, self.selectors))


def _repeat(request: Request, meta: dict[str, Any]) -> Request:
    """Return a request for the same page with other *meta* and all its retries; attempts and redirects so far are counted."""
    kept = {name: value for name, value in request.meta.items() if name not in _PER_SENDING}
    earlier = {Meta.EARLIER_ATTEMPTS: attempts(request.meta), Meta.EARLIER_REDIRECTS: redirects(request.meta)}
    return request.replace(meta={**kept, **earlier, **meta}, dont_filter=True)


def expected(kind: Kind, selectors: Selectors) -> str | None:
    """Return the CSS selector of the content to wait for on this kind of page; ``None`` if the profile has none."""
    if kind == "listing":
        return selectors.entries
    return selectors.body if kind in ("article", "part") else None


def section_of(request: Request) -> str:
    """Return the kind of page and the first segment of its path, without the page's own name.

    >>> section_of(Request("https://news.example/ai/20260306/7.html", meta={"kind": "article"}))
    'article /ai'
    >>> section_of(Request("https://news.example/7.html", meta={"kind": "article"}))
    'article /'
    """
    first, _, rest = urlsplit(request.url).path.lstrip("/").partition("/")
    return f"{request.meta[Meta.KIND]} /{first if rest or request.url.endswith('/') else ''}"
