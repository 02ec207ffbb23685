"""Be told when another session of a book says something has happened (LISTEN and NOTIFY)."""

from __future__ import annotations

from collections.abc import Callable

from twofold.database.connection import Book


def listen(
    book: Book, channel: str, *, told: Callable[[], None], is_over: Callable[[], bool]
) -> None:
    """Call ``told`` for every notice on a channel, until it is over.

    After   it was also called once at the beginning: what was said before is not repeated.
    Raises  Fault, transient, when the session ends.
    """
    with book.session() as connection:
        # A channel is an identifier, not a value; ours are words of the program.
        assert channel.isidentifier()
        connection.execute(f"LISTEN {channel}".encode())
        told()
        while not is_over():
            for _ in connection.notifies(timeout=1.0, stop_after=1):
                told()
