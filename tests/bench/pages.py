"""Time the pages as people use them: twenty at once, over books of some size.

    python -m tests.bench.pages --actuals 5000000
    python -m tests.bench.pages --actuals 100000 --rounds 3
    python -m tests.bench.pages --home /var/tmp/books        # filled once, kept, timed again

It takes work through the whole flow until the operations book has so many actuals (the ledger has
about as many entries), bills half of the contracts, and starts the server as `twofold serve`
does. First one person opens each page, and the processor time of server and books is taken, which
says the same on a busy machine; then twenty people open them all in an order of their own, with a
pause after each, and what they waited is taken.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import httpx
from rich.console import Console
from rich.table import Table

from tests.bench import data
from tests.bench.__main__ import NOW, Flow, Run
from tests.support.server import postgres_bin
from twofold.access.people import add_person, give_role
from twofold.access.roles import INSTALLATION, Role
from twofold.access.secret import Secret
from twofold.access.sign_in import admit, find_candidate
from twofold.database import cluster
from twofold.database.connection import Book
from twofold.database.embedded import EmbeddedServer
from twofold.database.migrate import migrate
from twofold.dualwrite.sets.deliver import deliver_sets
from twofold.journey.system import System, activate_shipped_maps, open_system
from twofold.operations.backlog.mark import mark_ready
from twofold.operations.backlog.reads import find_keys
from twofold.operations.backlog.selection import Selection
from twofold.operations.proforma.create import create_proformas

PEOPLE: Final[tuple[tuple[str, Role], ...]] = (
    ("paula", "project_manager"),
    ("anton", "accountant"),
    ("ines", "integration_admin"),
)
USERS: Final = 20
# On average; half of it to one and a half times.
PAUSE_SECONDS: Final = 1.0
# Coprime to the number of pages.
STEPS: Final = (1, 3, 5, 7, 9, 11, 13)
LINES_PER_CONTRACT: Final = 500
CONTRACTS_AT_ONCE: Final = 100
# Milliseconds that 95 of 100 wait at most, and nobody more than the last.
BARS: Final = {"list": 300.0, "detail": 200.0}
WORST_MAX: Final = 1000.0
TICKS: Final = os.sysconf("SC_CLK_TCK")
TRIES: Final = 5

NAMED: Final[dict[str, LiteralString]] = {
    "draft": "SELECT min(number) FROM operations.proforma WHERE state = 'draft'",
    "proforma": "SELECT min(number) FROM operations.proforma WHERE state = 'confirmed'",
    "contract": "SELECT min(number) FROM operations.contract",
    "sale": "SELECT min(actual_id) FROM operations.backlog_item",
    "bill": "SELECT min(first_actual_id) FROM operations.proforma WHERE state = 'confirmed'",
    "set": "SELECT max(set_id) FROM dualwrite.outbox WHERE kind = 'confirmation'",
}
THERE: Final[dict[str, LiteralString]] = {
    "journal": "SELECT min(number) FROM finance.journal",
    "proposal": "SELECT min(number) FROM finance.proposal",
    "ready": "SELECT min(number) FROM finance.proposal WHERE state = 'ready'",
    "invoice": "SELECT min(invoice_number) FROM finance.customer_invoice",
    "voucher": "SELECT min(voucher) FROM finance.customer_invoice",
    "account": "SELECT min(account) FROM finance.ledger_entry",
    "busiest": "SELECT account FROM finance.account_balance GROUP BY account"
    " ORDER BY sum(entry_count) DESC, account LIMIT 1",
    "first": "SELECT min(accounting_date) FROM finance.account_balance",
    "last": "SELECT max(accounting_date) FROM finance.account_balance",
    "line_voucher": "SELECT voucher FROM finance.project_transaction"
    " ORDER BY company, actual_id LIMIT 1",
    "customer": "SELECT min(account) FROM finance.customer",
}
# Who opens it, what kind of page it is, and its address.
PAGES: Final = (
    ("paula", "list", "/"),
    ("paula", "list", "/USPM/backlog"),
    ("paula", "list", "/USPM/backlog?contract={contract}"),
    ("paula", "list", "/USPM/backlog?state=ready"),
    ("paula", "list", "/USPM/backlog?customer={customer}&sort_totals=-created"),
    ("paula", "list", "/USPM/backlog/time-and-material"),
    ("paula", "list", "/USPM/backlog/milestones"),
    ("paula", "list", "/USPM/backlog/retainers"),
    ("paula", "list", "/USPM/backlog/ages"),
    ("paula", "list", "/USPM/backlog/limits"),
    ("paula", "list", "/USPM/proformas"),
    ("paula", "list", "/USPM/proformas?state=draft"),
    ("paula", "detail", "/USPM/proformas/{proforma}"),
    ("paula", "detail", "/USPM/proformas/{draft}/edit"),
    ("paula", "list", "/USPM/contracts"),
    ("paula", "list", "/USPM/contracts?state=active"),
    ("paula", "detail", "/USPM/contracts/{contract}"),
    ("paula", "detail", "/USPM/contracts/{contract}?tab=milestones"),
    ("paula", "detail", "/USPM/contracts/{contract}?tab=limits"),
    ("paula", "list", "/USPM/approvals"),
    ("paula", "list", "/USPM/approvals/approved"),
    ("paula", "list", "/USPM/approvals/recalls"),
    ("paula", "list", "/USPM/history"),
    ("paula", "list", "/USPM/history?number={proforma}"),
    ("paula", "detail", "/journey?number={proforma}"),
    ("paula", "detail", "/journey?number=actual/{sale}"),
    ("paula", "detail", "/journey?number=actual/{bill}"),
    ("paula", "list", "/jobs"),
    ("anton", "list", "/USPM/inbox"),
    ("anton", "list", "/USPM/staging"),
    ("anton", "list", "/USPM/journals"),
    ("anton", "detail", "/USPM/journals/{journal}"),
    ("anton", "list", "/USPM/proposals"),
    ("anton", "list", "/USPM/proposals?state=ready"),
    ("anton", "detail", "/USPM/proposals/{proposal}"),
    ("anton", "detail", "/USPM/proposals/{ready}"),
    ("anton", "detail", "/USPM/proposals/{ready}/preview"),
    ("anton", "list", "/USPM/invoices"),
    ("anton", "detail", "/USPM/invoices/{invoice}"),
    ("anton", "list", "/USPM/customers"),
    ("anton", "detail", "/USPM/customers/{customer}"),
    ("anton", "list", "/USPM/payments"),
    ("anton", "list", "/USPM/ledger"),
    ("anton", "list", "/USPM/ledger?from={first}&to={last}"),
    ("anton", "detail", "/USPM/ledger/{account}"),
    ("anton", "detail", "/USPM/ledger/{busiest}?from={first}&to={last}"),
    ("anton", "detail", "/USPM/vouchers/{voucher}"),
    ("anton", "detail", "/USPM/vouchers/{line_voucher}"),
    ("anton", "detail", "/journey?number={invoice}"),
    ("anton", "list", "/USPM/accruals"),
    ("anton", "list", "/USPM/periods"),
    ("anton", "list", "/USPM/year-end"),
    ("anton", "list", "/USPM/setup"),
    ("anton", "list", "/USPM/history"),
    ("ines", "list", "/integration/maps"),
    ("ines", "detail", "/integration/maps/actuals"),
    ("ines", "list", "/integration/sets"),
    ("ines", "detail", "/integration/sets/operations/USPM/{set}"),
    ("ines", "list", "/integration/reconciliation"),
    ("ines", "list", "/integration/alerts"),
    ("ines", "list", "/integration/health"),
)


@dataclass(frozen=True, slots=True)
class Timed:
    """One page: processor time of one request, and what people waited, in milliseconds."""

    page: str
    kind: str
    server_ms: float
    books_ms: float
    kilobytes: float
    p50_ms: float
    p95_ms: float
    worst_ms: float

    @property
    def met(self) -> bool:
        """Tell whether the bars hold."""
        return self.p95_ms <= BARS[self.kind] and self.worst_ms <= WORST_MAX


def fill(system: System, owner: Book, folder: Path, actuals: int) -> None:
    """Take work through the flow: half of the contracts billed, drafts of a tenth, the rest open.

    A line is a cost and an unbilled sale, and twice as many rows again once it is billed.
    """
    lines = actuals // 3
    contracts = max(lines // LINES_PER_CONTRACT, 10)
    data.prepare(system, owner, folder, lines=lines, contracts=contracts)
    flow = Flow(system, Run(lines, contracts))
    flow.work()
    numbers = _contracts(owner)
    for first, last, is_billed in (
        (0, len(numbers) // 2, True),
        (len(numbers) // 2, len(numbers) * 6 // 10, False),
    ):
        ids = [
            one
            for start in range(first, last, CONTRACTS_AT_ONCE)
            for one in _draft(system, numbers[start : min(start + CONTRACTS_AT_ONCE, last)])
        ]
        if is_billed:
            flow.confirm(tuple(ids))
            deliver_sets(system.forward)
            flow.imported()
            # A tenth of the proposals is left to post.
            flow.post(tuple(ids[: len(ids) * 9 // 10]))
            deliver_sets(system.back)


def _draft(system: System, contracts: Sequence[str]) -> list[int]:
    """Make a draft of all that is open of each contract; give their keys."""
    with system.operations.transaction() as transaction:
        found = [
            find_keys(transaction, company=data.COMPANY, contract=number).contract_id
            for number in contracts
        ]
        keys = tuple(key for key in found if key)
        for key in keys:
            mark_ready(
                transaction,
                company=data.COMPANY,
                selection=Selection(contract_id=key),
                actor="bench",
                at=NOW,
            )
        created = create_proformas(
            transaction, company=data.COMPANY, contract_ids=keys, cutoff=data.LAST_DAY,
            actor="bench", at=NOW,
        )  # fmt: skip
    return [one.proforma_id for one in created.proformas]


def _contracts(owner: Book) -> list[str]:
    with owner.raw() as connection:
        rows = connection.execute("SELECT number FROM operations.contract ORDER BY number")
        return [number for (number,) in rows]


def people(system: System) -> dict[str, list[Secret]]:
    """Add who looks, each with as many sessions as there are users."""
    now = datetime.now(UTC)  # noqa: TID251 - sessions are of today
    found: dict[str, list[Secret]] = {}
    with system.access.transaction() as transaction:
        for login, role in PEOPLE:
            if not find_candidate(transaction, login=login):
                add_person(
                    transaction, login=login, name=login.capitalize(), password=None,
                    must_change=False, actor="bench", at=now,
                )  # fmt: skip
                company = INSTALLATION if role == "integration_admin" else data.COMPANY
                give_role(
                    transaction, login=login, company=company, role=role, actor="bench", at=now
                )
            candidate = find_candidate(transaction, login=login)
            assert candidate
            found[login] = [
                admit(transaction, candidate, address="127.0.0.1", agent="bench", at=now)
                for _ in range(USERS)
            ]
    return found


@contextmanager
def serving(home: Path) -> Generator[tuple[str, int]]:
    """Run the server of the pages on the books of a home; give its address and its process."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"TWOFOLD_HOME": str(home)}
    program = [sys.executable, "-m", "twofold.cli", "serve", "--port", str(port), "--no-worker"]
    with subprocess.Popen(program, env=environment, stdout=subprocess.DEVNULL) as server:
        origin = f"http://127.0.0.1:{port}"
        try:
            _await(origin)
            yield origin, server.pid
        finally:
            server.terminate()


