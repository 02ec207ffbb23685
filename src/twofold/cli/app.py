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

_FIRST: Final = Group("Begin here", sort_key=1)
_OPERATIONS: Final = Group("Operations book (project manager)", sort_key=2)
_FINANCE: Final = Group("Finance book (accountant)", sort_key=3)
_BETWEEN: Final = Group("Between the books", sort_key=4)
_MACHINE: Final = Group("The machine", sort_key=5)

# Name, where it is, what it is for, and where the help lists it.
_COMMANDS: Final = (
    ("demo", "demo:demo", "Run the whole flow on the example files, up to the ledger.", _FIRST),
    ("up", "server:up", "Start everything on this machine, up to the pages.", _FIRST),
    ("setup", "setup:app", "Apply a setup file to a book.", _FIRST),
    ("import", "importing:import_file", "Import a file of work done.", _OPERATIONS),
    ("template", "importing:template", "Write an empty import file to fill in.", _OPERATIONS),
    ("entries", "entries:app", "List entries, and approve what was submitted.", _OPERATIONS),
    ("correction", "correction:app", "Correct approved entries: open, look, confirm.", _OPERATIONS),
    ("entry-journal", "entry_journal:app", "Costs and sales without an entry.", _OPERATIONS),
    ("finance-cost", "finance_cost:app", "Costs that finance posted itself.", _OPERATIONS),
    ("contract", "contract:app", "Contracts: confirm, hold, close, re-evaluate.", _OPERATIONS),
    ("backlog", "backlog:app", "What is still to be invoiced.", _OPERATIONS),
    ("limit", "limits:app", "Not-to-exceed limits of contracts.", _OPERATIONS),
    ("proforma", "proforma:app", "Proforma invoices: create, look, confirm.", _OPERATIONS),
    ("schedule", "schedule:app", "When contract lines are invoiced by themselves.", _OPERATIONS),
    ("retainer", "retainer:app", "Retainers and advances: add, apply, refund.", _OPERATIONS),
    ("finance", "finance:app", "Take over what arrived from operations.", _FINANCE),
    ("journal", "journal:app", "Integration journals: look, post.", _FINANCE),
    ("general-journal", "posted_cost:general_journal", "Costs by general journal.", _FINANCE),
    ("vendor-invoice", "posted_cost:vendor_invoice", "Costs by vendor invoice.", _FINANCE),
    (
        "accounting",
        "accounting:app",
        "Dimensions and tax groups: change them, before and after posting.",
        _FINANCE,
    ),
    ("proposal", "proposal:app", "Invoice proposals: look, edit, post.", _FINANCE),
    ("invoice", "invoice:app", "Posted customer invoices.", _FINANCE),
    ("payment", "payment:app", "Payments of customers: import, list.", _FINANCE),
    ("receivable", "receivable:app", "What customers owe, and settlements.", _FINANCE),
    ("estimate", "estimate:app", "Revenue estimates of fixed prices.", _FINANCE),
    ("ledger", "ledger:app", "What the ledger says.", _FINANCE),
    ("trace", "trace:trace", "The whole path of one invoice or actual.", _BETWEEN),
    ("out-of-sync", "out_of_sync:show", "Actuals that should have a voucher by now.", _BETWEEN),
    ("dualwrite", "dualwrite:app", "The process that delivers as sets are made.", _BETWEEN),
    ("deliver", "deliver:deliver", "Deliver the change sets that are pending.", _BETWEEN),
    ("sets", "sets:app", "Change sets on their way, and what holds them up.", _BETWEEN),
    ("map", "maps:app", "Table maps: what moves where.", _BETWEEN),
    ("alert", "alerts:app", "Rules that watch the bridge, and what they told.", _BETWEEN),
    ("chain", "chain:app", "The chain of applied sets, for auditors.", _BETWEEN),
    ("reconcile", "reconcile:app", "Compare the rows of both books; repair them.", _BETWEEN),
    ("initial-write", "initial_write:initial_write", "Write rows as they stand.", _BETWEEN),
    ("verify", "verify:verify", "Check every invariant of the books and between them.", _BETWEEN),
    ("serve", "serve:serve", "Serve the pages.", _MACHINE),
    ("worker", "jobs:worker", "Run the jobs that people ask for in the pages.", _MACHINE),
    ("job", "jobs:app", "Jobs: list, look, cancel.", _MACHINE),
    ("person", "person:app", "People who sign in to the pages, and their roles.", _MACHINE),
    ("tidy", "retention:tidy", "Remove ended sessions and tokens, and old jobs.", _MACHINE),
    ("explain", "explain:explain", "What an error code means, and what to do.", _MACHINE),
    ("doctor", "doctor:doctor", "Check servers, roles and maps; say what to repair.", _MACHINE),
    ("down", "server:down", "Stop what up started; with --erase, delete the data.", _MACHINE),
)  # fmt: skip

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
    for order, (name, place, words, group) in enumerate(_COMMANDS):
        app.command(f"twofold.cli.{place}", name=name, help=words, group=group, sort_key=order)
    for flag in ("--help", "--version"):
        app[flag].group = (_MACHINE,)
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
