"""The set of what a run has met, as long as a site may have pages."""

from __future__ import annotations

import sys

from smartdaily_crawler.memory.hash_set import RECENT, HashSet

MANY = 5 * RECENT + 7


def test_it_holds_what_was_added_and_nothing_else() -> None:
    urls = HashSet()
    for number in range(MANY):
        urls.add(f"https://example.com/{number}")
    assert len(urls) == MANY
    assert all(f"https://example.com/{number}" in urls for number in range(MANY))
    assert not any(f"https://example.org/{number}" in urls for number in range(MANY))


def test_what_is_added_again_counts_once() -> None:
    urls = HashSet()
    for number in [*range(MANY), *range(MANY)]:
        urls.add(number)
    assert len(urls) == MANY


def test_an_element_takes_about_eight_bytes() -> None:
    urls = HashSet()
    for number in range(16 * RECENT):
        urls.add(str(number))
    arrays = sum(sys.getsizeof(hashes) for hashes in urls._sorted)
    assert arrays < 10 * 16 * RECENT
    assert len(urls._recent) < RECENT
