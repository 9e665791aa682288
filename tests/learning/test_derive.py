"""Derivation on hand-made pages: what is chosen, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from smartdaily_crawler.learning.candidates import of_element
from smartdaily_crawler.learning.derive import Learnt, learn
from smartdaily_crawler.learning.samples import ArticleSample, Samples
from smartdaily_crawler.markup.document import Document
from smartdaily_crawler.pages.article import read_article
from tests.pages.pages import PARAGRAPHS, page

CLOCK = datetime(2026, 3, 8, tzinfo=UTC)
HASHES = ("css-1x2y3z", "css-9k8j7h", "css-4d5f6g", "css-7q2w3e")
NAMES = ("许砚", "林澈", "顾南", "沈禾")
INFO = '<div class="meta">2026-03-06 08:30 来源：北辰资讯</div>'


def sample(number: int, content: str) -> ArticleSample:
    title = f"{NAMES[number % 4]}谈新机：续航提升{number}成"
    text = page(content.replace("TITLE", title), title=f"{title}_智能日报")
    document = Document(text, f"http://news.example.com/2026/{number}.html")
    return ArticleSample(document, read_article(document), CLOCK)


def learnt(contents: Iterable[str]) -> Learnt:
    return learn(Samples(articles=[sample(number, text) for number, text in enumerate(contents, 1)]))


def text(number: int) -> str:
    return "".join(f"<p>{paragraph}{number}</p>" for paragraph in PARAGRAPHS)


def pages(make: Callable[[int], str], count: int = 12) -> list[str]:
    return [make(number) for number in range(count)]


def test_a_made_name_is_preferred_to_a_hash() -> None:
    found = learnt(
        pages(
            lambda n: (
                f'<div class="{HASHES[0]} story"><h2 class="{HASHES[1]} headline">TITLE</h2>{INFO}'
                f'<div class="{HASHES[2]} text">{text(n)}</div></div>'
            )
        )
    )
    assert found.selectors.title == ".headline"
    assert found.selectors.info_line == ".meta"
    assert found.selectors.body == ".text"
    assert found.selectors.source is None, "the info line has it"


def test_only_hashes_lead_to_a_way_without_them() -> None:
    found = learnt(
        pages(
            lambda n: (
                f'<div id="story"><h2 class="{HASHES[n % 4]}">TITLE</h2>{INFO}'
                f'<div class="{HASHES[(n + 1) % 4]}"><div>{text(n)}</div></div></div>'
            )
        )
    )
    assert found.selectors.title == "#story h2"
    assert found.selectors.body is not None
    assert "css-" not in found.selectors.body


def test_ids_with_numbers_of_their_page_are_no_names() -> None:
    found = learnt(
        pages(lambda n: f'<div id="post-{80412 + n}"><h1>TITLE</h1>{INFO}<div class="text">{text(n)}</div></div>')
    )
    assert found.selectors.title == "h1"
    assert found.selectors.body == ".text"


def test_a_name_with_an_element_of_its_own() -> None:
    found = learnt(
        pages(
            lambda n: (
                f'<h1>TITLE</h1>{INFO}<div class="text">{text(n)}</div>'
                f'<div class="signed">（责任编辑：{NAMES[n % 4]}）</div>'
            )
        )
    )
    assert found.selectors.editor == ".signed"


def test_what_does_not_hold_on_further_pages_is_left_out() -> None:
    """The class is right on the pages to learn from, and an advertisement has it on those to check against."""
    found = learnt(
        pages(
            lambda n: (
                f'<h1>TITLE</h1><div class="meta">{"满减专场" if n % 2 else ""}</div>'
                f'<div class="meta">2026-03-06 08:30 来源：北辰资讯</div><div class="text">{text(n)}</div>'
                if n % 2
                else f'<h1>TITLE</h1>{INFO}<div class="text">{text(n)}</div>'
            )
        )
    )
    assert found.selectors.info_line is None
    css, agreement = found.refused["info_line"]
    assert css == ".meta"
    assert agreement.agreed == 0
    assert found.selectors.body == ".text"
    assert set(found.agreement) == {"title", "body"}


def test_too_few_pages_teach_nothing() -> None:
    found = learnt(pages(lambda n: f'<h1>TITLE</h1>{INFO}<div class="text">{text(n)}</div>', 2))
    assert found.agreement == {}


def test_an_ancestor_that_is_no_name_is_no_anchor() -> None:
    document = Document('<div class="css-1x2y3z"><div class="box"><p><b>字</b></p></div></div>', "http://e.cn/")
    found = [candidate.css for candidate in of_element(document.select("b")[0])]
    assert found[0] == ".box b"
    assert not any("css-" in css for css in found)


def test_an_info_line_holds_no_text_of_the_article() -> None:
    """A flash is short enough to be taken for one, with its names above and its editor below."""
    found = learnt(
        pages(
            lambda n: (
                f'<div class="col"><h1>TITLE</h1>{INFO}<div class="text"><p>{PARAGRAPHS[0]}</p></div>'
                f'<div class="signed">（责任编辑：{NAMES[n % 4]}）</div></div>'
            )
        )
    )
    assert found.selectors.info_line == ".meta"
    assert found.selectors.editor == ".signed"
