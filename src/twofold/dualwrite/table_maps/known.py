"""Versions of maps that a program has compiled; those it does not know it loads from the book.

A set is sealed with the version that is active at that moment and finished with the same one,
whenever that is: programs meet versions that were activated after they started, or long before.
"""

from __future__ import annotations

from collections.abc import Iterable

from twofold.database.transaction import Reader
from twofold.dualwrite.table_maps.activate import ActiveMap, map_version


class KnownMaps:
    """Compiled versions by map and content hash. A version never changes, so none is dropped."""

    def __init__(self, maps: Iterable[ActiveMap]) -> None:
        self._versions = {(one.compiled.map.id, one.content_hash): one for one in maps}

    def version(self, reader: Reader, *, map_id: str, content_hash: str) -> ActiveMap:
        """Give a version, read from the book the first time it is asked for."""
        found = self._versions.get((map_id, content_hash))
        if found is None:
            found = map_version(reader, map_id=map_id, content_hash=content_hash)
            self._versions[map_id, content_hash] = found
        return found
