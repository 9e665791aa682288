"""Draw the rooms of the code and the imports between them: ``python -m tools.rooms docs/architecture.md``.

The part of the page between the two markers is replaced; ``tests/test_architecture.py`` compares it with the imports.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from pathlib import Path

import grimp

START, END = "<!-- rooms: written by `make rooms` -->", "<!-- /rooms -->"
PACKAGES = ("smartdaily_crawler", "pipelines")


def room_of(module: str) -> str:
    """Return the room of a module: its package; the top-level modules of ``pipelines`` are one room.

    >>> room_of("pipelines.storage.write.batch"), room_of("pipelines.persist"), room_of("smartdaily_crawler.items")
    ('storage/write', 'pipelines', 'items')
    """
    package, *path = module.split(".")
    if package == "pipelines":
        if not path or path[0] in ("validate", "deduplicate", "persist", "images"):
            return "pipelines"
        return "/".join(path[:2]) if path[0] == "storage" else path[0]
    if path[:2] in (["cli", "page"], ["commands", "page"], ["commands", "fleet"]):
        return "/".join(path[:2])
    return path[0] if path else package


def arrows(graph: grimp.ImportGraph) -> dict[str, set[str]]:
    """Return for each room the rooms that it imports from."""
    found: dict[str, set[str]] = defaultdict(set)
    for module in sorted(graph.modules):
        room = room_of(module)
        found[room] |= {room_of(other) for other in graph.find_modules_directly_imported_by(module)} - {room}
    return found


def sizes(graph: grimp.ImportGraph) -> dict[str, int]:
    """Return how many modules each room has, ``__init__`` left out."""
    found: dict[str, int] = defaultdict(int)
    packages = {module.rpartition(".")[0] for module in graph.modules}
    for module in graph.modules - packages:
        found[room_of(module)] += 1
    return found


def longest_chain(graph: grimp.ImportGraph) -> list[str]:
    """Return the longest chain of imports, the importing module first."""
    longest: dict[str, list[str]] = {}

    def chain(module: str) -> list[str]:
        if module not in longest:
            longest[module] = [module]  # would end a cycle; there are none
            rest = (chain(other) for other in graph.find_modules_directly_imported_by(module))
            longest[module] = [module, *max(rest, key=len, default=[])]
        return longest[module]

    return max((chain(module) for module in sorted(graph.modules)), key=len)


def direct(imports: dict[str, set[str]]) -> dict[str, set[str]]:
    """Return the arrows without those that a longer path implies, so that the diagram stays legible."""

    def reach(room: str, met: set[str]) -> set[str]:
        for other in imports.get(room, ()):
            if other not in met:
                met.add(other)
                reach(other, met)
        return met

    return {
        room: {other for other in others if not any(other in reach(third, set()) for third in others - {other})}
        for room, others in imports.items()
    }


def diagram(graph: grimp.ImportGraph) -> str:
    """Return the diagram in Mermaid, with an arrow from each room to those that it imports."""
    imports, counts = arrows(graph), sizes(graph)
    lines = ["```mermaid", "flowchart TD"]
    lines += [f'    {_name(room)}["{room} · {counts[room]}"]' for room in sorted(counts)]
    lines += [
        f"    {_name(room)} --> {_name(other)}" for room in sorted(imports) for other in sorted(direct(imports)[room])
    ]
    total = sum(map(len, imports.values()))
    legend = (
        f"{len(counts)} rooms with the number of their files; {total} pairs of rooms with an import, of which the picture leaves "
        f"out those that a longer path implies. The longest chain of imports has {len(longest_chain(graph))} modules."
    )
    return "\n".join([*lines, "```", "", legend])


def renew(page: str, drawn: str) -> str:
    """Return the page with the part between the markers replaced."""
    before, _, rest = page.partition(START)
    return f"{before}{START}\n{drawn}\n{END}{rest.partition(END)[2]}"


def build() -> grimp.ImportGraph:
    """Return the imports of both packages, those for type checking included."""
    return grimp.build_graph(*PACKAGES, cache_dir=None)


def _name(room: str) -> str:
    return room.replace("/", "_")


if __name__ == "__main__":
    path = Path(sys.argv[1])
    path.write_text(renew(path.read_text(encoding="utf-8"), diagram(build())), encoding="utf-8")
