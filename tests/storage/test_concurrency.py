"""Several writers at once."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import event

from pipelines.storage.text.queue import process_all
from pipelines.storage.write.writer import write
from smartdaily_crawler.cleaning.urls import canonicalize
from smartdaily_crawler.items import Teaser
from tests.storage.making import SITE, article, edges, listing, navigation, new_run, outcome, read, states

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from smartdaily_crawler.items import Article, Item

WRITERS = 8


def write_at_once(
    engine: Engine, batches: Sequence[Sequence[Item]], sites: Sequence[str] = ("smartdaily",)
) -> list[str]:
    """Write each batch by a writer of its own, of each site in turn. Return the errors that the database reported meanwhile."""
    runs = [new_run(engine, site=site) for site in sites]
    errors: list[str] = []
    event.listen(engine, "handle_error", lambda context: errors.append(str(context.original_exception)))
    together = threading.Barrier(len(batches))

    def job(place: int) -> None:
        together.wait()
        write(engine, runs[place % len(runs)], batches[place])

    with ThreadPoolExecutor(len(batches)) as pool:
        list(pool.map(job, range(len(batches))))
    return errors


@pytest.mark.parametrize("seed", range(5))
def test_variants_in_opposite_orders(engine: Engine, seed: int) -> None:
    """All writers write the same articles, each under other URLs and in another order."""
    names = [f"n{number}" for number in range(20)]
    shuffle = random.Random(seed).shuffle
    batches = []
    for writer in range(WRITERS):
        batch: list[Item] = [
            article(
                name,
                at=f"{name}-{writer}",
                final=name,
                teases=" ".join(f"{other}-{(writer + 1) % WRITERS}" for other in names if other != name),
                # Some articles share a text.
                title=f"题目 {number % 7}",
                body=[f"正文 {number % 7}"],
            )
            for number, name in enumerate(names)
        ]
        batch += [navigation("手机"), listing("手机", " ".join(reversed(names)))]
        shuffle(batch)
        batches.append(batch)
    assert write_at_once(engine, batches) == []
    assert states(engine) == dict.fromkeys(names, "fetched")
    assert edges(engine) == {(one, other) for one in names for other in names if one != other}
    assert read(engine, "SELECT count(*) FROM api.revision") == [len(names)]
    assert read(engine, "SELECT count(*) FROM api.duplicate") == [len(names) - 7]
    chained = "SELECT count(*) FROM api.article a JOIN api.article o ON o.article_id = a.duplicate_of"
    assert read(engine, f"{chained} WHERE o.duplicate_of IS NOT NULL") == [0]
    assert read(engine, "SELECT DISTINCT cardinality(categories) FROM api.article") == [1]


def test_an_alias_and_links_to_it(engine: Engine) -> None:
    """Some writers still see the alias as a link while others store it as an alias."""
    for turn in range(10):
        batches: list[list[Item]] = []
        for writer in range(WRITERS // 2):
            batches.append([article(f"x{turn}-{writer}", teases=f"m{turn} y{turn}")])
            batches.append([article(f"a{turn}", at=f"m{turn}", final=f"a{turn}", teases=f"y{turn}")])
        assert write_at_once(engine, batches) == []
        expected = {(f"x{turn}-{writer}", target) for writer in range(4) for target in (f"a{turn}", f"y{turn}")}
        assert {edge for edge in edges(engine) if edge[0].startswith(f"x{turn}-")} == expected
        assert f"m{turn}" not in states(engine)


@pytest.mark.parametrize("seed", range(5))
def test_two_sites_with_the_same_texts_that_merge_aliases(engine: Engine, seed: int) -> None:
    """Their writers exclude each other only where they share a text."""
    sites = ("one.example", "two.example")
    names = [f"n{number}" for number in range(12)]
    shuffle = random.Random(seed).shuffle

    def page(name: str, site: str, minute: int, **at: str) -> Article:
        text = {"title": f"题目 {name}", "body": [f"正文 {name}，第 {minute % 3} 版"]}
        made = article(name, minute=minute, **at, **text)  # type: ignore[arg-type]  # the names of text are others
        made.url, made.canonical = made.url.replace(SITE, f"http://{site}"), None
        made.fetch.url, made.fetch.final_url = made.fetch.url.replace(SITE, f"http://{site}"), made.url
        return made

    for site in sites:
        links = article("start", teases=" ".join(f"m-{name}" for name in names))
        links.url = links.fetch.url = links.fetch.final_url = f"http://{site}/start.html"
        for each in links.teasers:
            each.url = each.url.replace(SITE, f"http://{site}")
        write(engine, new_run(engine, site=site), [links])
    for turn in range(4):
        batches: list[list[Item]] = []
        for writer in range(WRITERS):
            batch: list[Item] = [page(name, sites[writer % 2], turn, at=f"m-{name}", final=name) for name in names]
            shuffle(batch)
            batches.append(batch)
        assert write_at_once(engine, batches, sites) == []
    process_all(engine)  # as the end of a run does: a batch leaves to the queue what another one holds
    assert read(engine, "SELECT count(*) FROM api.article WHERE state = 'fetched'") == [2 * (len(names) + 1)]
    assert read(engine, "SELECT count(*) FROM api.duplicate WHERE kind = 'exact'") == [len(names) + 1]


def test_two_writers_with_variants_of_one_address(engine: Engine) -> None:
    """Any order of writers and aliases gives one article, and an edge from each page that teases it."""
    variants = [
        f"{SITE}/news/{{}}.html",
        f"{SITE}/news/{{}}.html?utm_source=feed&spm=1.2",
        "http://news.example./news/{}.html",
        "HTTP://News.Example:80/news/../news/{}.html#top",
        "http://m.news.example/news/{}.html",
        f"{SITE}/news/{{}}/index.html",
    ]
    pairs = [(one, other) for one in variants for other in variants] * 2
    run = new_run(engine)

    def batch(turn: int, writer: str, variant: str) -> list[Item]:
        requested = canonicalize(variant.format(turn))
        alias = article(f"news/{turn}", minute=turn)
        alias.fetch.url, alias.fetch.redirect = requested, "permanent"
        page = article(f"{writer}{turn}", minute=turn)
        page.teasers = [Teaser(url=requested, position=1, title="题目")]
        return [page, alias]

    with ThreadPoolExecutor(2) as pool:
        for turn, (one, other) in enumerate(pairs):
            batches = [batch(turn, "p", one), batch(turn, "q", other)]
            list(pool.map(lambda items: write(engine, run, items), batches))
    expected = {(f"{writer}{turn}", f"news/{turn}") for writer in "pq" for turn in range(len(pairs))}
    assert edges(engine) == expected
    assert set(states(engine)) == {name for edge in expected for name in edge}


def test_two_writers_with_a_directory_and_its_index(engine: Engine) -> None:
    """The two URLs are one article, under whichever of them it is written."""
    run = new_run(engine)

    def batch(turn: int, writer: str, address: str) -> list[Item]:
        page = article(f"{writer}{turn}", minute=turn)
        page.teasers = [Teaser(url=address.format(turn), position=1, title="题目")]
        target = article(f"{turn}", minute=turn)
        target.url = target.fetch.url = target.fetch.final_url = address.format(turn)
        return [page, target]

    turns = 12
    with ThreadPoolExecutor(2) as pool:
        for turn in range(turns):
            batches = [batch(turn, "p", f"{SITE}/{{}}/"), batch(turn, "q", f"{SITE}/{{}}/index.html")]
            list(pool.map(lambda items: write(engine, run, items), batches))
    assert read(engine, "SELECT count(*) FROM api.article") == [3 * turns]
    targets = read(engine, "SELECT to_article_id, count(*) FROM api.teaser GROUP BY 1")
    assert [count for _, count in targets] == [2] * turns


def test_the_same_article_with_different_texts(engine: Engine) -> None:
    """Each text newer than the one before makes a revision, and the newest one stays."""
    batches = [[article("a", title=f"题目 {writer}", minute=writer)] for writer in range(WRITERS)]
    assert write_at_once(engine, batches) == []
    assert read(engine, "SELECT title FROM api.article") == [f"题目 {WRITERS - 1}"]
    revisions = read(engine, "SELECT revision FROM api.revision ORDER BY revision")
    assert revisions == list(range(1, len(revisions) + 1))


def test_gone_and_fetched(engine: Engine) -> None:
    batches: list[list[Item]] = [[article(f"a{n}", teases="b c d") for n in range(9)] for _ in range(4)]
    batches += [[outcome(f"a{n}", "gone", status=410, minute=1) for n in reversed(range(9))] for _ in range(4)]
    assert write_at_once(engine, batches) == []
    assert len(states(engine)) == 12