def _await(origin: str) -> None:
    """Wait until the server answers; a minute at most."""
    for _ in range(600):
        with suppress(httpx.TransportError):
            httpx.get(f"{origin}/sign-in", timeout=5)
            return
        time.sleep(0.1)
    raise AssertionError("the server does not answer")


def cpu_ms(pids: Sequence[int]) -> float:
    """Give the processor time that processes have taken."""
    total = 0
    for pid in pids:
        try:
            words = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        except FileNotFoundError:
            continue
        total += int(words[11]) + int(words[12])
    return 1000 * total / TICKS


def backends(server: EmbeddedServer) -> list[int]:
    """Name the sessions of the books."""
    with server.admin() as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE datname IS NOT NULL")
        return [pid for (pid,) in rows]


def alone(
    server: EmbeddedServer, pid: int, client: httpx.Client, path: str
) -> tuple[float, float, float]:
    """Open a page a few times; give processor time of server and books for one, and its size."""
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    sessions = backends(server)
    before = cpu_ms([pid]), cpu_ms(sessions)
    for _ in range(TRIES):
        answer = client.get(path)
    after = cpu_ms([pid]), cpu_ms(sessions)
    took = [(late - early) / TRIES for early, late in zip(before, after, strict=True)]
    return took[0], took[1], answer.num_bytes_downloaded / 1000


