"""The spool: items on disk survive their writer, and are stored once, in the right database."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest
from sqlalchemy import text

from pipelines.storage.db.errors import StorageError
from pipelines.storage.read import runs
from pipelines.storage.read.runs import find_run
from pipelines.storage.spill.codec import encode
from pipelines.storage.spill.spool import Closing, Head, Spool
from pipelines.storage.write.redelivery import Drain
from pipelines.storage.write.writer import write
from tests.storage.making import article, listing, new_run, outcome, read, states, url
from tests.waiting import ROOT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Engine

    from pipelines.storage.schema.run_key import RunKey
    from smartdaily_crawler.items import Item

END = Closing(
    at="2036-03-06T12:00:00+00:00", reason="storage_unavailable", verdict="failed", stats={"outcome/article/stored": 2}
)
HEAD = b'{"format": %d, "run_id": %s, "site": "smartdaily", "database": "x"}\n'
CLOSING = '{"closing": {"at": %s, "reason": "finished", "verdict": "healthy", "stats": %s}}'
ITEMS: list[Item] = [article("a", teases="b"), listing("手机", "a"), outcome("c", "failed", minute=1)]


def left(engine: Engine, run: RunKey, folder: Path, items: Sequence[Item], *, closing: Closing | None = END) -> Path:
    """Write a spool as a run leaves it; without ``closing`` as a killed run does. Return its path."""
    written = Spool(folder, Head(run_id=run.run_id, site="smartdaily", database=runs.identity(engine)))
    written.append([encode(item) for item in items])
    assert written.path
    if closing:
        written.close(closing)
    else:  # like the kernel for a killed process
        assert written._file
        written._file.close()
    return written.path


def drain(engine: Engine, folder: Path, *, site: str = "smartdaily") -> int:
    run = new_run(engine)
    head = Head(run_id=run.run_id, site=site, database=runs.identity(engine))
    return Drain(engine, folder, head, batch_size=2, patience=5).into(run)


def ends(engine: Engine, run: RunKey) -> dict[str, str]:
    rows = read(engine, "SELECT url, outcome FROM api.outcome WHERE run_id = :run_id", run_id=run.run_id)
    return dict(rows)


def test_drained_items_belong_to_the_run_that_fetched_them(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    write(engine, run, ITEMS[:1])  # the database got a part of the batch in flight
    path = left(engine, run, tmp_path, ITEMS)
    assert drain(engine, tmp_path) == 3
    assert not path.exists()
    assert states(engine) == {"a": "fetched", "b": "discovered"}
    assert ends(engine, run) == {url("a"): "stored", url("手机-1"): "stored", url("c"): "failed"}
    [row] = [row for row in runs.latest_runs(engine, 9) if row.run_id == run.run_id]
    assert (row.reason, row.verdict) == ("storage_unavailable", "failed")
    assert row.finished_at
    assert row.finished_at.year == 2036
    assert row.stats
    assert row.stats["outcome/article/stored"] == 2
    assert row.stats["outcome/article/failed"] == 1
    assert drain(engine, tmp_path) == 0
    assert read(engine, "SELECT count(*) FROM api.revision") == [1]


def test_a_killed_drain_is_repeated(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    path = left(engine, run, tmp_path, ITEMS)
    copy = path.read_bytes()
    drain(engine, tmp_path)
    before = runs.latest_runs(engine, 9)[-1]
    path.write_bytes(copy)
    assert drain(engine, tmp_path) == 3
    assert runs.latest_runs(engine, 9)[-1] == before
    assert read(engine, "SELECT max(revision), count(*) FROM api.revision") == [(1, 1)]


def test_a_run_that_is_deleted_or_was_killed(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    deleted = new_run(engine)
    left(engine, deleted, tmp_path, [article("x")])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM crawl.crawl_run WHERE run_id = :id"), {"id": deleted.run_id})
    left(engine, run, tmp_path, [article("y")], closing=None)
    assert drain(engine, tmp_path) == 2
    latest = runs.latest_runs(engine, 1)[0].run_id
    assert dict(read(engine, "SELECT url, run_id FROM api.outcome")) == {url("x"): latest, url("y"): run.run_id}
    killed = read(engine, "SELECT reason, verdict FROM api.run WHERE run_id = :id", id=run.run_id)
    assert killed == [("storage_unavailable", "failed")]


def test_another_site_and_another_database(
    engine: Engine, run: RunKey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = left(engine, run, tmp_path, ITEMS)
    assert drain(engine, tmp_path, site="elsewhere") == 0
    path.write_bytes(path.read_bytes().replace(runs.identity(engine).encode(), b"7/7", 1))
    assert drain(engine, tmp_path) == 0
    assert path.exists()
    assert states(engine) == {}
    assert [record.getMessage() for record in caplog.records] == [
        f"{path} stays where it is: it is for another database than this"
    ]


def test_only_an_incomplete_line_is_lost(
    engine: Engine, run: RunKey, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = left(engine, run, tmp_path, [article("a"), article("b")], closing=None)
    os.truncate(path, path.stat().st_size - 20)
    assert drain(engine, tmp_path) == 1
    assert states(engine) == {"a": "fetched"}
    assert list(tmp_path.iterdir()) == []
    assert "last line was not whole" in caplog.text


@pytest.mark.parametrize(
    "corrupt", [b"", b"\0" * 9, b"{}\n", b"[1]\n", b"\xff\n", b'{"format": 1}\n', HEAD % (2, b"1"), HEAD % (1, b'"x"')]
)
def test_a_file_without_a_head_is_set_aside(
    engine: Engine, tmp_path: Path, caplog: pytest.LogCaptureFixture, corrupt: bytes
) -> None:
    path = tmp_path / "1.jsonl"
    path.write_bytes(corrupt)
    assert drain(engine, tmp_path) == 0
    assert [file.read_bytes() for file in tmp_path.glob("1.jsonl.broken")] == [corrupt]
    assert len(caplog.records) == 1
    caplog.clear()
    assert drain(engine, tmp_path) == 0
    assert not caplog.records


@pytest.mark.parametrize(
    "corrupt", ["nonsense", "[]", "5", '{"closing": {}}', CLOSING % ('"garbage"', "{}"), CLOSING % ("null", "null")]
)
def test_a_corrupt_line_costs_no_other(
    engine: Engine, run: RunKey, tmp_path: Path, caplog: pytest.LogCaptureFixture, corrupt: str
) -> None:
    path = left(engine, run, tmp_path, [article("a"), article("b")])
    lines = path.read_text().splitlines()
    path.write_text("\n".join([*lines[:2], corrupt, *lines[2:]]) + "\n")
    assert drain(engine, tmp_path) == (3 if corrupt == "[]" else 2)
    assert states(engine) == {"a": "fetched", "b": "fetched"}
    if corrupt == "[]":  # an empty record is no item: it goes to the dead letters
        assert read(engine, "SELECT reason FROM crawl.dead_letter") == ["it is of no known type"]
        return
    assert [file.name for file in tmp_path.iterdir()] == [f"{path.name}.broken"]
    assert "1 of its lines cannot be read" in caplog.text


def test_a_file_that_cannot_be_opened_is_named(engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").mkdir()
    with pytest.raises(StorageError, match=rf"^spool {tmp_path}/1\.jsonl: Is a directory$"):
        drain(engine, tmp_path)


def test_an_invalid_item_goes_to_the_dead_letters(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    left(engine, run, tmp_path, [article("a"), article("bad", title=b"5"), article("c", title="\0芯\ud800")])
    assert drain(engine, tmp_path) == 3
    assert states(engine) == {"a": "fetched", "c": "fetched"}
    assert read(engine, "SELECT url FROM crawl.dead_letter") == [url("bad")]
    assert ends(engine, run)[url("bad")] == "failed"


def test_two_drains_at_once(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    for number in range(6):
        left(engine, run, tmp_path, [article(f"a{number}-{n}") for n in range(3)])
    together = threading.Barrier(3)

    def job(_: int) -> int:
        together.wait()
        return drain(engine, tmp_path)

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(job, range(3))) == 18
    assert read(engine, "SELECT max(revision), count(*) FROM api.revision") == [(1, 18)]


def test_a_file_that_is_being_written_is_left_to_its_writer(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    writing = Spool(tmp_path, Head(run_id=run.run_id, site="smartdaily", database=runs.identity(engine)))
    writing.append([encode(article("a"))])
    assert drain(engine, tmp_path) == 0
    writing.close(END)
    assert drain(engine, tmp_path) == 1
    assert find_run(engine, run.run_id) == run


def test_a_file_that_is_being_created_is_left_to_its_writer(
    engine: Engine, run: RunKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run of another site drains the folder after the file is created and before it is locked."""
    lock, seen = fcntl.flock, []

    def slow(file: IO[bytes], operation: int) -> None:
        if operation == fcntl.LOCK_EX:
            seen.append(drain(engine, tmp_path, site="other"))
        lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", slow)
    path = left(engine, run, tmp_path, ITEMS)
    assert seen == [0]
    assert list(tmp_path.iterdir()) == [path]
    assert drain(engine, tmp_path) == len(ITEMS)


