"""What the reading owes: the table of docs/accuracy.md fails its check below these."""

from __future__ import annotations

from collections.abc import Iterator

from bench.comparison import Comparison, Result

LEAST = {
    "title": 0.98,
    "day": 0.98,
    "time": 0.97,
    "source": 0.96,
    "author": 0.95,
    "editor": 0.95,
    "body": 0.96,
}
WORST_BODY = 0.6
INFO_LINES = 0.98
LISTS = 1.0
SHARE_OF_PEER = 1 / 5
"""Of the time a page that the fastest peer takes which also gives body, date and author."""
_WHOLE = frozenset({"body", "day", "author"})


def missed(found: Comparison) -> list[str]:
    """A line for each target that is not reached."""
    return [*_fields(found), *_speed(found)]


def _fields(found: Comparison) -> Iterator[str]:
    shares = [(name, found.ours.scores[name].share, least) for name, least in LEAST.items()]
    shares += [
        ("worst body", found.ours.scores["body"].least, WORST_BODY),
        ("info_lines.json", found.info_lines.share, INFO_LINES),
        ("lists.json", found.lists.share, LISTS),
    ]
    for name, share, least in shares:
        if share < least:
            yield f"{name} {share:.3f}, at least {least:.2f} is wanted"


def _speed(found: Comparison) -> Iterator[str]:
    fastest = fastest_peer(found)
    if fastest is None:
        return
    for name in ("median", "mean"):
        spent, theirs = getattr(found.ours, name), getattr(fastest, name)
        if spent > theirs * SHARE_OF_PEER:
            yield (
                f"{name} {spent:.1f} ms a page, at most a fifth of {fastest.reader.name}'s {theirs:.1f} is wanted"
            )


def fastest_peer(found: Comparison) -> Result | None:
    whole = [result for result in found.results[1:] if result.reader.fields >= _WHOLE]
    return min(whole, key=lambda result: result.mean, default=None)
