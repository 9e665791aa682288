"""Output of commands: tables, errors in one line, pipes that their reader closes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook
from rich.segment import Segment
from rich.table import Table
from scrapy.commands import ScrapyCommand

from smartdaily_crawler.cleaning.text import visible

UNBOUNDED = 10**6
"""Width of a table in columns so large that no cell is cut."""


def console(width: int | None = None, *, in_pipe: int | None = UNBOUNDED) -> Console:
    """Return a console that prints texts as they are: ``[b]`` and ``:cn:`` in a page's data are no markup.

    :param width: in columns, on a terminal; ``None`` for the terminal's.
    :param in_pipe: the same elsewhere; ``None`` for Rich's default.
    """
    made = Console(highlight=False, markup=False, emoji=False, width=width if sys.stdout.isatty() else in_pipe)
    made.push_render_hook(_Visible())
    return made


class _Visible(RenderHook):
    """Show what a terminal would act upon as escapes; Rich passes most of it on."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(each) for each in renderables]


class _Shown:
    def __init__(self, shown: RenderableType) -> None:
        self._shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        for segment in console.render(self._shown, options):
            yield (
                segment if segment.control else segment._replace(text="\n".join(map(visible, segment.text.split("\n"))))
            )


def say(line: str) -> None:
    """Print one line, in which a line break or an escape sequence, as of a page, is shown as an escape of JSON."""
    print(visible(line))


def say_table(table: Table) -> None:
    """Print a table, on a terminal unbounded too, which wraps a line that is too long: squeezed columns cannot be read."""
    printer = console(UNBOUNDED)
    with printer.capture() as captured:
        printer.print(table)
    for line in captured.get().split("\n")[:-1]:
        say(line.rstrip())


def say_rows(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a table of texts."""
    table = Table(box=None, header_style="bold")
    for heading in headings:
        table.add_column(heading)
    for row in rows:
        table.add_row(*row)
    say_table(table)


def refuse(command: ScrapyCommand, message: object, exitcode: int = 2) -> None:
    """Print why a command cannot do what it was asked for, as one line on standard error, and set its exit code."""
    report(command, message)
    command.exitcode = exitcode


def report(command: ScrapyCommand, message: object) -> None:
    """Print one line on standard error, after the command's name."""
    print(visible(f"scrapy {type(command).__module__.rpartition('.')[2]}: {message}"), file=sys.stderr)


@contextmanager
def ignore_broken_pipe() -> Iterator[None]:
    """Ignore BrokenPipeError, so that ``| head`` exits cleanly."""
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        drop_output()


def drop_output() -> None:
    """Drop what is still to be printed: Python flushes at exit, and would report the error of a closed pipe, or wait for its reader."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
