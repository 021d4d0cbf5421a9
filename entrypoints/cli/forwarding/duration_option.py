"""How long something is lent, as a person types it: `8h`, `30m`, `2d`."""

from __future__ import annotations

import re
from typing import Any, Final

import click

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_WRITTEN: Final = re.compile(r"(\d{1,6})\s*([smhd])")
_LONGEST: Final = 30 * 86_400


class Duration(click.ParamType[float]):
    """Some seconds, minutes, hours or days, 30 days at most."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The seconds that *value* means."""
        if isinstance(value, float):
            return value
        found = _WRITTEN.fullmatch(str(value).strip().lower())
        seconds = int(found[1]) * _UNITS[found[2]] if found else 0
        if not 0 < seconds <= _LONGEST:
            self.fail("write 30m, 8h or 2d, 30 days at most", param, ctx)
        return float(seconds)
