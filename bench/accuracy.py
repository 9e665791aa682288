"""How much of real pages is read right, beside the best known extractors: `make accuracy PAGES=PAGES_DIR`.

The folder holds `articles.json`, `info_lines.json` and `lists.json`, labels made by hand, and
the pages they name. Peers that are not installed are left out; `make accuracy` installs them.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from bench import targets
from bench.comparison import Comparison, Corpus, compare_all
from bench.readings import OURS, peers
from bench.report import as_markdown, replace_table


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.accuracy", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path, metavar="PAGES_DIR")
    parser.add_argument("-v", "--verbose", action="store_true", help="name every wrong answer of our reading")
    parser.add_argument("--write", type=Path, metavar="FILE", help="put the table into this Markdown file")
    parser.add_argument("--check", action="store_true", help="exit 1 if a target is missed")
    options = parser.parse_args(arguments)
    try:
        corpus = Corpus.load(options.folder)
    except (OSError, json.JSONDecodeError) as error:
        print(f"no labelled pages in {options.folder}: {error}", file=sys.stderr)
        return 2
    found = compare_all(corpus, [OURS, *peers()])
    table = as_markdown(found)
    print(table)
    if options.verbose:
        _print_wrong(found)
    if options.write:
        text = options.write.read_text(encoding="utf-8")
        options.write.write_text(replace_table(text, table), encoding="utf-8")
    return _checked(found) if options.check else 0


def _print_wrong(found: Comparison) -> None:
    scores = {**found.ours.scores, "info_lines.json": found.info_lines, "lists.json": found.lists}
    for column, score in scores.items():
        for note in score.wrong:
            print(f"{column}: {note}")


def _checked(found: Comparison) -> int:
    missed = targets.missed(found)
    for complaint in missed:
        print(f"target missed: {complaint}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
