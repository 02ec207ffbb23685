"""What a failure of a book means for the sets that met it: its code, and whether to try again."""

from __future__ import annotations

from typing import Final

from twofold.database.transaction import ConstraintBroken
from twofold.dualwrite.sets.route import SetProblem
from twofold.kernel.errors import Fault

# Mistakes of ours, as Python knows them: they stop the set that met them, never the queue.
BUGS: Final = (AssertionError, LookupError, TypeError, ValueError, AttributeError)

# Serialization failure and deadlock: the same work, done again at once, meets nobody.
_AT_ONCE: Final = frozenset({"40001", "40P01"})
# A lock was not given in time, or a statement took too long: another set may be luckier.
_BUSY: Final = frozenset({*_AT_ONCE, "55P03", "57014"})
_DENIED: Final = frozenset({"42501"})


def helps_at_once(error: Exception) -> bool:
    """Tell whether the same work may succeed if it is done again without a pause."""
    return isinstance(error, Fault) and error.state in _AT_ONCE


def is_of_the_book(error: Exception) -> bool:
    """Tell whether the whole book is away, full or going down: other sets fare no better."""
    return isinstance(error, Fault) and error.transient and error.state not in _BUSY


def problem_of(set_id: int, error: Exception) -> SetProblem:
    """Put a failure into words, for one set; of the server's answer only the first line.

    What follows the first line may quote whole rows.
    """
    said = str(error).partition("\n")[0]
    if isinstance(error, ConstraintBroken):
        return SetProblem(set_id, "ERR-D18", "stopped", str(error))
    if not isinstance(error, Fault):
        return SetProblem(set_id, "ERR-D24", "stopped", f"{type(error).__name__}: {said}")
    if error.transient:
        return SetProblem(set_id, "ERR-D22", "waiting", said)
    code = "ERR-D85" if error.state in _DENIED else "ERR-D18"
    return SetProblem(set_id, code, "stopped", said)
