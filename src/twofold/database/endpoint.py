"""Where a book is reached, and how safely: the connection string, its secret, and TLS.

A server elsewhere is spoken to with TLS only, its certificate checked against its name
(``sslmode=verify-full``); a Unix socket and a loopback address are this machine. Secrets come
from the environment or from files that nobody else can read, and are read again for each new
connection. No message of ours, and none of libpq's that we pass on, quotes a connection string.
"""

from __future__ import annotations

import ipaddress
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import Conninfo

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Fault, Refused

_CHECKED: Final = "verify-full"


@dataclass(frozen=True, slots=True)
class Endpoint:
    """How the settings name one book's database. ``variable`` is the setting's name."""

    variable: str
    url: str | None = field(default=None, repr=False)
    url_file: Path | None = None
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    root_certificate: Path | None = None
    """Who vouches for the server's certificate; left out: those the system trusts."""
    is_plaintext_allowed: bool = False

    def conninfo(self) -> str:
        """Give the connection string as it is to be used now, secrets read from their files.

        Raises  Fault: a file is missing or others can read it, or the text is no connection
                string. Refused (ERR-D39): the server is elsewhere and TLS is not checked.
        """
        url = self.url if self.url_file is None else read_secret(self.url_file)
        try:
            given = conninfo_to_dict(url or "")
        except ProgrammingError:
            # libpq's words quote what it could not read, which may be the password.
            raise Fault(f"{self.variable} is not a connection string of PostgreSQL") from None
        password = self.password
        if self.password_file is not None:
            password = read_secret(self.password_file)
        if password is not None:
            given["password"] = password
        if not is_local(given):
            given |= self._tls(given)
        return make_conninfo("", **given)

    def _tls(self, given: dict[str, str | int | None]) -> dict[str, str | int | None]:
        mode = given.get("sslmode")
        if self.is_plaintext_allowed:
            return {}
        if mode not in {None, _CHECKED}:
            reason = (
                f"{self.variable} says sslmode={mode}, and a server elsewhere is spoken to with "
                f"sslmode={_CHECKED} only. Leave sslmode out and give the server a certificate; "
                "where the network itself is trusted, set TWOFOLD_ALLOW_PLAINTEXT=yes"
            )
            raise Refused(refuse("ERR-D39", self.variable, reason=reason))
        tls: dict[str, str | int | None] = {"sslmode": _CHECKED, "gssencmode": "disable"}
        if self.root_certificate is not None:
            tls["sslrootcert"] = str(self.root_certificate)
        elif (
            "sslrootcert" not in given and not Path("~/.postgresql/root.crt").expanduser().exists()
        ):
            tls["sslrootcert"] = "system"
        return tls


def read_secret(path: Path) -> str:
    """Read a file that only its owner (or a group root chose) can read; spaces around are not part.

    Raises  Fault: the file is missing, or others may read or change it.
    """
    try:
        with path.open(encoding="utf-8") as file:
            status = path.stat()
            forbidden = stat.S_IRWXO | stat.S_IWGRP | stat.S_IXGRP
            if status.st_uid != 0:
                forbidden |= stat.S_IRGRP
            if status.st_mode & forbidden:
                raise Fault(f"{path} can be read or changed by others: chmod 600 {path}")
            return file.read().strip()
    except OSError as error:
        raise Fault(f"{path}: {error.strerror}") from error


def is_local(given: dict[str, str | int | None]) -> bool:
    """Tell whether a connection stays on this machine: every host is a socket or loopback."""
    named = given.get("hostaddr") or given.get("host")
    if named is None and "service" in given:
        return False
    if named is None:
        defaults = {one.keyword: one.val for one in Conninfo.get_defaults()}
        value = defaults.get(b"hostaddr") or defaults.get(b"host") or b""
        named = value.decode()
    return all(_is_loopback(host) for host in str(named).split(","))


def _is_loopback(host: str) -> bool:
    host = host.strip()
    if not host or host.startswith(("/", "@")) or host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
