"""Tell someone outside: by a web hook, by a program that reads the text, or by both.

Addresses and programs come from the environment and appear in no log, error or row: they may hold
secrets. What is told names maps, companies, codes and counts, never values of rows.
"""

from __future__ import annotations

import json
import shlex
import subprocess
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Final, Literal
from urllib.parse import urlsplit

from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refused

Channel = Literal["webhook", "command"]

UNTOLD: Final = "ERR-D29"
SECONDS_MAX: Final = 5
_HERE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


class NotTold(Exception):
    """The message did not get out. Holds the reason, without address or program."""


@dataclass(frozen=True, slots=True)
class Notifier:
    """Where alerts go; made by ``notifier_to``."""

    webhook: str | None = field(default=None, repr=False)
    command: tuple[str, ...] = field(default=(), repr=False)

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The channels that are configured."""
        webhook: tuple[Channel, ...] = ("webhook",) if self.webhook else ()
        return (*webhook, "command") if self.command else webhook

    def tell(self, channel: Channel, text: str, facts: Mapping[str, object]) -> None:
        """Tell one channel, within seconds.

        Raises  NotTold.
        """
        if channel not in self.channels:
            raise NotTold("the channel is not configured here")
        if channel == "webhook":
            self._post(json.dumps({"text": text, **facts}).encode())
        else:
            self._pipe(f"{text}\n".encode())

    def _post(self, body: bytes) -> None:
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked in notifier_to
            self.webhook or "",
            data=body,
            headers={"Content-Type": "application/json", "User-Agent": "twofold"},
        )
        try:
            with _OPENER.open(request, timeout=SECONDS_MAX):
                pass
        except urllib.error.HTTPError as error:
            error.close()
            raise NotTold(f"the web hook answered {error.code}") from None
        except (OSError, ValueError) as error:
            raise NotTold(f"the web hook did not answer: {_kind(error)}") from None

    def _pipe(self, text: bytes) -> None:
        try:
            ended = subprocess.run(  # noqa: S603 - see the import
                self.command, input=text, capture_output=True, timeout=SECONDS_MAX, check=False
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NotTold(f"the program did not run: {_kind(error)}") from None
        if ended.returncode:
            raise NotTold(f"the program ended with {ended.returncode}")


def notifier_to(*, webhook: str | None, command: str | None) -> Notifier:
    """Check where alerts go.

    Raises  Refused, ERR-D29: the web hook is neither https nor on this machine, or the command
            cannot be read. Neither is quoted.
    """
    if webhook is not None and not _is_safe(webhook):
        reason = "only https goes to other machines"
        raise Refused(refuse(UNTOLD, "alert", field="TWOFOLD_ALERT_WEBHOOK", reason=reason))
    try:
        words = tuple(shlex.split(command)) if command is not None else ()
    except ValueError as error:
        reason = f"it cannot be read: {error}"
        raise Refused(
            refuse(UNTOLD, "alert", field="TWOFOLD_ALERT_COMMAND", reason=reason)
        ) from None
    return Notifier(webhook, words)


def _is_safe(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in _HERE))


def _kind(error: Exception) -> str:
    """Name what went wrong; the words of an error could quote the address."""
    reason = getattr(error, "reason", error)
    return getattr(reason, "strerror", None) or type(reason).__name__


class _StayThere(urllib.request.HTTPRedirectHandler):
    """Go nowhere else: what was checked is the address that was given."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: object,
        newurl: str,
    ) -> None:
        """Take no redirect: it becomes the error that the answer is."""
        del req, fp, code, msg, headers, newurl


_OPENER: Final = urllib.request.build_opener(_StayThere())
