"""Parse ``REVISIT_SCHEDULE``: how often a known article is fetched again, by its age."""

from __future__ import annotations

import re

_UNITS = {"m": 60, "h": 3600, "d": 86_400}
_STEP = re.compile(r"(\d+(?:\.\d+)?)([mhd]):(\d+(?:\.\d+)?)([mhd])")


class ScheduleError(ValueError):
    """The setting is malformed; the message is one line."""


def parse_schedule(text: str) -> list[tuple[float, float]]:
    """Return ``(age, pause)`` steps in seconds, youngest first: an article up to that age is due again after the pause.

    An empty text gives no steps: nothing is due again. Raise ``ScheduleError`` for a malformed step or ages out of order.

    >>> parse_schedule("2h:10m 1d:1h")
    [(7200.0, 600.0), (86400.0, 3600.0)]
    >>> parse_schedule("")
    []
    >>> parse_schedule("2h")
    Traceback (most recent call last):
    pipelines.run.schedule.ScheduleError: REVISIT_SCHEDULE takes steps such as 2h:10m 1d:1h, an age and a pause, not '2h'
    """
    steps = []
    for word in text.split():
        found = _STEP.fullmatch(word)
        if found is None:
            raise ScheduleError(f"REVISIT_SCHEDULE takes steps such as 2h:10m 1d:1h, an age and a pause, not {word!r}")
        age, age_unit, pause, pause_unit = found.groups()
        steps.append((float(age) * _UNITS[age_unit], float(pause) * _UNITS[pause_unit]))
    if [age for age, _ in steps] != sorted({age for age, _ in steps}):
        raise ScheduleError(f"REVISIT_SCHEDULE takes ages that grow from step to step, not {text!r}")
    return steps
