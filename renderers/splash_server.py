"""Run Splash 3.5 on a current Python: ``python splash_server.py OPTION…``, with the options of Splash.

Splash was last released in 2020. This runs its published code as its own ``bin/splash`` does, and restores what later
versions of Python removed. The Python is that of ``.venv-splash``.
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace
from typing import Any

SURROUNDINGS = {
    # No X server: Splash takes 150 MB instead of 215 and 70 for Xvfb, its screenshots are byte for byte the same, and if it is
    # killed it leaves no Xvfb behind.
    "QT_QPA_PLATFORM": "offscreen",
    # Splash imports QtWebEngine even if it serves QtWebKit only, and its sandbox refuses to run as root.
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
}


def main() -> None:
    for name, value in SURROUNDINGS.items():
        os.environ.setdefault(name, value)
    _accept_floats()
    _accept_encoding()
    from splash.server import main as serve

    # Qt puts this name into the User-Agent.
    sys.argv[0] = "splash"
    serve(argv=[*sys.argv, "--disable-xvfb"])


def _accept_floats() -> None:
    """Truncate floats to integers for Qt, as Python itself did up to 3.9.

    Splash passes milliseconds to timers as floats (``splash:wait``, ``resource_timeout`` …), and computed numbers of a
    script to ``splash:scroll_position``.
    """
    from PyQt5.QtCore import QPoint, QTimer
    from splash.engines.webkit import browser_tab

    start = QTimer.start

    def start_cut(timer: QTimer, *milliseconds: float) -> None:
        start(timer, *map(int, milliseconds))

    def point_cut(x: float, y: float) -> QPoint:
        return QPoint(int(x), int(y))

    QTimer.start = start_cut
    browser_tab.QPoint = point_cut


def _accept_encoding() -> None:
    """Restore ``json.loads(encoding=…)``, removed in 3.9, which Splash calls for each request with a JSON body."""
    from splash import render_options

    def loads(content: str, encoding: str) -> Any:  # noqa: ARG001 - the content is decoded already
        return json.loads(content)

    render_options.json = SimpleNamespace(loads=loads)


if __name__ == "__main__":
    main()