def together(
    origin: str, tokens: dict[str, list[Secret]], paths: Sequence[tuple[str, str]], rounds: int
) -> dict[str, list[float]]:
    """Let everybody open every page so many times; give the milliseconds of each page."""
    waited: dict[str, list[float]] = {path: [] for _, path in paths}

    def use(user: int) -> None:
        clients = {
            login: httpx.Client(
                base_url=origin,
                cookies={"twofold": sessions[user].text},
                timeout=60,
                # Sooner than the server closes a connection that rests.
                limits=httpx.Limits(keepalive_expiry=2),
            )
            for login, sessions in tokens.items()
        }
        # Each begins elsewhere and goes on in steps of their own, so that no two walk together.
        step = STEPS[user % len(STEPS)]
        time.sleep(user / USERS * PAUSE_SECONDS)
        for place in range(rounds * len(paths)):
            login, path = paths[(user * 7 + place * step) % len(paths)]
            started = time.perf_counter()
            clients[login].get(path)
            waited[path].append(1000 * (time.perf_counter() - started))
            time.sleep((0.5 + (user * 31 + place * 17) % 100 / 100) * PAUSE_SECONDS)

    with ThreadPoolExecutor(USERS) as pool:
        for one in [pool.submit(use, user) for user in range(USERS)]:
            one.result()
    return waited


