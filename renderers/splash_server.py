"""Run Splash 3.5 on a Python that is younger than it: ``python splash_server.py OPTION…``, the options being Splash's own.

Splash was last released in 2020. This is its code as published, started as its own ``bin/splash`` does, with what later
Pythons took away given back. The Python is that of ``.venv-splash``.
"""

from __future__ import annotations

import json
import os
import sys
from types import SimpleNamespace
from typing import Any

SURROUNDINGS = {
    # No X server: Splash takes 150 MB instead of 215 and 70 for Xvfb, its pictures are the same to the byte, and a killed
    # one leaves no Xvfb behind.
    "QT_QPA_PLATFORM": "offscreen",
    # Splash imports QtWebEngine even where it serves QtWebKit alone, and its sandbox refuses to run as root.
    "QTWEBENGINE_DISABLE_SANDBOX": "1",
}


def main() -> None:
    for name, value in SURROUNDINGS.items():
        os.environ.setdefault(name, value)
    _accept_floats()
    _accept_encoding()
    from splash.server import main as serve

    # Qt takes the name for the User-Agent.
    sys.argv[0] = "splash"
    serve(argv=[*sys.argv, "--disable-xvfb"])


def _accept_floats() -> None:
    """Cut floats to integers for Qt, as Python did by itself up to 3.9.

    Splash gives milliseconds to every timer as floats (``splash:wait``, ``resource_timeout`` …), and what a script
    computes to ``splash:scroll_position``.
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
    """Take ``json.loads(encoding=…)``, gone in 3.9: every request whose body is JSON is read by it."""
    from splash import render_options

    def loads(content: str, encoding: str) -> Any:  # noqa: ARG001 - the content is decoded by then
        return json.loads(content)

    render_options.json = SimpleNamespace(loads=loads)


if __name__ == "__main__":
    main()
