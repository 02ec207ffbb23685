"""A small world under a scheduler's thumb: two real books, real engines, users who go on working.

Each engine is a thread that runs the real delivery and stops at every failpoint until the
scheduler lets it go on, or lets it die there. One thing happens at a time: after each act the
world waits until every engine is held, has ended, or waits for a lock that another one holds.
So a sequence of acts is a history that happens again when the same acts are done again.

``check`` compares the books with the models at any moment; ``quiet`` first lets everything end.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final, Literal, LiteralString

from tests.concurrency.waiting import wait_until
from tests.dualwrite.planted import COMPANY, forward, let_leases_run_out, plant, plant_costs, send
from tests.faults.checker import broken_promises
from tests.faults.model import Model, Sealed, Standing
from tests.support.books import Books
from twofold.database.connection import Book
from twofold.dualwrite.sets.choice import Choice
from twofold.dualwrite.sets.deliver import Delivery, Route, deliver_sets
from twofold.dualwrite.sets.dismiss import dismiss_sets
from twofold.dualwrite.sets.redrive import redrive_sets
from twofold.dualwrite.sets.wake import wake_awaiting
from twofold.kernel.errors import Fault

Direction = Literal["onward", "back"]
# Three engines carry what operations sends, one what finance sends.
ENGINES: Final[tuple[Direction, ...]] = ("onward", "onward", "onward", "back")
KNOWN_PROJECT: Final = 5
ROUNDS_MAX: Final = 40
# The one failpoint inside a transaction of the source: the rows of the sets are locked.
ACKNOWLEDGING: Final = "CP14"
# With the head of the target's chain locked.
APPLIED: Final = "CP11"

POST: Final = """
    INSERT INTO finance.project_transaction (
        company, actual_id, journal_id, voucher, accounting_date, category_number, line_property,
        profile, exchange_rate, accounting_amount, accrued_amount, change_set_id
    )
    SELECT
        %(company)s::text, key, 1, 'V-' || key, '2026-10-30', 'LABOUR', 'C', 'TM', 100, 50, 0,
        %(set_id)s::bigint
    FROM unnest(%(keys)s::bigint[]) AS key
"""
MAKE: Final = {
    "resource": """
        INSERT INTO operations.resource (company, resource_id, name, change_set_id)
        VALUES (%(company)s, %(key)s, %(name)s, %(set_id)s)
        ON CONFLICT (company, resource_id)
        DO UPDATE SET name = excluded.name, change_set_id = excluded.change_set_id
    """,
    "project": """
        INSERT INTO operations.project (company, project_id, name, change_set_id, number, state)
        VALUES (%(company)s, %(key)s, %(name)s, %(set_id)s, 'P-' || %(key)s, 'in_process')
        ON CONFLICT (company, project_id)
        DO UPDATE SET name = excluded.name, change_set_id = excluded.change_set_id
    """,
}
MOVE: Final = """
    UPDATE operations.actual SET project_id = %(project)s WHERE change_set_id = %(set_id)s
"""
SPOIL: Final = """
    UPDATE operations.actual SET description = 'spoiled' WHERE change_set_id = %(set_id)s
"""
MEND: Final = """
    UPDATE operations.actual SET description = 'hour ' || actual_id
    WHERE change_set_id = %(set_id)s
"""
FORGET_ACKNOWLEDGEMENT: Final = """
    WITH forgotten AS (
        DELETE FROM dualwrite.acknowledged WHERE set_id = %(set_id)s RETURNING company, set_id
    )
    INSERT INTO dualwrite.pending (company, set_id, stream, version)
    SELECT outbox.company, outbox.set_id, outbox.stream, outbox.version
    FROM forgotten JOIN dualwrite.outbox USING (company, set_id)
