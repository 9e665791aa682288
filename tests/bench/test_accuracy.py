"""The bench on a few generated pages: no peers, no publishers' texts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bench.accuracy import Comparison, Corpus, Result, compare_all, fastest_peer, main, missed
from bench.accuracy_readers import OURS, Page, Reader, Reading
from bench.accuracy_scores import Label, Score, character_f1, compare
from bench.harness import replace_table
from tests.pages.pages import PARAGRAPHS, TITLE, URL, article, page, teasers

TEXT = article().replace("2026-03-06", "2020-03-06")
LABEL: Label = {
    "file": "article/1.html",
    "url": None,
    "title": TITLE,
    "date": "2020-03-06 08:30",
    "source": "北辰资讯",
    "author": None,
    "editor": "许砚",
    "body_excerpt": PARAGRAPHS[0],
    "body_tail": PARAGRAPHS[-1],
}
LINE = {"raw": "2020-03-06来源:天脉网", "date": "2020-03-06", "source": "天脉网", "author": None, "editor": None}
UNCOUNTED = {"author where printed", "source where not printed", "editor where not printed"}
"""Scores of which the only page is not one."""
BEGIN, END = "<!-- accuracy: begin -->", "<!-- accuracy: end -->"
OTHER = {"file": "other/1.html", "url": None, "kind": "list"}
LISTS = [{"file": "list/1.html", "url": URL, "items": 3}, {"file": "not-there.html", "items": None}]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "article").mkdir()
    (tmp_path / "list").mkdir()
    (tmp_path / "article" / "1.html").write_text(TEXT, encoding="gb18030")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "1.html").write_text(page(f"<ul>{teasers()}</ul>"), encoding="utf-8")
    (tmp_path / "list" / "1.html").write_text(page(f"<ul>{teasers()}</ul>"), encoding="utf-8")
    labelled = (("articles", [LABEL]), ("not_articles", [OTHER]), ("info_lines", [LINE]), ("lists", LISTS))
    for name, labels in labelled:
        (tmp_path / f"{name}.json").write_text(json.dumps(labels), encoding="utf-8")
    return tmp_path


@pytest.fixture
def found(folder: Path) -> Comparison:
    empty = Reader(name="silent", fields=OURS.fields, read=lambda _: Reading(), version="silent 1")
    broken = Reader(name="broken", fields=frozenset({"day"}), read=lambda _: 1 / 0, version="broken 1")  # type: ignore[arg-type,return-value]
    return compare_all(Corpus.load(folder), [OURS, empty, broken])


def test_every_reader_is_scored_on_the_fields_it_has(found: Comparison) -> None:
    ours, silent, broken = found.results
    counted = {name: score.share for name, score in ours.scores.items() if score.right}
    assert counted == dict.fromkeys(ours.scores.keys() - UNCOUNTED, 1)
    wrong = {name for name, score in silent.scores.items() if score.share == 0}
    assert wrong == {
        "title", "day", "time", "source", "source where printed", "editor", "editor where printed",
        "body", "begins", "ends", "length", "kept",
    }, "it is right that there is no author, and that the list is refused"  # fmt: skip
    assert broken.failed == 1
    assert broken.scores.keys() == {"day"}
    assert all(result.median > 0 for result in found.results)
    assert (found.info_lines.share, found.lists.share) == (1, 1)


def test_a_value_where_the_page_has_none_is_wrong() -> None:
    scores = {name: Score() for name in ("author", "time")}
    compare(LABEL, Page(b"", TEXT, URL), Reading(author="北辰资讯", date="2020-03-06 08:30:59"), scores)
    assert scores["author"].wrong == ["article/1.html: '北辰资讯' for None"]
    assert scores["time"].share == 1, "the label has no seconds"


def test_half_a_body_is_half_right() -> None:
    scores = {"body": Score()}
    compare(LABEL, Page(b"", TEXT, URL), Reading(body=PARAGRAPHS[0]), scores)
    assert 0.3 < scores["body"].share < 0.6
    assert scores["body"].wrong


def test_names_are_counted_apart_where_they_are_printed() -> None:
    names = ("author", "author where printed", "author where not printed", "source where printed")
    scores = {name: Score() for name in names}
    compare(LABEL, Page(b"", TEXT, URL), Reading(author="北辰资讯"), scores)
    compare(LABEL | {"author": "林澈"}, Page(b"", TEXT, URL), Reading(author="林澈", source="北辰资讯"), scores)
    assert [scores[name].right for name in names] == [[0, 1], [1], [0], [0, 1]]


def test_disputed_fields_are_not_counted() -> None:
    scores = {name: Score() for name in ("title", "author", "author where printed", "begins", "ends", "length", "body")}
    label = LABEL | {"author": "林澈", "skip": ["title", "author", "body_start", "body_length"]}
    compare(label, Page(b"", TEXT, URL), Reading(), scores)
    assert [name for name, score in scores.items() if score.right] == ["ends"]


@pytest.mark.parametrize(
    ("body", "right"),
    [
        (PARAGRAPHS, {"begins": 1, "ends": 1, "length": 1}),
        (["图为展台一角。", *PARAGRAPHS, "（完）"], {"begins": 1, "ends": 1, "length": 1}),
        (["推荐阅读" * 12, *PARAGRAPHS, "推荐阅读" * 12], {"begins": 0, "ends": 0, "length": 0}),
        (PARAGRAPHS[1:-1], {"begins": 0, "ends": 0, "length": 0}),
    ],
    ids=["exact", "a caption more", "lists kept", "cut"],
)
def test_a_body_is_compared_at_its_ends_and_by_its_length(body: list[str], right: dict[str, int]) -> None:
    scores = {name: Score() for name in right}
    label = LABEL | {"body_excerpt": f"（原标题：{'旧题' * 30}）\n{PARAGRAPHS[0]}"}
    compare(label, Page(b"", TEXT, URL), Reading(body="\n".join(body)), scores)
    assert {name: score.share for name, score in scores.items()} == right


def test_a_site_counts_once_however_many_pages_it_has() -> None:
    score = Score()
    for file, share in (("1.html", 1.0), ("2.html", 1.0), ("3.html", 0.0)):
        score.add(share, file, "")
    assert score.by_site({"1.html": "example.com", "2.html": "example.com", "3.html": "example.org"}) == {
        "example.com": 1,
        "example.org": 0,
    }


def test_the_site_of_a_page_is_that_of_its_url_or_of_most_of_its_links(folder: Path) -> None:
    linked = TEXT.replace("</body>", '<a href="http://news.example.net/1.html">一</a></body>')
    (folder / "article" / "1.html").write_text(linked, encoding="gb18030")
    (folder / "not_articles.json").write_text(json.dumps([OTHER | {"url": URL}]), encoding="utf-8")
    assert Corpus.load(folder).sites == {"article/1.html": "example.net", "other/1.html": "example.com"}


@pytest.mark.parametrize(
    ("value", "wanted", "f1"), [("智能日报", "智能日报", 1), ("", "智能", 0), ("智能手机", "智能", 2 / 3)]
)
def test_character_f1(value: str, wanted: str, f1: float) -> None:
    assert character_f1(value, wanted) == pytest.approx(f1)


def test_targets_name_what_is_missed(found: Comparison) -> None:
    found.results = found.results[:2]
    found.ours.milliseconds, found.results[1].milliseconds = [2.0], [9.0]
    found.ours.scores["source"].right = [0.9]
    assert list(missed(found)) == [
        "source 0.900, at least 0.97 is required",
        "median 2.0 ms per page, at most a fifth of silent's 9.0 is allowed",
        "mean 2.0 ms per page, at most a fifth of silent's 9.0 is allowed",
    ]


def test_only_a_peer_that_reads_the_whole_page_sets_the_pace(found: Comparison) -> None:
    found.results[1].milliseconds, found.results[2].milliseconds = [9.0], [0.1]
    fastest = fastest_peer(found)
    assert isinstance(fastest, Result)
    assert fastest.reader.name == "silent"


def test_the_table_is_written_between_its_marks(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    document = tmp_path / "accuracy.md"
    document.write_text(f"# Before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    assert main([str(folder), "--write", str(document)]) == 0
    written = document.read_text(encoding="utf-8")
    assert "old" not in written
    assert written.startswith("# Before\n")
    assert written.endswith(f"{END}\nafter\n")
    assert f"| smartdaily |{' 1.000 |' * 13}" in written
    assert "| reader | title |" in capsys.readouterr().out
    with pytest.raises(ValueError, match="accuracy: begin"):
        replace_table("no marks", "accuracy", "table")


def test_the_document_has_its_marks() -> None:
    text = (Path(__file__).parents[2] / "docs" / "accuracy.md").read_text(encoding="utf-8")
    assert replace_table(text, "accuracy", "table").count("\ntable\n") == 1


def test_check_fails_where_a_target_is_missed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(folder), "--check"]) == 0
    wrong = LABEL | {"source": "天脉网"}
    (folder / "articles.json").write_text(json.dumps([wrong]), encoding="utf-8")
    assert main([str(folder), "--check", "-v"]) == 1
    captured = capsys.readouterr()
    assert "target missed: source 0.000" in captured.err
    assert "source: article/1.html: '北辰资讯' for '天脉网'" in captured.out


def test_a_missing_folder_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none")]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert "articles.json" in captured.err
