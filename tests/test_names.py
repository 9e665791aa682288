"""Names that several modules share are defined in one module each."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from smartdaily_crawler.reasons import CloseReason, Reason
from smartdaily_crawler.request_meta import Meta
from smartdaily_crawler.stat_names import Stat

ROOT = Path(__file__).parents[1]
HOMES = ("stat_names.py", "reasons.py", "request_meta.py")


def constants(*classes: type) -> set[str]:
    return {
        value
        for each in classes
        for name, value in vars(each).items()
        if isinstance(value, str) and not name.startswith("_")
    }


def literals() -> Iterator[tuple[str, ast.AST, str]]:
    """Yield every string of the code with its place, without docstrings; of an f-string its first part."""
    for path in [*ROOT.glob("smartdaily_crawler/**/*.py"), *ROOT.glob("pipelines/**/*.py")]:
        if path.name in HOMES:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node, node.value


def test_statistics_are_named_by_constants() -> None:
    heads = {name.partition("/")[0] for name in constants(Stat) if "/" in name} | {
        "outcome", "missing", "provenance", "meta", "pager", "link_rejected", "throttle"
    }  # fmt: skip
    name = re.compile(rf"(?:{'|'.join(sorted(heads))})/[a-z_/{{}}]*")
    assert [(place, text) for place, _, text in literals() if name.fullmatch(text)] == []


def test_no_two_statistics_share_a_name() -> None:
    names = [value for name, value in vars(Stat).items() if isinstance(value, str) and not name.startswith("_")]
    assert len(names) == len(set(names))


def test_keys_of_request_meta_are_constants() -> None:
    keys = constants(Meta)
    found = []
    for path in [*ROOT.glob("smartdaily_crawler/**/*.py"), *ROOT.glob("pipelines/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            key = None
            if isinstance(node, ast.Subscript) and "meta" in ast.unparse(node.value):
                key = node.slice
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in ("get", "pop", "setdefault")
                and ast.unparse(node.func.value).endswith("meta")
                and node.args
            ):
                key = node.args[0]
            if isinstance(key, ast.Constant) and key.value in keys:
                found.append((str(path.relative_to(ROOT)), key.lineno))
    assert found == []


def test_reasons_are_compared_by_constants() -> None:
    """Renaming a constant would miss a reason that is compared with a literal."""
    reasons = constants(Reason, CloseReason)
    found = []
    for path in [*ROOT.glob("smartdaily_crawler/**/*.py"), *ROOT.glob("pipelines/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and "reason" in ast.unparse(node.left):
                compared = [part for each in node.comparators for part in ast.walk(each)]
                found += [
                    (str(path.relative_to(ROOT)), node.lineno)
                    for part in compared
                    if isinstance(part, ast.Constant) and part.value in reasons
                ]
            if isinstance(node, ast.keyword) and node.arg == "reason":
                literal = isinstance(node.value, ast.Constant) and node.value.value is not None
                found += [(str(path.relative_to(ROOT)), node.value.lineno)] * literal
    assert found == []
