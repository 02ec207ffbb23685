"""A file that came over the network, laid down for as long as it is read.

Its name is kept, because every refusal of a row says it; nothing else of where it came from is.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

_LENGTH_MAX: Final = 100
_SIGNS: Final = re.compile(r"[^\w .()\-]")


def plain_name(given: str) -> str:
    """Give a name without folders, control characters and whatever else a shell may read."""
    name = _SIGNS.sub("_", PureWindowsPath(PurePosixPath(given).name).name).strip(" .")
    stem, suffix = Path(name).stem, Path(name).suffix
    return f"{stem[: _LENGTH_MAX - len(suffix)]}{suffix}" if stem else "file"


@contextmanager
def laid_down(file: str, content: bytes) -> Generator[Path]:
    """Give a path with this name and content; it is gone when the block ends."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / plain_name(file)
        path.write_bytes(content)
        yield path
