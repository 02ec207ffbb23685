"""Error codes of dual-write beyond those of the original: maps and change sets (D08 and up)."""

from __future__ import annotations

from typing import Final

from twofold.kernel.errors import ADMINISTRATOR, ENGINEER, INTEGRATION_ADMIN, ErrorCode

DUALWRITE_CODES: Final = (
    ErrorCode(
        "ERR-D08",
        title="The same change set arrived with other content",
        cause="The receiving book already applied this set with a different content hash.",
        remedy="Stop and compare the two hashes; one of the databases was restored or changed.",
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D09",
        title="The other book cannot be reached",
        cause="The pre-check found no connection to the other database.",
        remedy="Try again when the database answers; `twofold doctor` says what is wrong.",
        owner=INTEGRATION_ADMIN,
        error_class="Transient",
    ),
    ErrorCode(
        "ERR-D10",
        title="The source of a map lacks a table or column",
        cause="The map names something the source database does not have.",
        remedy="Correct the name in the map, or migrate the database.",
        owner=ENGINEER,
        error_class="Schema",
    ),
    ErrorCode(
        "ERR-D11",
        title="The target of a map lacks a table or column",
        cause="The map names something the target database does not have.",
        remedy="Correct the name in the map, or migrate the database.",
        owner=ENGINEER,
        error_class="Schema",
    ),
    ErrorCode(
        "ERR-D12",
        title="An expression of a map is not allowed",
        cause="Expressions and filters are made of columns, literals and allow-listed words only.",
        remedy="Say it with the allowed words, or put a view in front of the table.",
        owner=ENGINEER,
        error_class="Mapping",
    ),
    ErrorCode(
        "ERR-D13",
        title="A lookup of a map leads nowhere",
        cause="The lookup names a table or column the target database does not have.",
        remedy="Correct the lookup in the map.",
        owner=ENGINEER,
        error_class="Mapping",
    ),
    ErrorCode(
        "ERR-D14",
        title="The integration key of a map is not unique",
        cause="The target table has no valid unique index over exactly the key's columns.",
        remedy="Correct the key in the map, or build the index.",
        owner=ENGINEER,
        error_class="Schema",
    ),
    ErrorCode(
        "ERR-D15",
        title="A required column is not mapped",
        cause="The target column may not be null, has no default, and the map does not fill it.",
        remedy="Map the column.",
        owner=ENGINEER,
        error_class="Mapping",
    ),
    ErrorCode(
        "ERR-D16",
        title="The books object to a compiled map",
        cause="PostgreSQL refused a statement of the map: a type, a privilege or a missing object.",
        remedy="Read the server's message; correct the map or the grants.",
        owner=ENGINEER,
        error_class="Mapping",
    ),
    ErrorCode(
        "ERR-D17",
        title="A code is not translated",
        cause="The value map of the column does not list this code.",
        remedy="Add the code to the map's values, `twofold up`, `twofold deliver --stopped`.",
        owner=INTEGRATION_ADMIN,
        error_class="Mapping",
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
        error_class="Data",
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
        error_class="Data",
    ),
    ErrorCode(
        "ERR-D20",
        title="An earlier set of the stream has not arrived",
        cause=(
            "The receiving book has not applied the set that comes before this one, and nobody "
            "gave that one up: it was removed from the queue, or a database was restored."
        ),
        remedy=(
            "`twofold doctor` tells whether a book was restored; `twofold sets list` shows what "
            "is on its way. The set is tried again by itself."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Dependency",
    ),
    ErrorCode(
        "ERR-D21",
        title="Another set has this place in the stream",
        cause="The receiving book applied a set with the same stream and version, another id.",
        remedy=(
            "Stop and compare the two sets; one of the databases was restored or changed: "
            "`twofold doctor`, `twofold verify`."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D22",
        title="A book does not answer, or is busy",
        cause="A connection was lost, a lock or a statement took too long, or a disk is full.",
        remedy="Nothing: the set is tried again by itself. `twofold doctor` says what is wrong.",
        owner=ADMINISTRATOR,
        error_class="Transient",
    ),
    ErrorCode(
        "ERR-D23",
        title="The change set is written in a newer format",
        cause="A newer version of Twofold sealed it than the one that is to deliver it.",
        remedy="Run the newer version everywhere, then `twofold deliver --stopped`.",
        owner=ADMINISTRATOR,
        error_class="Schema",
    ),
    ErrorCode(
        "ERR-D24",
        title="Twofold itself made a mistake",
        cause="Something happened that the program holds to be impossible.",
        remedy="Keep the problem's text and report it; `twofold deliver --stopped` tries again.",
        owner=ENGINEER,
        error_class="Bug",
    ),
    ErrorCode(
        "ERR-D85",
        title="Dual-write may not do this",
        cause="The role twofold_dualwrite lacks a privilege in the receiving book.",
        remedy="`twofold doctor` names the grant; then `twofold deliver --stopped`.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-D86",
        title="The change set is being given up",
        cause=(
            "`twofold sets dismiss` told the receiving book never to apply it, and was interrupted "
            "before the sending book knew."
        ),
        remedy="Give the same set up again: `twofold sets dismiss` ends what was begun.",
        owner=INTEGRATION_ADMIN,
        error_class="Business",
    ),
    ErrorCode(
        "ERR-D25",
        title="The state of the map does not allow this",
        cause=(
            "Maps change from state to state as a table says: running and paused, both to stopped, "
            "stopped back to running, a halted map only by name; each time for a reason."
        ),
        remedy="`twofold map states` shows the state, since when and why; ask for what it allows.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D26",
        title="A map would run while one that it follows rests",
        cause="Maps follow each other: records come before what refers to them.",
        remedy="Name the other maps too, or give --related; `twofold map states` shows them all.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D27",
        title="No reason is given for giving up change sets",
        cause="Dismissed sets never arrive: who gave them up, and why, is kept with each of them.",
        remedy="Give --reason with words that someone else understands next year.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D28",
        title="The alert rule makes no sense",
        cause="It names something that does not exist, or lacks what its measure or action needs.",
        remedy="`twofold alert list` shows the rules there are; correct the rule and add it again.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D29",
        title="Nobody can be told of an alert",
        cause="No channel is configured, it is not a safe one, or it did not take the message.",
        remedy=(
            "Set TWOFOLD_ALERT_WEBHOOK (https) or TWOFOLD_ALERT_COMMAND, then `twofold alert test`."
        ),
        owner=ADMINISTRATOR,
    ),
    ErrorCode(
        "ERR-D35",
        title="These two books are not a pair",
        cause=(
            "A book was copied, moved, or is paired with another: it is not where its record says, "
            "or its record names another peer."
        ),
        remedy=(
            "Correct TWOFOLD_OPERATIONS_URL and TWOFOLD_FINANCE_URL. Both books moved: `twofold "
            "dualwrite adopt --reason TEXT`; both are copies to try things with: the same with "
            "--as-copy."
        ),
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-D36",
        title="The books belong to another environment",
        cause="TWOFOLD_ENVIRONMENT differs from what a book was paired for.",
        remedy=(
            "Set TWOFOLD_ENVIRONMENT to the books' environment if this program belongs there; for "
            "copies of both books, `twofold dualwrite adopt --as-copy --reason TEXT`."
        ),
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-D37",
        title="A book went back in time",
        cause=(
            "It was restored from a backup, or a standby took over that had not received "
            "everything: one book knows change sets that the other no longer has."
        ),
        remedy=(
            "`twofold dualwrite adopt --show` lists them; `twofold dualwrite adopt --reason TEXT` "
            "sends again what can be sent and records what is lost."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D38",
        title="The books and this program do not speak the same language",
        cause=(
            "The books record different active maps, or a set on its way was sealed by a newer "
            "version of Twofold than this one."
        ),
        remedy=(
            "`twofold up` with the newest version of Twofold in use; an older one must not deliver."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Schema",
    ),
    ErrorCode(
        "ERR-D39",
        title="This is not a server to work on",
        cause=(
            "It is read-only or a standby, its TLS certificate does not prove who it is, or a "
            "pooler stands in between that shares sessions."
        ),
        remedy="Let the URL name the primary server itself; `twofold doctor` shows what it found.",
        owner=ADMINISTRATOR,
        error_class="Security",
    ),
    ErrorCode(
        "ERR-D30",
        title="The other book holds rows of this map already",
        cause="An initial write in the mode refuse begins with an empty table only.",
        remedy=(
            "Look at the differences (`twofold reconcile --locate`), then `twofold initial-write` "
            "with `--mode adopt` or `--mode source-wins`."
        ),
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D31",
        title="Rows in the other book are different",
        cause="An initial write in the mode adopt takes over rows that are equal, no others.",
        remedy=(
            "Look at the differences (`twofold reconcile --locate`); `twofold initial-write --mode "
            "source-wins` overwrites state, facts need a correction."
        ),
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D32",
        title="The other book refused a row of an initial write",
        cause="A constraint or type of the receiving database does not take the row.",
        remedy="Correct the row or the map, then `twofold initial-write --retry-bad`.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D33",
        title="The map changed while an initial write was under way",
        cause="The unfinished run began with another version of the map.",
        remedy="Activate the version it began with and let it finish, then write again.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D34",
        title="Another process writes the same rows",
        cause="The run is further than this process left it: someone else goes on with it.",
        remedy="Leave it to the other process, or end that one; `twofold initial-write` goes on.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D74",
        title="The books differ",
        cause="A reconciliation found rows of a map that are missing, extra or different.",
        remedy=(
            "`twofold reconcile show` lists rows and fields, `twofold reconcile repair` says what "
            "can be done about them."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D75",
        title="A fact is never overwritten",
        cause="The row is posted, or of a table to which rows are only ever added.",
        remedy=(
            "Find out who changed it; then make a correction in the book it comes from "
            "(`twofold entries cancel-approval` before it is invoiced, a correction invoice after)."
        ),
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D76",
        title="The row changed since it was reconciled",
        cause="A repair does what was looked at and approved, and the row is another one now.",
        remedy="`twofold reconcile` once more, then repair what it finds.",
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
    ErrorCode(
        "ERR-D77",
        title="There is nothing to repair",
        cause="No reconciliation of this name found rows that differ, or it did not locate them.",
        remedy="`twofold reconcile list` names those there are.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D78",
        title="No reason is given for a repair",
        cause="Who changed rows without a set, and why, is kept with each of them.",
        remedy="Give --reason with words that someone else understands next year.",
        owner=INTEGRATION_ADMIN,
    ),
    ErrorCode(
        "ERR-D79",
        title="Only the receiving book has this row",
        cause="It was deleted in the book it comes from, or added in the other one by hand.",
        remedy="Find out where it comes from (`twofold trace`); a repair never deletes a row.",
        owner=INTEGRATION_ADMIN,
        error_class="Conflict",
    ),
)