def test_a_writer_killed_with_9_leaves_what_it_appended(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; from pathlib import Path; from pipelines.storage.spill.spool import Head, Spool\n"
        "from pipelines.storage.spill.codec import encode; from tests.storage.making import article\n"
        "spool = Spool(Path(sys.argv[1]), Head(run_id=int(sys.argv[2]), site='smartdaily', database=sys.argv[3]))\n"
        "spool.append([encode(article('a'))]); os.kill(os.getpid(), signal.SIGKILL)"
    )
    arguments = [str(tmp_path), str(run.run_id), runs.identity(engine)]
    subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, check=False)
    assert drain(engine, tmp_path) == 1
    assert states(engine) == {"a": "fetched"}


def test_a_full_disk_stores_all_of_a_batch_or_nothing(
    engine: Engine, run: RunKey, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the fsync fails; before and after it there is room."""
    writing = Spool(tmp_path, Head(run_id=run.run_id, site="smartdaily", database=runs.identity(engine)))
    writing.append([encode(article("a"))])

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):
            writing.append([encode(article("b"))])
    writing.append([encode(article("c"))])
    writing.close(END)
    assert drain(engine, tmp_path) == 2
    assert states(engine) == {"a": "fetched", "c": "fetched"}


def test_nobody_else_may_read_a_spool(engine: Engine, run: RunKey, tmp_path: Path) -> None:
    assert stat.S_IMODE(left(engine, run, tmp_path, ITEMS).stat().st_mode) == 0o600