"""


class Died(BaseException):
    """The engine ends here, as a killed process does: what is not committed is gone."""


class Hand:
    """One engine: a thread that stops at every failpoint until it is let go."""

    def __init__(self, name: str, direction: Direction) -> None:
        self.name: Final = name
        self.direction: Final = direction
        self.at = ""
        self.delivery: Delivery | None = None
        self.error: BaseException | None = None
        self._thread: threading.Thread | None = None
        self._go = threading.Semaphore(0)
        self._doomed = False
        self._free = False

    @property
    def is_alive(self) -> bool:
        """Whether it is in the middle of a delivery."""
        return self._thread is not None

    @property
    def is_settled(self) -> bool:
        """Whether it is held at a failpoint or does nothing."""
        return self._thread is None or bool(self.at) or not self._thread.is_alive()

    def start(self, route: Callable[[Callable[[str], None]], Route]) -> None:
        """Begin a delivery; it runs to its first failpoint."""
        assert self._thread is None, f"{self.name} delivers already"
        self._doomed = self._free = False
        self._thread = threading.Thread(target=self._deliver, args=(route(self._stop),))
        self._thread.start()

    def go_on(self) -> None:
        """Leave the failpoint, up to the next one."""
        assert self.at
        self.at = ""
        self._go.release()

    def die(self) -> None:
        """Die at the failpoint."""
        self._doomed = True
        self.go_on()

    def run_free(self) -> None:
        """Stop nowhere any more."""
        self._free = True
        if self.at:
            self.go_on()

    def give_up(self) -> None:
        """End at the next failpoint, whatever is left; for the end of the world."""
        self._doomed = True
        self.run_free()
        if self._thread is not None:
            self._thread.join()

    def bury(self) -> None:
        """Forget the thread when it has ended; raise what it must not have died of."""
        if self._thread is None or self.at or self._thread.is_alive():
            return
        self._thread.join()
        self._thread = None
        error, self.error = self.error, None
        lost_a_session = isinstance(error, Fault) and error.transient
        if error is not None and not lost_a_session and not isinstance(error, Died):
            raise error

    def _deliver(self, route: Route) -> None:
        try:
            self.delivery = deliver_sets(route)
        except BaseException as error:  # noqa: BLE001 - raised again where the scheduler sees it
            self.error = error

    def _stop(self, name: str) -> None:
        if self._doomed:
            raise Died(name)
        if self._free or threading.current_thread() is not self._thread:
            return
        self.at = name
        self._go.acquire()
        if self._doomed:
            raise Died(name)


class World:
    """Two books, engines in both directions, and the models of what must stand in each."""

    def __init__(self, books: Books) -> None:
        plant(books)
        self.books: Final = books
        self.onward: Final = Model(known=[("project", KNOWN_PROJECT)])
        self.back: Final = Model()
        self.hands: Final = [Hand(f"sim-{n}", direction) for n, direction in enumerate(ENGINES)]
        self._engines = [self._engine(hand.name) for hand in self.hands]
        self._next_key = 1
        self._posted: set[int] = set()

    # ---- what users do

    def seal_costs(self, *, stream: int, count: int, project: int = KNOWN_PROJECT) -> None:
        """Approve costs on a project that finance may not know."""
        first, set_id, name = self._next_key, _next_set(self.onward), f"approval/{stream}"
        self._next_key += count
        plant_costs(self.books, set_id=set_id, first=first, count=count)
        self._in_operations(MOVE, project=project, set_id=set_id)
        send(self.books, set_id, kind="approval", stream=name, keys=(first, first + count - 1))
        self.onward.seal(
            Sealed(
                set_id, name, _next_version(self.onward, name),
                facts={key: f"hour {key}" for key in range(first, first + count)},
                needs=frozenset({("project", project)}), maps=frozenset({"actuals"}),
            )
        )  # fmt: skip

    def seal_state(self, *, kind: Literal["resource", "project"], key: int, name: str) -> None:
        """Make or rename a resource or a project; costs may have been waiting for the project."""
        set_id = _next_set(self.onward)
        given = {"company": COMPANY, "key": key, "name": name, "set_id": set_id}
        self._in_operations(MAKE[kind], **given)
        send(self.books, set_id, kind="setup", stream="setup")
        version = _next_version(self.onward, "setup")
        states, maps = {(kind, key): name}, frozenset({f"{kind}s"})
        self.onward.seal(Sealed(set_id, "setup", version, states=states, maps=maps))

    def seal_posting(self) -> None:
        """Post in finance the costs that arrived and are not posted yet, if there are any."""
        keys = sorted(self._standing_onward().facts.keys() - self._posted)
        if not keys:
            return
        self._posted |= set(keys)
        set_id, stream = _next_set(self.back), f"journal/{keys[0]}"
        with self.books.owner_finance.raw() as connection:
            connection.execute(POST, {"keys": keys, "set_id": set_id, "company": COMPANY})
        send(
            self.books, set_id, kind="journal_posting", stream=stream, keys=(keys[0], keys[-1]),
            book=self.books.finance,
        )  # fmt: skip
        facts = {key: f"V-{key}" for key in keys}
        maps = frozenset({"accounting_detail"})
        self.back.seal(Sealed(set_id, stream, 1, facts=facts, maps=maps))

    # ---- what engines do

    def step(self, engine: int) -> None:
        """Let an engine go on to its next failpoint; one that does nothing begins."""
        hand = self.hands[engine]
        if not hand.is_alive:
            hand.start(lambda stop: self._route(engine, stop))
        elif hand.at:
            hand.go_on()
        self.settle()

    def kill(self, engine: int) -> None:
        """Kill an engine where it stands."""
        if self.hands[engine].at:
            self.hands[engine].die()
        self.settle()

    def settle(self) -> None:
        """Wait until nothing moves: every engine is held, has ended, or waits for a lock."""
        wait_until(self._stands_still)
        for hand in self.hands:
            hand.bury()

    # ---- what goes wrong, and what people do about it

    def lapse(self) -> None:
        """Let every lease, and every pause before a next attempt, run out."""
        self._leave(ACKNOWLEDGING)
        let_leases_run_out(self.books.owner_operations)
        let_leases_run_out(self.books.owner_finance)

    def rest(self, table_map: str, *, rests: bool) -> None:
        """Pause a map, or let it run again."""
        for book in (self.books.owner_operations, self.books.owner_finance):
            with book.raw() as connection:
                connection.execute(
                    "UPDATE dualwrite.map SET state = %s WHERE map = %s",
                    ("paused" if rests else "running", table_map),
                )
        for model in (self.onward, self.back):
            (model.paused.add if rests else model.paused.discard)(table_map)

    def deliver_twice(self, choice: int) -> None:
        """Forget an acknowledgement: the set is delivered again."""
        self._leave(ACKNOWLEDGING)
        with self.books.owner_operations.raw() as connection:
            acknowledged = connection.execute(
                "SELECT set_id FROM dualwrite.acknowledged ORDER BY set_id"
            ).fetchall()
            if acknowledged:
                (set_id,) = acknowledged[choice % len(acknowledged)]
                connection.execute(FORGET_ACKNOWLEDGEMENT, {"set_id": set_id})

    def spoil(self, choice: int) -> None:
        """Change a fact of a set on its way behind everybody's back: it differs from its seal."""
        if any(hand.is_alive and hand.direction == "onward" for hand in self.hands):
            return  # it may have read the fact already
        waiting = self._on_their_way(lambda one: bool(one.facts))
        if waiting:
            set_id = waiting[choice % len(waiting)]
            self.onward.spoiled.add(set_id)
            self._in_operations(SPOIL, set_id=set_id)

    def mend(self) -> None:
        """Put spoiled sets right, and try what stopped again."""
        self._leave(ACKNOWLEDGING)
        for set_id in sorted(self.onward.spoiled):
            self._in_operations(MEND, set_id=set_id)
        self.onward.spoiled.clear()
        choice = Choice(company=COMPANY, states=("stopped",))
        redrive_sets(self.books.dualwrite_operations, choice=choice, actor="ann")

    def dismiss(self, choice: int) -> None:
        """Give up a set that stopped or is parked, unless an engine has it in hand."""
        self._leave(ACKNOWLEDGING, APPLIED)
        with self.books.owner_operations.raw() as connection:
            stuck = connection.execute(
                "SELECT set_id FROM dualwrite.pending WHERE state <> 'waiting'"
                " AND leased_until IS NULL ORDER BY set_id"
            ).fetchall()
        if not stuck:
            return
        (set_id,) = stuck[choice % len(stuck)]
        given_up = dismiss_sets(
            forward(self.books),
            choice=Choice(company=COMPANY, set_ids=(set_id,)),
            reason="no longer needed",
            actor="ann",
        )
        if given_up:
            self.onward.dismissed.add(set_id)

    # ---- what must be true

    def check(self) -> None:
        """Compare both books with the models as they stand, whatever is in the middle of what."""
        applied = self._applied_onward()
        assert self.onward.mistakes(applied) == []
        assert self._standing_onward() == self.onward.standing(applied)
        returned = self._applied_back()
        assert self.back.mistakes(returned) == []
        assert self._standing_back() == self.back.standing(returned)
        assert broken_promises(self.books) == []

    def quiet(self) -> None:
        """Let every engine end and all arrive that can; then nothing more may be possible."""
        for hand in self.hands:
            hand.run_free()
        wait_until(lambda: all(hand.is_settled for hand in self.hands))
        self.settle()
        for _ in range(ROUNDS_MAX):
            self.lapse()
            if not sum(self._round(engine) for engine in (0, len(self.hands) - 1)):
                break
        else:
            raise AssertionError("it never comes to rest")
        self.check()
        applied, returned = self._applied_onward(), self._applied_back()
        more = self.onward.reach(applied) - applied, self.back.reach(returned) - returned
        assert more == (set(), set()), f"{more} could have been applied: {self._states()}"
        for set_id, state in self._states().items():
            # An applied set may still wait to be acknowledged, behind a map that rests.
            fates = self.onward.fates(set_id, applied)
            assert state in fates or fates == {"applied"}, f"set {set_id}: {state}, not {fates}"

    def end(self) -> None:
        """Put everything right; then all that was sealed has arrived, but for what was given up."""
        for table_map in ("actuals", "resources", "projects", "accounting_detail"):
            self.rest(table_map, rests=False)
        self.mend()
        self.quiet()
        assert self._applied_onward() == self.onward.reach(set())
        assert self._applied_back() == set(self.back.sealed)

    def close(self) -> None:
        """Let every thread end and close every connection, also after a failure."""
        for hand in self.hands:
            hand.give_up()
        for engine in self._engines:
            for book in engine:
                book.close()

    def _round(self, engine: int) -> int:
        route = self._route(engine, lambda _name: None)
        woken = wake_awaiting(route)
        delivery = deliver_sets(route)
        return woken + delivery.applied + delivery.already_applied

    def _route(self, engine: int, stop: Callable[[str], None]) -> Route:
        operations, finance = self._engines[engine]
        onward = self.hands[engine].direction == "onward"
        source, target = (operations, finance) if onward else (finance, operations)
        maps = self.books.server.active_maps()
        # Leases run out when the scheduler says so, and are not renewed behind its back.
        return Route(source, target, maps, stop, lease_seconds=40_000)

    def _engine(self, name: str) -> tuple[Book, Book]:
        embedded, role = self.books.server.embedded, "twofold_dualwrite"
        named = {"application": f"twofold/dualwrite/{name}"}
        return (
            Book("operations", embedded.dsn_to(self.books.pair.operations, role), role, **named),
            Book("finance", embedded.dsn_to(self.books.pair.finance, role), role, **named),
        )

    def _leave(self, *places: str) -> None:
        """Let engines go on from places where they hold locks for a moment."""
        while any(hand.at in places for hand in self.hands):
            for hand in self.hands:
                if hand.at in places:
                    hand.go_on()
            self.settle()

    def _stands_still(self) -> bool:
        moving = [hand for hand in self.hands if not hand.is_settled]
        return not moving or self._waiting_for_a_lock() >= len(moving)

    def _waiting_for_a_lock(self) -> int:
        with self.books.server.embedded.admin() as connection:
            (count,) = connection.execute(
                "SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE datname = ANY(%s)"
                " AND wait_event_type = 'Lock'",
                ([self.books.pair.operations, self.books.pair.finance],),
            ).fetchone() or (0,)
        return int(count)

    def _applied_onward(self) -> set[int]:
        with self.books.auditor_finance.raw() as connection:
            found = connection.execute(
                "SELECT set_id FROM dualwrite.inbox WHERE source = 'operations'"
            )
            return {set_id for (set_id,) in found}

    def _applied_back(self) -> set[int]:
        with self.books.auditor_operations.raw() as connection:
            found = connection.execute(
                "SELECT set_id FROM dualwrite.inbox WHERE source = 'finance'"
            )
            return {set_id for (set_id,) in found}

    def _standing_onward(self) -> Standing:
        with self.books.auditor_finance.raw() as connection:
            facts = connection.execute(
                "SELECT actual_id, source_set_id, description FROM finance.staged_actual"
            ).fetchall()
            states = connection.execute(
                "SELECT 'resource', resource_id, source_version, name FROM finance.resource"
                " UNION ALL SELECT 'project', project_id, source_version, name"
                " FROM finance.project WHERE project_id <> %s",
                (KNOWN_PROJECT,),
            ).fetchall()
        return Standing(
            {key: (set_id, said) for key, set_id, said in facts},
            {(kind, key): (version, name) for kind, key, version, name in states},
        )

    def _standing_back(self) -> Standing:
        with self.books.auditor_operations.raw() as connection:
            facts = connection.execute(
                "SELECT actual_id, voucher FROM operations.actual_accounting"
            ).fetchall()
        of_set = {key: one.set_id for one in self.back.sealed.values() for key in one.facts}
        return Standing({key: (of_set[key], said) for key, said in facts}, {})

    def _states(self) -> dict[int, str]:
        with self.books.auditor_operations.raw() as connection:
            return dict(
                connection.execute("SELECT set_id, state::text FROM dualwrite.pending").fetchall()
            )

    def _on_their_way(self, fits: Callable[[Sealed], bool]) -> list[int]:
        states, applied = self._states(), self._applied_onward()
        return [
            one.set_id
            for one in self.onward.sealed.values()
            if one.set_id in states and one.set_id not in applied and fits(one)
        ]

    def _in_operations(self, statement: LiteralString, **given: object) -> None:
        with self.books.owner_operations.raw() as connection:
            connection.execute(statement, given)


def _next_set(model: Model) -> int:
    return len(model.sealed) + 1


def _next_version(model: Model, stream: str) -> int:
    return 1 + sum(one.stream == stream for one in model.sealed.values())
