"""Post many journals at once, each in a transaction of its own, while others can watch.

A run lists its journals; workers, each with a connection of its own, take one after the other
until none waits. One journal that cannot be posted stops no other. A worker that dies leaves its
journal Processing with nothing posted, and the rest to the others.

Before  nothing: what is no draft is refused, and told.
After   every journal of the run is posted, in error, or refused with its reason; the run and its
        counts stay for ``twofold journal progress``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from twofold.finance.journal.post import PostedJournal, post_journal
from twofold.finance.journal.posting_run import (
    Chosen,
    TakenJournal,
    give_back,
    note_done,
    start_run,
    take_journal,
)
from twofold.journey.system import System
from twofold.kernel.errors import Refusal, Refused

# Why a journal was given back that nothing is wrong with.
INTERRUPTED: Final = "interrupted"


@dataclass(frozen=True, slots=True)
class PostingRun:
    """What a run did, in the order of the journals' keys."""

    posting_run_id: int
    posted: tuple[PostedJournal, ...]
    refusals: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class _Work:
    system: System
    company: str
    actor: str
    posting_run_id: int
    advance: Callable[[int], None]


def post_journals(
    system: System,
    *,
    company: str,
    chosen: Chosen,
    workers: int,
    actor: str,
    advance: Callable[[int], None],
    expect: Callable[[int], None] = lambda _: None,
) -> PostingRun:
    """Post the journals chosen with ``workers`` at a time; ``advance`` is told of each.

    ``expect`` hears once how many there are.

    Refusals: those of lines (ERR-J07 and the reasons), ERR-J09 for a journal that was no draft.
    """
    with system.finance.transaction() as transaction:
        run = start_run(
            transaction,
            company=company,
            chosen=chosen,
            worker_count=workers,
            actor=actor,
            at=system.now(),
        )
    expect(run.journal_count)
    work = _Work(system, company, actor, run.posting_run_id, advance)
    with ThreadPoolExecutor(workers) as pool:
        outcomes = [
            outcome
            for of_worker in pool.map(_work_off, [work] * max(1, min(workers, run.journal_count)))
            for outcome in of_worker
        ]
    posted = sorted(
        (one for one in outcomes if isinstance(one, PostedJournal)), key=lambda one: one.journal_id
    )
    refused = [refusal for one in outcomes if isinstance(one, Refused) for refusal in one.refusals]
    lines = [refusal for one in posted for refusal in one.refusals]
    return PostingRun(run.posting_run_id, tuple(posted), (*refused, *lines))


def _work_off(work: _Work) -> list[PostedJournal | Refused]:
    """Post one journal after the other until none waits."""
    return list(_outcomes(work))


def _outcomes(work: _Work) -> Iterator[PostedJournal | Refused]:
    while True:
        with work.system.finance.transaction() as transaction:
            taken = take_journal(
                transaction,
                company=work.company,
                posting_run_id=work.posting_run_id,
                at=work.system.now(),
            )
        if taken is None:
            return
        yield _post_or_give_back(work, taken)
        work.advance(1)


def _post_or_give_back(work: _Work, taken: TakenJournal) -> PostedJournal | Refused:
    try:
        return _post(work, taken)
    except Refused as refused:
        _give_back(work, taken, refused.codes[0])
        return refused
    except BaseException:
        _give_back(work, taken, INTERRUPTED)
        raise


def _post(work: _Work, taken: TakenJournal) -> PostedJournal:
    with work.system.finance.transaction() as transaction:
        posted = post_journal(
            transaction,
            company=work.company,
            journal_id=taken.journal_id,
            actor=work.actor,
            at=work.system.now(),
            posting_run_id=work.posting_run_id,
        )
        note_done(
            transaction,
            company=work.company,
            posting_run_id=work.posting_run_id,
            journal_id=taken.journal_id,
            counts=(posted.posted_count, posted.refused_count),
            at=work.system.now(),
        )
    return posted


def _give_back(work: _Work, taken: TakenJournal, code: str) -> None:
    if not taken.is_taken:
        return
    with work.system.finance.transaction() as transaction:
        give_back(
            transaction,
            company=work.company,
            posting_run_id=work.posting_run_id,
            journal_id=taken.journal_id,
            code=code,
            at=work.system.now(),
        )
