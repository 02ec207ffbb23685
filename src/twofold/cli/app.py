"""The program ``twofold``: its commands, and what becomes of everything they may raise.

Commands are loaded when they are called, so that help and small commands start at once.
"""

from __future__ import annotations

import importlib.metadata
import os
import sys
import traceback
from collections.abc import Sequence
from typing import Final

from cyclopts import App, CycloptsError, Group

from twofold.cli import printing
from twofold.cli.parameters import Misused
from twofold.kernel.errors import Fault, Refused

OK: Final = 0
REFUSED: Final = 1
MISUSED: Final = 2
FAULT: Final = 3
BROKEN: Final = 4
INTERRUPTED: Final = 130
PIPE_CLOSED: Final = 141

# How the help lists the commands, and the folder they are in; then name, where it is, and what it
# is for.
_COMMANDS: Final = (
    (
        "Begin here",
        "twofold.cli",
        (
            (
                "demo",
                "demo.flow:demo",
                "Run the whole flow on the example files, up to the ledger.",
            ),
            ("up", "machine.server:up", "Start everything on this machine, up to the pages."),
            ("setup", "setup:app", "Apply a setup file to a book."),
        ),
    ),
    (
        "Operations book (project manager)",
        "twofold.cli.operations",
        (
            ("import", "importing:import_file", "Import a file of work done."),
            ("template", "importing:template", "Write an empty import file to fill in."),
            ("entries", "entries:app", "List entries, and approve what was submitted."),
            ("correction", "correction:app", "Correct approved entries: open, look, confirm."),
            ("entry-journal", "entry_journal:app", "Costs and sales without an entry."),
            ("finance-cost", "finance_cost:app", "Costs that finance posted itself."),
            ("contract", "contract:app", "Contracts: confirm, hold, close, re-evaluate."),
            ("backlog", "backlog:app", "What is still to be invoiced."),
            ("limit", "limits:app", "Not-to-exceed limits of contracts."),
            ("proforma", "proforma:app", "Proforma invoices: create, look, confirm."),
            ("schedule", "schedule:app", "When contract lines are invoiced by themselves."),
            ("retainer", "retainer:app", "Retainers and advances: add, apply, refund."),
        ),
    ),
    (
        "Finance book (accountant)",
        "twofold.cli.finance",
        (
            ("finance", "arrivals:app", "Take over what arrived from operations."),
            ("journal", "journal:app", "Integration journals: look, post."),
            ("general-journal", "posted_cost:general_journal", "Costs by general journal."),
            ("vendor-invoice", "posted_cost:vendor_invoice", "Costs by vendor invoice."),
            (
                "accounting",
                "accounting:app",
                "Dimensions and tax groups: change them, before and after posting.",
            ),
            ("proposal", "proposal:app", "Invoice proposals: look, edit, post."),
            ("invoice", "invoice:app", "Posted customer invoices."),
            ("payment", "payment:app", "Payments of customers: import, list."),
            ("receivable", "receivable:app", "What customers owe, and settlements."),
            ("estimate", "estimate:app", "Revenue estimates of fixed prices."),
            ("ledger", "ledger:app", "What the ledger says."),
        ),
    ),
    (
        "Between the books",
        "twofold.cli.integration",
        (
            ("find", "find:find", "What a number means in both books."),
            ("trace", "trace:trace", "The whole path of one invoice or actual."),
            ("history", "history:history", "Who did what in both books."),
            ("out-of-sync", "out_of_sync:show", "Actuals that should have a voucher by now."),
            ("dualwrite", "dualwrite:app", "The process that delivers as sets are made."),
            ("deliver", "deliver:deliver", "Deliver the change sets that are pending."),
            ("sets", "sets:app", "Change sets on their way, and what holds them up."),
            ("map", "maps:app", "Table maps: what moves where."),
            ("alert", "alerts:app", "Rules that watch the bridge, and what they told."),
            ("chain", "chain:app", "The chain of applied sets, for auditors."),
            ("reconcile", "reconcile:app", "Compare the rows of both books; repair them."),
            ("initial-write", "initial_write:initial_write", "Write rows as they stand."),
            ("verify", "verify:verify", "Check every invariant of the books and between them."),
        ),
    ),
    (
        "The machine",
        "twofold.cli.machine",
        (
            ("serve", "serve:serve", "Serve the pages."),
            ("worker", "jobs:worker", "Run the jobs that people ask for in the pages."),
            ("job", "jobs:app", "Jobs: list, look, cancel."),
            ("person", "person:app", "People who sign in to the pages, and their roles."),
            ("tidy", "retention:tidy", "Remove ended sessions and tokens, and old jobs."),
            ("explain", "explain:explain", "What an error code means, and what to do."),
            ("doctor", "doctor:doctor", "Check servers, roles and maps; say what to repair."),
            ("down", "server:down", "Stop what up started; with --erase, delete the data."),
        ),
    ),
)

