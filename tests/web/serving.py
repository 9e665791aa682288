"""``scrapy web`` as a process of its own."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.waiting import wait_for
from tests.warm import start_warm

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.warm import Started


@contextmanager
def serving(database_url: str, folder: Path, **environment: str) -> Iterator[tuple[str, Started]]:
    """Start the command on a free port; yield the URL that it prints, and the process."""
    mine = os.environ | {"DATABASE_URL": database_url, "DATA_DIR": str(folder), **environment}
    with start_warm("scrapy", "web", "--port", "0", environment=mine) as started:
        output = started._folder / "stdout"

        def address() -> str | None:
            found = re.match(r"(http://\S+)  ", output.read_text(encoding="utf-8")) if output.exists() else None
            return found[1] if found else None

        wait_for(lambda: address() is not None or started.poll() is not None)
        url = address()
        assert url, started.wait().stderr
        yield url.rstrip("/"), started
