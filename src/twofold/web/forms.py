"""What a form sends: its values and at most one file, and never more than its page takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.types import Message

FORM_BYTES_MAX: Final = 4 * 1024 * 1024
"""What a form without a file may be long."""


@dataclass(frozen=True, slots=True)
class Given:
    """A file of a form, as the browser sent it: its name and kind are only what was said."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """What a form sent. ``is_too_large``: it was not read to its end, and is empty."""

    values: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    file: Given | None = None
    is_too_large: bool = False


class _TooLarge(Exception):
    """More was sent than the page takes."""


async def read_form(request: Request, bytes_max: int) -> Form:
    """Read a form, and keep no more of it than ``bytes_max``; more makes it too large."""
    taken, has_more = 0, True

    async def receive() -> Message:
        nonlocal taken, has_more
        message = await request.receive()
        taken += len(message.get("body", b""))
        has_more = message.get("more_body", False)
        if taken > bytes_max:
            raise _TooLarge
        return message

    try:
        async with Request(request.scope, receive).form(max_files=1, max_fields=2000) as form:
            return Form(_values(form), await _file(form))
    except _TooLarge:
        # A browser shows the answer only when it has sent everything.
        while bytes_max > FORM_BYTES_MAX and has_more:
            has_more = (await request.receive()).get("more_body", False)
        return Form(is_too_large=True)


def _values(form: FormData) -> dict[str, Sequence[str]]:
    return {
        name: [value for value in form.getlist(name) if isinstance(value, str)] for name in form
    }


async def _file(form: FormData) -> Given | None:
    for _, one in form.multi_items():
        if isinstance(one, UploadFile) and one.filename:
            return Given(one.filename, one.content_type or "", await one.read())
    return None
