"""Map files as declared: those that ship with the product, and what an environment adds to them.

An environment may map columns of its own, or map shipped ones anew, without touching a shipped
file: ``<map>.toml`` in its directory of overrides holds ``[columns]`` and ``[lookups]``, nothing
else. A column named there replaces the shipped one whole. The merged text is what is recorded.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Final, cast

from twofold.dualwrite.table_maps.language import (
    MapMistake,
    TableMap,
    in_order,
    mistake,
    read_map,
)
from twofold.kernel.catalogue import refuse
from twofold.kernel.errors import Refusal

FITS_NO_MAP: Final = "ERR-D67"
_OVERRIDABLE: Final = ("columns", "lookups")


@dataclass(frozen=True, slots=True)
class Declaration:
    """A map and the text it was read from."""

    map: TableMap
    text: str


def read_maps(package: str, *, overrides: Path | None = None) -> tuple[Declaration, ...]:
    """Read every map file of a package, each after the maps it follows.

    ``overrides`` is the directory of the environment's own files; without it, none are read.

    Raises  MapMistake: ERR-D40 a file is not TOML or breaks the language, ERR-D41 it follows a
            map that does not exist, ERR-D42 maps follow each other in a circle, ERR-D56 so do
            lookups, ERR-D67 an override fits no map.
    """
    shipped: dict[str, tuple[str, str, dict[str, Any]]] = {}
    for entry in sorted(resources.files(package).iterdir(), key=lambda one: one.name):
        if entry.name.endswith(".toml"):
            text = entry.read_text(encoding="utf-8")
            content = _content(entry.name, text)
            if "overridden" in content:
                raise MapMistake(mistake(entry.name, "overridden: only an override says this"))
            table_map = read_map(content, file=entry.name)
            if table_map.id in shipped:
                reason = f"id: another file has the map {table_map.id}"
                raise MapMistake(mistake(entry.name, reason))
            shipped[table_map.id] = (entry.name, text, content)
    own = _overrides(overrides, shipped.keys())
    declarations: dict[str, Declaration] = {}
    for name, (file, text, content) in shipped.items():
        if name in own:
            merged = _merged(content, own[name])
            text = _toml(merged)  # noqa: PLW2901 - from here on, the merged text is the map's
            content = tomllib.loads(text)  # noqa: PLW2901 - as the text
        declarations[name] = Declaration(read_map(content, file=file), text)
    # In the order of the files, never of a set: every program must find the same one.
    order = in_order({name: one.map.follows for name, one in declarations.items()})
    return tuple(declarations[name] for name in order)


def _content(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise MapMistake(mistake(file, str(error))) from error


def _overrides(directory: Path | None, known: Collection[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    unfit: list[Refusal] = []
    for path in sorted(directory.glob("*.toml")) if directory else ():
        content = _content(str(path), path.read_text(encoding="utf-8"))
        found[path.stem] = content
        if path.stem not in known:
            reason = f"there is no map {path.stem}"
            unfit.append(
                refuse(FITS_NO_MAP, str(path), field="map", value=path.stem, reason=reason)
            )
        for word in content.keys() - set(_OVERRIDABLE):
            reason = f"an override holds {' and '.join(_OVERRIDABLE)} only"
            unfit.append(refuse(FITS_NO_MAP, str(path), field=word, reason=reason))
    if unfit:
        raise MapMistake(*unfit)
    return found


def _merged(content: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    merged = dict(content)
    for word in _OVERRIDABLE:
        if word in own:
            merged[word] = {**content.get(word, {}), **own[word]}
    merged["overridden"] = sorted(name for word in _OVERRIDABLE for name in own.get(word, {}))
    return merged


def _toml(content: dict[str, Any]) -> str:
    """Write a map as TOML: plain values, then each table, what it holds in one line each."""
    plain = {k: v for k, v in content.items() if not isinstance(v, dict)}
    lines = [f"{_key(name)} = {_value(value)}" for name, value in plain.items()]
    for name, table in content.items():
        if isinstance(table, dict):
            inner = cast("dict[str, Any]", table)
            lines += ["", f"[{_key(name)}]"]
            lines += [f"{_key(one)} = {_value(value)}" for one, value in inner.items()]
    return "\n".join([*lines, ""])


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else json.dumps(name)


def _value(value: object) -> str:
    if isinstance(value, dict):
        items = cast("dict[str, object]", value).items()
        return "{ " + ", ".join(f"{_key(name)} = {_value(one)}" for name, one in items) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(_value, cast("list[object]", value))) + "]"
    # Texts, whole numbers and true or false are written alike in JSON and TOML.
    return json.dumps(value).replace("\x7f", "\\u007f")
