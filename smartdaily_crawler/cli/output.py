"""Output of commands: tables, errors in one line, pipes that their reader closes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from scrapy.commands import ScrapyCommand

UNBOUNDED = 10**6
"""Width of a table in columns so large that no cell is cut."""


def console(width: int | None = None, *, in_pipe: int | None = UNBOUNDED) -> Console:
    """Return a console that prints texts as they are: ``[b]`` and ``:cn:`` in a page's data are no markup.

    :param width: in columns, on a terminal; ``None`` for the terminal's.
    :param in_pipe: the same elsewhere; ``None`` for Rich's default.
    """
    return Console(highlight=False, markup=False, emoji=False, width=width if sys.stdout.isatty() else in_pipe)


def refuse(command: ScrapyCommand, message: object, exitcode: int = 2) -> None:
    """Print why a command cannot do what it was asked for, as one line on standard error, and set its exit code."""
    report(command, message)
    command.exitcode = exitcode


def report(command: ScrapyCommand, message: object) -> None:
    """Print one line on standard error, after the command's name."""
    print(f"scrapy {type(command).__module__.rpartition('.')[2]}: {message}", file=sys.stderr)


@contextmanager
def ignore_broken_pipe() -> Iterator[None]:
    """Ignore BrokenPipeError, so that ``| head`` exits cleanly."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Python flushes again at exit, and would report the error then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
