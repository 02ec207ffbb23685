"""Error codes of table maps: what a map file, its plan and its activation may be refused for."""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ENGINEER, INTEGRATION_ADMIN, ErrorCode

MAP_CODES: Final = (
    ErrorCode(
        "ERR-D40",
        title="A map file cannot be read as a map",
        cause="The file is not TOML, or says something the language of maps does not have.",
        remedy="Correct the place that is named, then `twofold map plan`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D41",
        title="A map follows one that does not exist",
        cause="The name under `follows` is no map, or the map it named was removed.",
        remedy="Correct the name under `follows`, then `twofold map plan`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D42",
        title="Maps follow each other in a circle",
        cause="Maps are applied one after the other; in a circle none could be first.",
        remedy="Take one name out of `follows`, then `twofold map plan`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D43",
        title="Two columns of the key come from one source column",
        cause="The key would say the same thing twice and not tell rows apart.",
        remedy="Take each column of the key from a column of its own.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D44",
        title="A type does not convert",
        cause="PostgreSQL has no cast from what the map sends to the type of the target column.",
        remedy="Say how to convert it in an `expression`, or map another column.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D45",
        title="Text would be cut off",
        cause="The target column is narrower than what the map sends.",
        remedy="Widen the target column, or say `cut` in the map if losing the end is right.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D46",
        title="Numbers may be too large for the target",
        cause="The target column holds fewer digits before the point than the source.",
        remedy="Widen the target column; then `twofold map plan`.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D47",
        title="Decimals would be lost",
        cause=(
            "The target column keeps fewer decimals than the map may send, and nothing says "
            "how to round."
        ),
        remedy="Say `round` in the map, or give the target column more decimals.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D48",
        title="A value that may be absent goes where one is required",
        cause="The source or looked-up column may be null, the target column may not.",
        remedy=(
            "Make the source column NOT NULL, or say in an `expression` what stands for nothing."
        ),
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D49",
        title="Codes of the source are not translated",
        cause=(
            "The source column can hold codes that `values` does not list, or the target does "
            "not have."
        ),
        remedy="Add the codes to `values` of the column, then `twofold map plan`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D50",
        title="A translation gives a code the target does not have",
        cause="A meaning under `values` is none of the codes of the target column.",
        remedy="Correct the meaning under `values`, then `twofold map plan`.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D51",
        title="The index of a key is not valid",
        cause=(
            "A build of the unique index failed or has not ended, so that nothing is proven by it."
        ),
        remedy="Drop the index and build it again, then `twofold map plan`.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D52",
        title="The key is not unique in the source",
        cause="No unique index of the source table covers the columns that the key comes from.",
        remedy="Correct the key in the map, or build the unique index in the source.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D53",
        title="A column of the key may be null",
        cause="A row without its key could neither be found again nor compared.",
        remedy="Make the column NOT NULL, or choose another key.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D54",
        title="The key does not begin with the company",
        cause="Company is part of every key, lock and partition, and comes first.",
        remedy="Map `company` and name it first in the key.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D55",
        title="A looked-up column is not unique",
        cause="Two rows of the target could answer the same lookup.",
        remedy="Look up a column with a unique index over it (and company), or build the index.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D56",
        title="Lookups go in a circle",
        cause="A named lookup starts, over others, from what it gives itself.",
        remedy="Let one lookup of the circle start `from` a source column.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D57",
        title="An expression or filter fails",
        cause="PostgreSQL refuses the expression or filter as it stands.",
        remedy="Read the server's message and correct the expression in the map.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D58",
        title="A filter is no question",
        cause="A filter must be true or false for each row; this one gives something else.",
        remedy="Make the filter a comparison.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D59",
        title="A column belongs to the other book",
        cause=(
            "Its value counts there, so this map may not write it; or two maps carry it both ways."
        ),
        remedy="Take the column out of one of the maps; `owner` says whose value counts.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D60",
        title="Dual-write lacks a privilege",
        cause="The role that reads and writes for the map is not granted what the map needs.",
        remedy="Grant what is named in a migration of that book, then `twofold map plan`.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D61",
        title="A total is asked for that cannot be added up",
        cause="Columns under `totals.sum` are numbers, or the manifest could not hold their sum.",
        remedy="Take the column out of `totals.sum`, or put it under `totals.by`.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D62",
        title="The two servers do not mean the same by the same bytes",
        cause="Encoding or time zone of the two databases differ.",
        remedy="Create both databases with encoding UTF8; `twofold doctor` shows both.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D63",
        title="Equal keys could be different bytes",
        cause="The collation of a key or looked-up column is not deterministic.",
        remedy='Give the column a deterministic collation, best of all "C".',
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D64",
        title="A table changed since its map was activated",
        cause="A column that the map uses is gone, has another type, or is newly required.",
        remedy=(
            "`twofold map plan` names what differs; adapt the map or the table, `twofold map "
            "activate`, then `twofold map resume NAME --reason TEXT`."
        ),
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D65",
        title="A column that refers to its own table is required",
        cause="Such a column is filled after its row is there, so it is null for a moment.",
        remedy="Let the column be null, or take it from a lookup into another table.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D66",
        title="There is no such version of the map",
        cause="The version was never active, or there is none before the active one.",
        remedy="`twofold map versions` lists the versions of a map.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D67",
        title="An override fits no map",
        cause=(
            "A file in the directory of overrides names a map that does not exist, or says "
            "more than columns."
        ),
        remedy="Correct or remove the file in TWOFOLD_MAPS, then `twofold map plan`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D68",
        title="A type cannot travel",
        cause="Rows are compared by a hash, and the type has none.",
        remedy="Send the column as text by an `expression`, or leave it out.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-D69",
        title="The target computes the column itself",
        cause="A generated or always-identity column takes no value from outside.",
        remedy="Take the column out of the map.",
        owner=ENGINEER,
    ),
    ErrorCode(
        "ERR-U40",
        title="No reason is given for changing the version of a map",
        cause="The history of a map keeps who made which version active, and why.",
        remedy="Say why, in words that someone else understands next year.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D88",
        title="Other table maps are active than this program has",
        cause=(
            "Another version of Twofold, or one with other overrides (TWOFOLD_MAPS), activated its "
            "maps; working with both would switch them to and fro."
        ),
        remedy=(
            "`twofold map plan` shows the differences; `twofold map activate` makes this program's "
            "maps the active ones, or set TWOFOLD_MAPS as the other program has it."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Schema",
    ),
)