_EPILOGUE: Final = (
    "Exit codes: 0 done, 1 refused, 2 wrong use, 3 fault, 4 broken invariants, 130 interrupted."
)


def build() -> App:
    """Put the commands together; none of them is loaded yet."""
    app = App(
        name="twofold",
        help="Project invoicing that keeps two books in step: operations and finance.",
        help_epilogue=_EPILOGUE,
        help_format="plaintext",
        version=lambda: importlib.metadata.version("twofold"),
        suppress_keyboard_interrupt=False,
        result_action="return_value",
        error_console=printing.help_console(sys.stderr),
        console=printing.help_console(sys.stdout),
    )
    groups = [Group(title, sort_key=order) for order, (title, _, _) in enumerate(_COMMANDS)]
    for group, (_, folder, commands) in zip(groups, _COMMANDS, strict=True):
        for order, (name, place, words) in enumerate(commands):
            app.command(f"{folder}.{place}", name=name, help=words, group=group, sort_key=order)
    for flag in ("--help", "--version"):
        app[flag].group = (groups[-1],)
    return app


def main() -> None:
    """Run what the command line asks for and leave with its exit code."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; give its exit code."""
    as_json = "--json" in arguments
    try:
        return _run(arguments, as_json=as_json)
    except KeyboardInterrupt:
        printing.say(
            "Interrupted. The step under way was rolled back, nothing is half done; "
            "steps that had ended stand, and the same command goes on from there."
        )
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; the interpreter must not complain about it at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED


def _run(arguments: Sequence[str], *, as_json: bool) -> int:
    try:
        code = build()(list(arguments), exit_on_error=False)
        sys.stdout.flush()
    except CycloptsError:
        return MISUSED  # told already
    except (Misused, Refused) as told:
        return _declined(told, as_json=as_json)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:  # noqa: BLE001 - the last place: every failure has its exit code
        return _fault(error, as_json=as_json)
    return code if isinstance(code, int) else OK


def _declined(told: Misused | Refused, *, as_json: bool) -> int:
    """Tell why nothing was done."""
    if isinstance(told, Misused):
        printing.say(f"twofold: {told}")
        return MISUSED
    if as_json:
        printing.print_json({"refused": told.refusals})
    else:
        printing.tell_refusals(told.refusals)
    return REFUSED


def _fault(error: Exception, *, as_json: bool) -> int:
    """Tell one line of what failed; what nobody foresaw comes with its whole story."""
    from twofold.database.transaction import ConstraintBroken  # noqa: PLC0415 - loads the driver

    if isinstance(error, OSError) and error.filename:
        printing.say(f"twofold: {error.filename}: {error.strerror}")
        return MISUSED
    if not isinstance(error, Fault | ConstraintBroken):
        traceback.print_exception(error)
        printing.say("twofold: this is a mistake in Twofold itself; nothing was half done.")
        return FAULT
    is_transient = isinstance(error, Fault) and error.transient
    text = " ".join(str(error).split())
    if as_json:
        printing.print_json({"fault": text, "transient": is_transient})
    advice = "`twofold doctor` may say what is wrong."
    if is_transient:
        advice = "Try again; if it stays, `twofold doctor` says what is wrong."
    printing.say(f"twofold: {text.rstrip('.')}. {advice}")
    return FAULT
