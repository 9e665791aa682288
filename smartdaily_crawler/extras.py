"""How an operator gets the packages of an extra. Imports no other room."""

from __future__ import annotations


def how_to_install(extra: str) -> str:
    """Return the commands by which the packages of an extra are installed, for a message that names what needs them."""
    return (
        f"in a checkout .venv/bin/pip install -r requirements-{extra}.txt,"
        f" beside an installed wheel pip install 'smartdaily-crawler[{extra}]'"
    )
