"""How often a known article is asked for again, by its age."""

from __future__ import annotations

import re

_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_STEP = re.compile(r"(\d+(?:\.\d+)?)([mhd]):(\d+(?:\.\d+)?)([mhd])")


class LadderError(ValueError):
    """One line that says what is wrong with the setting."""


def parse_ladder(text: str) -> list[tuple[float, float]]:
    """Steps of age and pause in seconds, youngest first: an article up to that age is due again after the pause.

    >>> parse_ladder("2h:10m 1d:1h")
    [(7200.0, 600.0), (86400.0, 3600.0)]
    >>> parse_ladder("")
    []
    >>> parse_ladder("2h")
    Traceback (most recent call last):
    pipelines.run.schedule.LadderError: REVISIT_LADDER takes steps such as 2h:10m 1d:1h, an age and a pause, not '2h'
    """
    steps = []
    for word in text.split():
        found = _STEP.fullmatch(word)
        if found is None:
            raise LadderError(
                f"REVISIT_LADDER takes steps such as 2h:10m 1d:1h, an age and a pause, not {word!r}"
            )
        age, age_unit, pause, pause_unit = found.groups()
        steps.append((float(age) * _UNITS[age_unit], float(pause) * _UNITS[pause_unit]))
    if [age for age, _ in steps] != sorted({age for age, _ in steps}):
        raise LadderError(f"REVISIT_LADDER takes ages that grow from step to step, not {text!r}")
    return steps
