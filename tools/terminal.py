"""Draw what a command prints on a terminal: ``python -m tools.terminal docs/crawl.svg make crawl``.

The command runs with a new folder as ``DATA_DIR``, so that it finds no earlier runs; the folder is ``…`` in the picture.
"""

from __future__ import annotations

import io
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

COLUMNS = 96
_FONTS = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)
"""Rich's fonts, which are on another host."""


def main(arguments: list[str]) -> int:
    """Write the picture and return 0, or return the exit code of a command that failed, whose output is printed."""
    if len(arguments) < 2:  # noqa: PLR2004 - a file, a command
        print("usage: python -m tools.terminal FILE COMMAND [ARGUMENT…]", file=sys.stderr)
        return 2
    file, *command = arguments
    code, printed = run(command)
    if code:
        print(printed, file=sys.stderr)
        return code
    Path(file).write_text(draw(f"$ {' '.join(command)}\n{printed}", Path(command[0]).name), encoding="utf-8")
    return 0


def run(command: list[str]) -> tuple[int, str]:
    """Return the exit code of a command, and what it prints to a terminal.

    Standard error goes to a pipe in that terminal's stead: lines of progress that are rewritten make no picture.
    """
    with TemporaryDirectory(prefix="terminal-") as folder:
        # The embedded server's user enters it, who is not root.
        Path(folder).chmod(0o755)
        environment = os.environ | {"DATA_DIR": f"{folder}/.data", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
        environment = {name: value for name, value in environment.items() if name not in ("DATABASE_URL", "SITE_URL")}
        ours, theirs = pty.openpty()
        errors_out, errors_in = os.pipe()
        # cat copies standard error to the terminal, so that it is none itself.
        copier = subprocess.Popen(["cat"], stdin=errors_out, stdout=theirs)
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=theirs, stderr=errors_in)
        for end in (theirs, errors_out, errors_in):
            os.close(end)
        printed = b"".join(iter(lambda: read(ours), b"")).decode()
        os.close(ours)
        copier.wait()
        code = process.wait()
    return code, printed.replace("\r\n", "\n").replace(folder, "…")


def read(terminal: int) -> bytes:
    """Return what was printed next; nothing at the end, which Linux tells by an error."""
    try:
        return os.read(terminal, 65_536)
    except OSError:
        return b""


def draw(printed: str, title: str) -> str:
    """Return the picture, in the fonts of its reader."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), highlight=False)
    console.print(Text.from_ansi(printed.rstrip("\n")))
    return _FONTS.sub("", console.export_svg(title=title, theme=DIMMED_MONOKAI))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
