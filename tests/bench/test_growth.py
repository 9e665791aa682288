"""The bench of growth on a small site: that it stores every article, not how fast."""

from __future__ import annotations

from pathlib import Path

from bench.growth import crawl, site_of
from bench.growth_queries import QUERIES, measure_queries
from bench.harness import fresh_database, scratch_server
from bench.storage_filling import fill
from bench.storage_writing import KINDS


def test_a_site_of_any_size_is_stored_beside_another_one(tmp_path: Path) -> None:
    with scratch_server(tmp_path, fsync=False) as server, fresh_database(server, "filled") as engine:
        fill(engine, 50, *KINDS)
        with site_of(30, first=970) as url:
            done = crawl(engine, url)
        assert (done.articles, done.pages > 30, done.database > 0) == (30, True, True)
        assert set(measure_queries(engine)) == set(QUERIES)