def measure_pages(
    *, actuals: int, rounds: int, kept: Path | None = None
) -> tuple[list[Timed], dict[str, int]]:
    """Time every page over books of that size; give how large they were as well.

    Books kept from an earlier time are taken as they are, at the migrations of today.
    """
    home = kept or Path(tempfile.mkdtemp(prefix="tf-pages-", dir="/tmp"))
    is_filled = home.exists() and any(home.iterdir())
    home.mkdir(exist_ok=True)
    home.chmod(0o711)
    server = EmbeddedServer(home, postgres_bin())
    try:
        server.ensure()
        for book in cluster.BOOKS:
            migrate(book, server.dsn(book, cluster.OWNER))
        activate_shipped_maps(server.dsn, actor="bench", at=NOW)
        system = open_system(server.dsn, now=lambda: NOW)
        if not is_filled:
            _fill_whole(system, server, home, actuals)
        named, sizes = _named(system)
        tokens = people(system)
        system.close()
        with serving(home) as (origin, pid):
            return _timed(server, origin, pid, tokens, named, rounds), sizes
    finally:
        if kept:
            server.stop()
        else:
            server.erase()
            shutil.rmtree(home, ignore_errors=True)


def _fill_whole(system: System, server: EmbeddedServer, home: Path, actuals: int) -> None:
    """Fill the books and leave them as a night's maintenance would."""
    owner = Book("operations", server.dsn("operations", cluster.OWNER), cluster.OWNER)
    there = Book("finance", server.dsn("finance", cluster.OWNER), cluster.OWNER)
    fill(system, owner, home, actuals)
    for book in (owner, there):
        with book.session() as connection:
            connection.execute("VACUUM ANALYZE")
        book.close()


def _timed(
    server: EmbeddedServer,
    origin: str,
    pid: int,
    tokens: dict[str, list[Secret]],
    named: dict[str, str],
    rounds: int,
) -> list[Timed]:
    paths = [(login, kind, path.format(**named)) for login, kind, path in PAGES]
    single: dict[str, tuple[float, float, float]] = {}
    for login, _, path in paths:
        cookies = {"twofold": tokens[login][0].text}
        with httpx.Client(base_url=origin, cookies=cookies, timeout=120) as client:
            single[path] = alone(server, pid, client, path)
    waited = together(origin, tokens, [(login, path) for login, _, path in paths], rounds)
    found: list[Timed] = []
    for _, kind, path in paths:
        times = sorted(waited[path])
        percent = [times[min(len(times) * part // 100, len(times) - 1)] for part in (50, 95, 100)]
        found.append(Timed(path, kind, *single[path], *percent))
    return found


def _named(system: System) -> tuple[dict[str, str], dict[str, int]]:
    """Name one document of each kind, and count what there is."""
    names = {
        name: str(_one(book, query))
        for book, queries in ((system.auditor_operations, NAMED), (system.auditor_finance, THERE))
        for name, query in queries.items()
    }
    sizes = {
        "actuals": _one(system.auditor_operations, "SELECT count(*) FROM operations.actual"),
        "ledger entries": _one(system.auditor_finance, "SELECT count(*) FROM finance.ledger_entry"),
    }
    return names, sizes


def _one(book: Book, query: LiteralString) -> Any:  # noqa: ANN401 - a value of any type
    with book.raw() as connection:
        return (connection.execute(query).fetchone() or (None,))[0]


def show(found: Sequence[Timed], sizes: dict[str, int], console: Console) -> None:
    """Print a row per page, the slowest first."""
    size = ", ".join(f"{count:,} {name}" for name, count in sizes.items())
    table = Table(title=f"Pages over {size}; {USERS} people at once; milliseconds")
    for name in ("page", "server", "books", "kB", "p50", "p95", "max", "met"):
        table.add_column(name, justify="left" if name == "page" else "right")
    for one in sorted(found, key=lambda one: -one.p95_ms):
        figures = (one.server_ms, one.books_ms, one.kilobytes, one.p50_ms, one.p95_ms, one.worst_ms)
        table.add_row(one.page, *(f"{figure:.0f}" for figure in figures), "" if one.met else "NO")
    console.print(table)


def main() -> int:
    """Measure as the arguments say."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.pages", description=__doc__)
    parser.add_argument("--actuals", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, default=Path("bench"))
    parser.add_argument("--home", type=Path, help="keep the books there and use them again")
    given = parser.parse_args()
    given.output.mkdir(exist_ok=True)
    found, sizes = measure_pages(actuals=given.actuals, rounds=given.rounds, kept=given.home)
    show(found, sizes, Console(width=120))
    text = json.dumps({"sizes": sizes, "pages": [asdict(one) for one in found]}, indent=2)
    (given.output / "bench-pages.json").write_text(text + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
