"""What the environment says. Only entry points read it; everybody else gets values."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this installation keeps its things, and which servers it uses."""

    home: Path
    """``TWOFOLD_HOME``: the embedded server, its secrets and logs."""
    operations_url: str | None = None
    """``TWOFOLD_OPERATIONS_URL``: the operations book's database, unless embedded."""
    finance_url: str | None = None
    """``TWOFOLD_FINANCE_URL``: the finance book's database, unless embedded."""
    postgres_bin: Path | None = None
    """``TWOFOLD_POSTGRES_BIN``: server binaries for the embedded server instead of the wheel."""


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as absent."""
    home = environ.get("TWOFOLD_HOME")
    postgres_bin = environ.get("TWOFOLD_POSTGRES_BIN")
    return Settings(
        home=Path(home).expanduser().absolute() if home else _default_home(environ),
        operations_url=environ.get("TWOFOLD_OPERATIONS_URL") or None,
        finance_url=environ.get("TWOFOLD_FINANCE_URL") or None,
        postgres_bin=Path(postgres_bin).expanduser().absolute() if postgres_bin else None,
    )


def _default_home(environ: Mapping[str, str]) -> Path:
    """One home per installation, so that two checkouts on one machine never share data."""
    installation = hashlib.sha256(sys.prefix.encode()).hexdigest()[:8]
    if os.geteuid() == 0:
        # PostgreSQL runs as a service user here, who cannot look into root's own home.
        return Path("/var/lib/twofold") / installation
    data_home = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data_home).expanduser() / "twofold" / installation
