"""Error codes of dual-write beyond those of the original: maps and change sets (D08 and up)."""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ENGINEER, INTEGRATION_ADMIN, ErrorCode

DUALWRITE_CODES: Final = (
    ErrorCode(
        "ERR-D08",
        title="The same change set arrived with other content",
        cause="The receiving book already applied this set with a different content hash.",
        remedy="Stop and compare the two hashes; one of the databases was restored or changed.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D09",
        title="The other book cannot be reached",
        cause="The pre-check found no connection to the other database.",
        remedy="Try again when the database answers; `twofold doctor` says what is wrong.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D10",
        title="The source of a map lacks a table or column",
        cause="The map names something the source database does not have.",
        remedy="Correct the name in the map, or migrate the database.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D11",
        title="The target of a map lacks a table or column",
        cause="The map names something the target database does not have.",
        remedy="Correct the name in the map, or migrate the database.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D12",
        title="An expression of a map is not allowed",
        cause="Expressions and filters are made of columns, literals and allow-listed words only.",
        remedy="Say it with the allowed words, or put a view in front of the table.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D13",
        title="A lookup of a map leads nowhere",
        cause="The lookup names a table or column the target database does not have.",
        remedy="Correct the lookup in the map.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D14",
        title="The integration key of a map is not unique",
        cause="The target table has no valid unique index over exactly the key's columns.",
        remedy="Correct the key in the map, or build the index.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D15",
        title="A required column is not mapped",
        cause="The target column may not be null, has no default, and the map does not fill it.",
        remedy="Map the column.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D16",
        title="The books object to a compiled map",
        cause="PostgreSQL refused a statement of the map: a type, a privilege or a missing object.",
        remedy="Read the server's message; correct the map or the grants.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D17",
        title="A code is not translated",
        cause="The value map of the column does not list this code.",
        remedy="Add the code to the map's values, `twofold up`, `twofold deliver --stopped`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D18",
        title="The receiving book refused the change set",
        cause="A constraint or type of the receiving database does not take a row of the set.",
        remedy=(
            "Read the server's message and correct the data or the map, then "
            "`twofold deliver --stopped`."
        ),
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D19",
        title="What arrived is not what was sealed",
        cause="Row count, totals or content hash differ from the manifest of the set.",
        remedy=(
            "`twofold deliver --stopped`; if it stays, compare the rows of the set with its "
            "manifest."
        ),
        owner=INTEGRATION_ADMIN,
    ),
)
