"""``python -m demo``: the demo site by hand, or around a command."""

from __future__ import annotations

import argparse
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
    """Leaves the usage to ``--help``."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"demo: {message}; see python -m demo --help\n")


def arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = OneLineParser(
        prog="python -m demo",
        description="A Chinese tech-news portal on loopback: the same articles every time, as the site stood on a day.",
        epilog="With “-- COMMAND ARG…”, COMMAND runs with the site's address in SITE_URL, and its exit code is ours.",
        usage="%(prog)s [--port P] [--day N] [--skin NAME] [--article FILE …] [--access-log FILE] [-- COMMAND ARG…]",
    )
    parser.add_argument(
        "--port", type=int, default=0, metavar="P", help="port to listen on; 0, the default, is any free one"
    )
    parser.add_argument(
        "--day",
        type=int,
        default=DAYS,
        metavar="N",
        help=f"day to show, 1 to {DAYS} (default: {DAYS}); day 1 is 2026-03-01",
    )
    parser.add_argument(
        "--skin",
        default=next(iter(SKINS)),
        metavar="NAME",
        help=f"family of markup (default: %(default)s): {', '.join(ALL_SKINS)}",
    )
    parser.add_argument(
        "--article",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="add an article given as plain text; may be repeated",
    )
    parser.add_argument(
        "--access-log", type=Path, metavar="FILE", help="append every request as a line of JSON"
    )
    options, command = _split(argv)
    parsed = parser.parse_args(options)
    parsed.command = command
    if "--" in argv and not command:
        parser.error("no command after “--”")
    return parsed


def _split(argv: Sequence[str]) -> tuple[list[str], list[str]]:
    """Our own options, and the command after the first ``--``."""
    end = list(argv).index("--") if "--" in argv else len(argv)
    return list(argv[:end]), list(argv[end + 1 :])


def main(argv: Sequence[str]) -> int:
    options = arguments(argv)
    with ExitStack() as stack:
        try:
            site = Site(day=options.day, skin=options.skin, articles=options.article)
            log = (
                stack.enter_context(options.access_log.open("a", encoding="utf-8"))
                if options.access_log
                else None
            )
            server = stack.enter_context(serve(site, options.port, log))
        except (ValueError, OverflowError, OSError) as error:
            print(f"demo: {_reason(error, options)}", file=sys.stderr)
            return BAD_INPUT
        if options.command:
            return run(options.command, server.url)
        return wait(server.url)


def _reason(error: Exception, options: argparse.Namespace) -> str:
    if isinstance(error, OverflowError):
        return f"port {options.port} is not one of 0 to 65535"
    if isinstance(error, OSError):
        place = error.filename or f"port {options.port}"
        return f"{place}: {os.strerror(error.errno) if error.errno else error}"
    return str(error)


def wait(url: str) -> int:
    """Until SIGTERM or SIGINT."""
    stopped = threading.Event()
    for number in SIGNALS:
        signal.signal(number, lambda _number, _frame: stopped.set())
    print(url, flush=True)
    stopped.wait()
    return 0


def run(command: list[str], url: str) -> int:
    """The command's exit code; 128 + N where signal N ended it. Our signals are passed on to it."""
    try:
        process = subprocess.Popen(command, env=os.environ | {"SITE_URL": url})  # noqa: S603 - the caller's own command
    except OSError as error:
        print(f"demo: {command[0]}: {error.strerror}", file=sys.stderr)
        return NOT_FOUND

    def pass_on(number: int, _frame: FrameType | None) -> None:
        process.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.signal(signal.SIGINT, signal.SIG_IGN if in_foreground() else pass_on)
    code = process.wait()
    return 128 - code if code < 0 else code


def in_foreground() -> bool:
    """Whether a terminal's Ctrl-C reaches the command without us; a second one would end it uncleanly."""
    try:
        with Path("/dev/tty").open() as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
