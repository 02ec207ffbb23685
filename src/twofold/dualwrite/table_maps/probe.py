"""Which types a map sends: asked of the server, which knows what every expression gives."""

from __future__ import annotations

from twofold.database import compose
from twofold.database.compose import SQL, Identifier, trusted
from twofold.database.statement import Command
from twofold.dualwrite.table_maps.language import TableMap
from twofold.dualwrite.table_maps.pieces import origin, quoted_table

VIEW = "probe"


def probe(table_map: TableMap, names: list[str]) -> Command:
    """Compile a view of what these columns and lookups send, before any conversion.

    ``filter`` among the names stands for the map's filter.
    """
    values = [
        SQL("({}) AS {}").format(
            SQL(trusted(table_map.source.filter))
            if name == "filter"
            else origin(table_map.part(name)),
            Identifier(name),
        )
        for name in names
    ]
    return compose.command(
        f"{table_map.id}:probe",
        SQL(
            "CREATE TEMPORARY VIEW {} AS\nSELECT\n    {}\n"
            "FROM {} AS s\nCROSS JOIN dualwrite.outbox AS change_set"
        ).format(
            Identifier(VIEW), SQL(",\n    ").join(values), quoted_table(table_map.source.table)
        ),
    )
