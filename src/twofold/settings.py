"""What the environment says. Only entry points read it; everybody else gets values."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

# A production book never carries the name a forgotten variable would give: that is why a copy
# of it, opened on a machine where nobody set the environment, is refused.
DEVELOPMENT: Final = "development"


@dataclass(frozen=True, slots=True)
class Settings:
    """Where this installation keeps its things, and which servers it uses."""

    home: Path
    """``TWOFOLD_HOME``: the embedded server, its secrets and logs."""
    operations_url: str | None = field(default=None, repr=False)
    """``TWOFOLD_OPERATIONS_URL``: the operations book's database, unless embedded."""
    finance_url: str | None = field(default=None, repr=False)
    """``TWOFOLD_FINANCE_URL``: the finance book's database, unless embedded."""
    postgres_bin: Path | None = None
    """``TWOFOLD_POSTGRES_BIN``: server binaries for the embedded server instead of the wheel."""
    operations_url_file: Path | None = None
    """``TWOFOLD_OPERATIONS_URL_FILE``: a file with that URL, read anew for each connection."""
    finance_url_file: Path | None = None
    """``TWOFOLD_FINANCE_URL_FILE``: a file with that URL, read anew for each connection."""
    operations_password: str | None = field(default=None, repr=False)
    """``TWOFOLD_OPERATIONS_PASSWORD``: the password, when the URL has none."""
    finance_password: str | None = field(default=None, repr=False)
    """``TWOFOLD_FINANCE_PASSWORD``: the password, when the URL has none."""
    operations_password_file: Path | None = None
    """``TWOFOLD_OPERATIONS_PASSWORD_FILE``: a file with it, read anew for each connection."""
    finance_password_file: Path | None = None
    """``TWOFOLD_FINANCE_PASSWORD_FILE``: a file with it, read anew for each connection."""
    tls_root: Path | None = None
    """``TWOFOLD_TLS_ROOT``: certificates that vouch for the servers; unset: the system's."""
    is_plaintext_allowed: bool = False
    """``TWOFOLD_ALLOW_PLAINTEXT``: ``yes`` speaks to servers elsewhere without checked TLS."""
    environment: str = DEVELOPMENT
    """``TWOFOLD_ENVIRONMENT``: what this pair of books is for; unset: ``development``."""
    maps: Path | None = None
    """``TWOFOLD_MAPS``: a directory with this environment's additions to the table maps."""
    openid_issuer: str | None = None
    """``TWOFOLD_OPENID_ISSUER``: where people may sign in by OpenID Connect, as it calls itself."""
    openid_client: str | None = None
    """``TWOFOLD_OPENID_CLIENT``: as which client Twofold is registered there."""
    openid_secret: str | None = field(default=None, repr=False)
    """``TWOFOLD_OPENID_SECRET``: the secret of that client."""
    openid_secret_file: Path | None = None
    """``TWOFOLD_OPENID_SECRET_FILE``: a file with it, read anew for each sign-in."""
    alert_webhook: str | None = field(default=None, repr=False)
    """``TWOFOLD_ALERT_WEBHOOK``: alerts are posted there; https, or http to this machine."""
    alert_command: str | None = field(default=None, repr=False)
    """``TWOFOLD_ALERT_COMMAND``: a program, with arguments, that reads alerts on stdin."""


def from_environment(environ: Mapping[str, str]) -> Settings:
    """Read the settings; an empty variable counts as absent."""
    home = environ.get("TWOFOLD_HOME")
    maps = environ.get("TWOFOLD_MAPS")
    return Settings(
        home=Path(home).expanduser().absolute() if home else _default_home(environ),
        maps=Path(maps).expanduser().absolute() if maps else None,
        operations_url=environ.get("TWOFOLD_OPERATIONS_URL") or None,
        finance_url=environ.get("TWOFOLD_FINANCE_URL") or None,
        postgres_bin=_path(environ, "TWOFOLD_POSTGRES_BIN"),
        operations_url_file=_path(environ, "TWOFOLD_OPERATIONS_URL_FILE"),
        finance_url_file=_path(environ, "TWOFOLD_FINANCE_URL_FILE"),
        operations_password=environ.get("TWOFOLD_OPERATIONS_PASSWORD") or None,
        finance_password=environ.get("TWOFOLD_FINANCE_PASSWORD") or None,
        operations_password_file=_path(environ, "TWOFOLD_OPERATIONS_PASSWORD_FILE"),
        finance_password_file=_path(environ, "TWOFOLD_FINANCE_PASSWORD_FILE"),
        tls_root=_path(environ, "TWOFOLD_TLS_ROOT"),
        is_plaintext_allowed=environ.get("TWOFOLD_ALLOW_PLAINTEXT") == "yes",
        environment=environ.get("TWOFOLD_ENVIRONMENT", "").strip() or DEVELOPMENT,
        openid_issuer=environ.get("TWOFOLD_OPENID_ISSUER") or None,
        openid_client=environ.get("TWOFOLD_OPENID_CLIENT") or None,
        openid_secret=environ.get("TWOFOLD_OPENID_SECRET") or None,
        openid_secret_file=_path(environ, "TWOFOLD_OPENID_SECRET_FILE"),
        alert_webhook=environ.get("TWOFOLD_ALERT_WEBHOOK") or None,
        alert_command=environ.get("TWOFOLD_ALERT_COMMAND") or None,
    )


def _path(environ: Mapping[str, str], name: str) -> Path | None:
    given = environ.get(name)
    return Path(given).expanduser().absolute() if given else None


def _default_home(environ: Mapping[str, str]) -> Path:
    """One home per installation, so that two checkouts on one machine never share data."""
    installation = hashlib.sha256(sys.prefix.encode()).hexdigest()[:8]
    if os.geteuid() == 0:
        # PostgreSQL runs as a service user here, who cannot look into root's own home.
        return Path("/var/lib/twofold") / installation
    data_home = environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data_home).expanduser() / "twofold" / installation
