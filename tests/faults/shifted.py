"""A delivering process whose clock is wrong: ``python -m tests.faults.shifted SECONDS JSON``."""

from __future__ import annotations

import datetime
import runpy
import sys
import time
from collections.abc import Callable


class _Shifted(datetime.datetime):
    """A datetime that believes in another now."""

    wrong_by = datetime.timedelta(0)

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        """Tell the wrong time."""
        return super().now(tz) + cls.wrong_by


def main() -> None:
    """Shift what this process takes for the time, then deliver as told."""
    seconds = float(sys.argv.pop(1))
    right: Callable[[], float] = time.time
    _Shifted.wrong_by = datetime.timedelta(seconds=seconds)
    datetime.datetime = _Shifted  # type: ignore[misc] # that is the fault
    time.time = lambda: right() + seconds
    runpy.run_module("tests.faults.driver", run_name="__main__")


if __name__ == "__main__":
    main()
