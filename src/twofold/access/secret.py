"""A secret a client holds: random, shown once, kept as its SHA-256 alone."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Secret:
    """The text for the client; it never shows in a log by accident."""

    text: str = field(repr=False)

    @classmethod
    def new(cls) -> Secret:
        """Make one of 256 random bits."""
        return cls(secrets.token_urlsafe(32))

    @property
    def digest(self) -> bytes:
        """What is stored, and looked up."""
        return hashlib.sha256(self.text.encode()).digest()
