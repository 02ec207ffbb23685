"""What a page offers: the addresses it links to, and its forms with the values they would send."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Final

Field = tuple[str, str]

_VOID_OF_TEXT: Final = frozenset({"text", "search", "date", "number", "email", ""})


@dataclass(slots=True)
class Form:
    """A form as it stands: ``fields`` are sent with each of its ``buttons``."""

    method: str
    action: str
    fields: list[Field] = field(default_factory=list[Field])
    # Checkboxes that are not ticked, and fields of text that are empty.
    unticked: list[Field] = field(default_factory=list[Field])
    empty: list[str] = field(default_factory=list[str])
    # Name and value of each button, and the address it sends to ('' for that of the form).
    buttons: list[tuple[Field, str]] = field(default_factory=list[tuple[Field, str]])

    @property
    def changes(self) -> bool:
        """Tell whether it is sent to change something; others only look."""
        return self.method.lower() == "post"


@dataclass(slots=True)
class Markup:
    """What a page offers; ``rows`` counts rows of tables, ``elements`` all elements."""

    links: list[str] = field(default_factory=list[str])
    forms: list[Form] = field(default_factory=list[Form])
    rows: int = 0
    elements: int = 0


def read_markup(text: str) -> Markup:
    """Read a page as a browser would."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    return reader.finished()


class _Reader(HTMLParser):
    """Collects forms by their ids as well, because fields may stand elsewhere."""

    def __init__(self) -> None:
        super().__init__()
        self.markup = Markup()
        self._open: Form | None = None
        self._by_id: dict[str, Form] = {}
        # Form by id, or the one that is open, and what it would be told.
        self._parts: list[tuple[str | Form, str, dict[str, str]]] = []
        self._options: list[tuple[str, bool]] = []
        self._select: tuple[str | Form, dict[str, str]] | None = None
        self._option: list[str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.markup.elements += 1
        self.markup.rows += tag == "tr"
        owner = given.get("form") or self._open
        if tag == "a" and "href" in given:
            self.markup.links.append(given["href"])
        elif tag == "form":
            self._open = Form(given.get("method", "get"), _action(given))
            self.markup.forms.append(self._open)
            if "id" in given:
                self._by_id[given["id"]] = self._open
        elif tag in {"input", "button", "textarea"} and owner and "disabled" not in given:
            self._parts.append((owner, tag, given))
        elif tag == "select" and owner:
            self._select, self._options = (owner, given), []
        elif tag == "option":
            self._close_option()
            self._option = []
            is_chosen = "selected" in given
            self._options.append((given.get("value", "\0"), is_chosen))

    def handle_data(self, data: str) -> None:
        if self._option is not None:
            self._option.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "option":
            self._close_option()
        elif tag == "form":
            self._open = None
        elif tag == "select" and self._select:
            self._close_option()
            owner, given = self._select
            chosen = [value for value, is_chosen in self._options if is_chosen]
            values = [value for value, _ in self._options]
            value = (*chosen, *values, "")[0]
            self._parts.append((owner, "select", {**given, "value": value}))
            self._select = None

    def _close_option(self) -> None:
        if self._option is not None and self._options:
            value, is_chosen = self._options[-1]
            if value == "\0":
                self._options[-1] = ("".join(self._option).strip(), is_chosen)
        self._option = None

    def finished(self) -> Markup:
        """Give the page, every field with the form it belongs to."""
        for owner, tag, given in self._parts:
            form = self._by_id.get(owner) if isinstance(owner, str) else owner
            if form is not None:
                _add(form, tag, given)
        return self.markup


def _action(given: dict[str, str]) -> str:
    return given.get("action") or given.get("hx-get", "")


def _add(form: Form, tag: str, given: dict[str, str]) -> None:
    name, value, kind = given.get("name", ""), given.get("value", ""), given.get("type", "")
    if tag == "button" or kind == "submit":
        if kind != "button":
            form.buttons.append(((name, value), given.get("formaction", "")))
    elif not name:
        return
    elif kind in {"checkbox", "radio"} and "checked" not in given:
        form.unticked.append((name, value or "on"))
    else:
        form.fields.append((name, value))
        if tag == "textarea" or (tag == "input" and kind in _VOID_OF_TEXT and not value):
            form.empty.append(name)
