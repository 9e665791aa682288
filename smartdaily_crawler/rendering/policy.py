"""Which pages get a browser: by what the operator says, or by what the pages of the site turned out to need."""

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
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.sites.profile import Render
from smartdaily_crawler.stat_names import Stat

_SURE = 10
"""Pages of one place that were shells, and none that was not, before the next is not asked for plainly first. Where half of
them are, it happens by chance once in a thousand times."""
_DOUBT = 20
"""One in so many is asked for plainly all the same: a site may do without scripts again."""
_OF_ONE_SIGHT = (
    *("download_latency", "download_slot", "retry_times", "max_retry_times"),
    *("redirect_reasons", "redirect_times", "redirect_ttl", "redirect_urls"),
    *("_auth_proxy", "_scheme_proxy"),
)
"""What the middlewares and the downloader note about one sending of a request."""
_PLACES = 200
"""Kinds of pages that are remembered. Those of earlier runs, the most frequent first, leave half to be learnt: where paths
begin with a day, every day brings new ones."""


class JsDetectionStats:
    """What the pages of a site needed, by kind and by the first part of their path; kept in the run's statistics.

    ``render/js_required/<place>`` counts shells, with those of the runs before; ``render/static/<place>`` pages of this run that
    showed all by themselves, after which the next run begins at zero.
    """

    def __init__(self, count: Callable[[str], None], before: Mapping[str, Any] | None = None) -> None:
        self._count = count
        self._plain: set[str] = set()
        needed: Counter[str] = Counter()
        for name, times in (before or {}).items():
            place = name.removeprefix(Stat.JS_REQUIRED)
            if place != name and Stat.static(place) not in (before or {}):
                needed[place] = int(times)
        self._needed = Counter(dict(needed.most_common(_PLACES // 2)))

    def is_sure(self, place: str) -> bool:
        """Whether a page of this place is known to be a shell before it is fetched."""
        seen = self._needed[place]
        return place not in self._plain and seen >= _SURE and seen % _DOUBT != 0

    def needed(self, place: str) -> None:
        if place not in self._needed and len(self._needed) >= _PLACES:
            return
        if place not in self._needed and place in self._plain:
            self._count(Stat.static(place))
        self._needed[place] += 1
        self._count(Stat.js_required(place))

    def plain(self, place: str) -> None:
        if place in self._plain or len(self._plain) < _PLACES:
            self._plain.add(place)
        if place in self._needed:
            self._count(Stat.static(place))

    def carried(self) -> dict[str, int]:
        """What the statistics begin with: nobody counts pages twice."""
        return {Stat.js_required(place): times for place, times in self._needed.items()}


@dataclass
class Rendering:
    """The policy of one run."""

    policy: Render
    by: Renderer | None
    """What ``auto`` renders with; ``None`` where the policy is ``never``."""
    selectors: Selectors
    js_detection: JsDetectionStats = field(default_factory=lambda: JsDetectionStats(lambda _: None))

    def before(self, request: Request) -> RenderOptions | None:
        """How a page that was not fetched yet is asked for; ``None``: plainly."""
        asked_plainly = self.policy == "auto" and not self.js_detection.is_sure(place_of(request))
        return None if self.policy == "never" or asked_plainly else self._render_options(request)

    def after(self, request: Request, document: Document | None, *, found: bool) -> Request | None:
        """Learn from a page that was fetched; the request to make, where it has to be rendered to show anything."""
        if self.policy != "auto" or document is None:
            return None
        place, meta = place_of(request), request.meta
        if Meta.RENDER in meta:
            if not meta.get(Meta.WAS_SHELL):  # rendered unseen: it counts, so that doubt comes round
                self.js_detection.needed(place)
            return None
        if found:
            self.js_detection.plain(place)
            return None
        if not is_shell(document):
            return None
        self.js_detection.needed(place)
        return _anew(request, {Meta.RENDER: self._render_options(request), Meta.WAS_SHELL: True})

    @staticmethod
    def may_hold_more(request: Request) -> bool:
        """Whether a list was shown by a browser that did not scroll it."""
        render_options: RenderOptions | None = request.meta.get(Meta.RENDER)
        return render_options is not None and render_options.scrolls == 0

    @staticmethod
    def deeper(request: Request, scrolls: int) -> Request:
        """The same list, scrolled so often; its callback's arguments are the caller's to replace."""
        return _anew(request, {Meta.RENDER: replace(request.meta[Meta.RENDER], scrolls=scrolls)})

    def _render_options(self, request: Request) -> RenderOptions:
        kind: Kind = request.meta[Meta.KIND]
        if self.by is None:
            raise TypeError("there is no renderer")
        return RenderOptions(by=self.by, kind=kind, selector=expected(kind, self.selectors))


def _anew(request: Request, meta: dict[str, Any]) -> Request:
    """Ask once more for another sight of a page: with all its retries before it, and those behind it counted."""
    tried = request.meta.get(Meta.EARLIER_ATTEMPTS, 0) + request.meta.get("retry_times", 0) + 1
    kept = {name: value for name, value in request.meta.items() if name not in _OF_ONE_SIGHT}
    return request.replace(meta={**kept, Meta.EARLIER_ATTEMPTS: tried, **meta}, dont_filter=True)


def expected(kind: Kind, selectors: Selectors) -> str | None:
    """CSS of what a page of this kind shows once it is there, where the site's profile says it."""
    if kind == "listing":
        return selectors.entries
    return selectors.body if kind in ("article", "part") else None


def place_of(request: Request) -> str:
    """A kind of page on a site: of one part of it.

    >>> place_of(Request("https://news.example/ai/20260306/7.html", meta={"kind": "article"}))
    'article /ai'
    >>> place_of(Request("https://news.example/7.html", meta={"kind": "article"}))
    'article /'
    """
    first, _, rest = urlsplit(request.url).path.lstrip("/").partition("/")
    return f"{request.meta[Meta.KIND]} /{first if rest or request.url.endswith('/') else ''}"
