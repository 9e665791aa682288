"""``python -m demo``: serve the bundled site until a signal, or while a command runs."""

from __future__ import annotations

import argparse
import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import FrameType
from typing import NoReturn

from demo.newsroom import DAYS
from demo.server import serve
from demo.site import Site
from demo.skins.registry import ALL_SKINS, SKINS

BAD_INPUT = 2
NOT_FOUND = 127
SIGNALS = (signal.SIGTERM, signal.SIGINT)


class OneLineParser(argparse.ArgumentParser):
    """Print errors without the usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"demo: {message}; see python -m demo --help\n")


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    """Parse the options, and set ``command`` to what follows the first ``--``."""
    parser = OneLineParser(
        prog="python -m demo",
        description="Serve a generated Chinese tech-news site on loopback, as of one day; its articles are the same each time.",
        epilog="With “-- COMMAND ARG…”, run COMMAND with the site's address in SITE_URL, and exit with its exit code.",
        usage="%(prog)s [--port P] [--day N] [--skin NAME] [--article FILE …] [--access-log FILE] [-- COMMAND ARG…]",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, metavar="P", help="port to listen on; 0, the default, is any free one")
    day_help = f"day to show, 1 to {DAYS} (default: {DAYS}); day 1 is 2026-03-01"
    add("--day", type=int, default=DAYS, metavar="N", help=day_help)
    skin_help = f"family of markup (default: %(default)s): {', '.join(ALL_SKINS)}"
    add("--skin", default=next(iter(SKINS)), metavar="NAME", help=skin_help)
    article_help = "add an article from a text file; may be repeated"
    add("--article", type=Path, action="append", default=[], metavar="FILE", help=article_help)
    add("--access-log", type=Path, metavar="FILE", help="append a line of JSON per request")
    end = argv.index("--") if "--" in argv else len(argv)
    parsed = parser.parse_args(argv[:end])
    parsed.command = argv[end + 1 :]
    if "--" in argv and not parsed.command:
        parser.error("no command after “--”")
    return parsed


def main(argv: Sequence[str]) -> int:
    options = arguments(argv)
    with ExitStack() as stack:
        try:
            site = Site(day=options.day, skin=options.skin, articles=options.article)
            log = options.access_log and stack.enter_context(options.access_log.open("a", encoding="utf-8"))
            server = stack.enter_context(serve(site, options.port, log))
        except (ValueError, OverflowError, OSError) as error:
            print(f"demo: {_reason(error, options)}", file=sys.stderr)
            return BAD_INPUT
        return run(options.command, server.url) if options.command else wait(server.url)


def _reason(error: Exception, options: argparse.Namespace) -> str:
    if isinstance(error, OverflowError):
        return f"port {options.port} is not one of 0 to 65535"
    if isinstance(error, OSError):
        place = error.filename or f"port {options.port}"
        way_out = "; take another by --port (make: DEMO_PORT=…)" if error.errno == errno.EADDRINUSE else ""
        return f"{place}: {os.strerror(error.errno) if error.errno else error}{way_out}"
    return str(error)


def wait(url: str) -> int:
    """Print the address, and return 0 after SIGTERM or SIGINT."""
    stopped = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda _number, _frame: stopped.set())
    print(url, flush=True)
    stopped.wait()
    return 0


def run(command: Sequence[str], url: str) -> int:
    """Return the command's exit code, or 128 + N if signal N ended it. Forward SIGTERM and SIGINT to it."""
    try:
        process = subprocess.Popen(command, env=os.environ | {"SITE_URL": url})  # noqa: S603 - the caller's own command
    except OSError as error:
        print(f"demo: {command[0]}: {error.strerror}", file=sys.stderr)
        return NOT_FOUND

    def forward(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, forward)
    signal.signal(signal.SIGINT, signal.SIG_IGN if in_foreground() else forward)
    code = process.wait()
    return 128 - code if code < 0 else code


def in_foreground() -> bool:
    """Return whether Ctrl-C in the terminal reaches the command directly; a second SIGINT would end it uncleanly."""
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
