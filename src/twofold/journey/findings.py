"""One line of the doctor: for the command line, and for the page of the integration admin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and what to do about it."""

    state: State
    check: str
    detail: str
    remedy: str = ""
