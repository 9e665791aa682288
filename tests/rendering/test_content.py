"""What is shown on a page: late, in parts, in lists without an end, or never."""

from __future__ import annotations

from tests.rendering.conftest import in_ci
from tests.rendering.hosts import Answer, Asked
from tests.rendering.visits import COMES, HTML, Answers, Browser, Serve, article, ask, late_page, listing, page

pytestmark = in_ci

SIDEBAR = "<ul>" + "".join(f"<li><a href=/c/{n}.html>侧栏里的标题第{n}条</a></li>" for n in range(8)) + "</ul>"


def test_content_is_waited_for(browser: Browser, serve: Serve) -> None:
    site = serve({**COMES, "/sidebar": late_page("get('/late', put)", SIDEBAR)})
    site.answers["/hang"] = site.hang
    paths = (
        "/at-once",
        "/timer",
        "/chain",
        "/polling",
        "/carousel",
        "/long-poll",
        "/throws",
        "/hostile",
        "/asks-amiss",
    )
    run = ask(browser, site.url, *map(article, paths), article("/given", selector="#late p"), listing("/sidebar"))
    assert run.shown() == set(run.ends)
    assert run.slow() == {}
    assert {end.status for end in run.ends.values()} == {200}
    assert all(end.flags == ["rendered"] for end in run.ends.values())
    assert {path: site.asked()[path] for path in paths} == dict.fromkeys(paths, 1)


def test_a_page_to_which_nothing_comes_ends_by_itself(browser: Browser, serve: Serve) -> None:
    """QtWebKit knows no ``fetch``, and cannot read ``async``."""
    site = serve({
        **COMES,
        "/barren": page(),
        "/empty": (200, HTML, b""),
        "/never": page(body="<p>x"),
        "/fetch": page("fetch('/late').then(function (r) { return r.text(); }).then(put)"),
        "/async": page("(async () => { put(await (await fetch('/data')).text()); })()"),
        "/frameset": (200, HTML, b"<title>t</title><frameset cols=*><frame src=/data></frameset>"),
    })  # fmt: skip
    run = ask(
        browser,
        site.url,
        *map(article, ("/barren", "/empty", "/fetch", "/async", "/frameset")),
        article("/never", selector="#never"),
    )
    assert run.shown() == ({"/fetch", "/async"} if browser.by == "playwright" else set())
    assert set(run.in_short().values()) == {200}
    assert run.slow() == {}


# --- lists


def entries(numbers: range) -> str:
    return "".join(f"<li style=height:120px><a href=/news/{n}.html>新闻列表里的标题第{n}条</a></li>" for n in numbers)


def part(asked: Asked) -> Answer:
    """Ten entries; there are five parts, the first in the page."""
    number = int(asked.path.partition("=")[2])
    return 200, HTML, entries(range(number * 10, number * 10 + 10) if number < 5 else range(0)).encode()


FIRST = f"<ul id=list>{entries(range(10))}</ul>"
MORE = """var number = 0, busy = false;
function more() {
    if (busy) { return; }
    busy = true;
    get('/part?number=' + (number += 1), function (html) {
        busy = false;
        document.getElementById('list').insertAdjacentHTML('beforeend', html);
    });
}
"""
BOTTOM = """window.addEventListener('scroll', function () {
    if (window.innerHeight + window.pageYOffset >= document.documentElement.scrollHeight - 50) { LATER }
})"""
LISTS: Answers = {
    "/part": part,
    "/plain": page("", FIRST),
    "/scrolled": page(MORE + BOTTOM.replace("LATER", "more();"), FIRST),
    "/debounced": page(MORE + BOTTOM.replace("LATER", "setTimeout(more, 300);"), FIRST),
    "/button": page(MORE, FIRST + "<button onclick=more()>加载更多</button>"),
    "/script-link": page(MORE, FIRST + "<a href='javascript:more()'>点击加载更多</a>"),
    "/relative-link": page(MORE, FIRST + "<a href='?next' onclick='more()'>查看更多 »</a>"),
    "/link": page(MORE, FIRST + "<a href=more.html>更多</a>"),
    "/observed": page(
        MORE + "new IntersectionObserver(function (seen) { if (seen[0].isIntersecting) { more(); } })"
        ".observe(document.getElementById('end'))",
        FIRST + "<div id=end style=height:10px></div>",
    ),
}


def test_an_endless_list_is_read_to_its_end(browser: Browser, serve: Serve) -> None:
    """QtWebKit knows no ``IntersectionObserver``."""
    site = serve(LISTS)
    endless = ("/scrolled", "/debounced", "/button", "/script-link", "/relative-link", "/observed")
    run = ask(
        browser,
        site.url,
        *(listing(path, scrolls=20) for path in (*endless, "/link", "/plain")),
        listing("/scrolled?2", scrolls=2),
        listing("/scrolled?selector", scrolls=20, selector="#list a"),
        listing("/plain?unscrolled"),
    )
    shown = {path: (end.text or "").count('<a href="/news/') for path, end in run.ends.items()}
    observed = 50 if browser.by == "playwright" else 10
    assert shown == {
        **dict.fromkeys(endless, 50),
        "/observed": observed,
        "/link": 10,
        "/plain": 10,
        "/scrolled?2": 30,
        "/scrolled?selector": 50,
        "/plain?unscrolled": 10,
    }
    assert [path for path, end in run.ends.items() if "cut" in end.flags] == ["/scrolled?2"]
    assert run.slow() == {}


def test_a_list_that_ends_costs_little(browser: Browser, serve: Serve) -> None:
    site = serve(LISTS)
    once, scrolled = listing("/plain"), listing("/plain?scrolled", scrolls=20)
    run = ask(browser, site.url, listing("/plain?warm"), once, scrolled, RENDER_CONCURRENCY=1)
    seconds = {path: end.seconds or 0 for path, end in run.ends.items()}
    # As much again as the page alone took, on a machine so busy that this is more.
    assert seconds["/plain?scrolled"] - seconds["/plain"] < max(2, seconds["/plain"])
