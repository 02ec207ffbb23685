"""The words of a map file: what is read, and each mistake that is named with its place."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from twofold.dualwrite.table_maps.activate import read_maps
from twofold.dualwrite.table_maps.language import MapMistake, read_map

MAP = """
    id = "bins"
    name = "Bins"
    version = "1.0.0"
    about = "Where things lie."
    source_book = "operations"
    target_book = "finance"
    rows = "facts"
    travels_in = ["approval"]

    [source]
    table = "operations.bin"
    set_column = "change_set_id"

    [target]
    table = "finance.bin"
    key = ["company", "bin_id"]

    [columns]
    company = { from = "company" }
    bin_id = { from = "bin_id" }
    size = { from = "size", values = { s = "small" } }
    shelf = { from = "shelf", lookup = "finance.shelf.shelf_id" }
"""

# What stands in the map, what stands there instead, and what is said about it.
MISTAKES = [
    ('rows = "facts"', 'rows = "heaps"', "Invalid enum value 'heaps' - at `$.rows`"),
    ('id = "bins"', "id = 4", "Expected `str`, got `int` - at `$.id`"),
    ('version = "1.0.0"', "", "missing required field `version`"),
    ('name = "Bins"', 'name = "Bins"\nowner = "ann"', "unknown field `owner`"),
    ('table = "finance.bin"', 'table = "finance.bin"\nfilter = ""', "unknown field `filter`"),
    ('source_book = "operations"', 'source_book = "sales"', "Invalid enum value 'sales'"),
    ('{ from = "bin_id" }', '{ form = "bin_id" }', "unknown field `form` - at `$.columns[...]`"),
    ('{ from = "bin_id" }', '{ set = "stream" }', "Invalid enum value 'stream'"),
    ('{ from = "bin_id" }', "{ }", "columns.bin_id: needs exactly one of from, constant"),
    (
        '{ from = "bin_id" }',
        '{ from = "bin_id", constant = "7" }',
        "columns.bin_id: needs exactly one of from, constant",
    ),
    (
        '{ from = "bin_id" }',
        '{ expression = "s.bin_id", set = "set_id" }',
        "columns.bin_id: needs exactly one of from, constant",
    ),
    (
        '{ from = "size", values',
        '{ expression = "s.size", values',
        "columns.size: values translate what comes from a column",
    ),
    ('from = "bin_id"', 'constant = "100%"', "columns.bin_id: a per cent sign in a constant"),
    ('"small"', '"%(company)s"', "columns.size: a per cent sign in a constant or in values"),
    ('"bin_id"]', '"bin"]', "target.key: bin is not among the columns"),
    ('"bin_id"]', '"bin_id"]\nfree = ["number"]', "target.key: number is not among the columns"),
    ('"operations.bin"', '"bin"', "source.table: bin is not schema.table"),
    ('"finance.bin"', '"finance.bin.bin_id"', "target.table: finance.bin.bin_id is not schema"),
    ('"finance.shelf.shelf_id"', '"shelf"', "columns.shelf.lookup: shelf is not schema.table.col"),
    ('target_book = "finance"', 'target_book = "operations"', "source_book and target_book are"),
    ('set_column = "change_set_id"', "", "source.set_column: facts are found by the set"),
    ('version = "1.0.0"', 'version = "1.0"', "version: 1.0 is not three numbers"),
    ('rows = "facts"', 'rows = "state"', 'columns: state needs one with set = "version"'),
    ('{ from = "bin_id" }', '{ of = "box" }', "columns.bin_id.of: there is no lookup box"),
    (
        '{ from = "bin_id" }',
        '{ from = "bin_id", gives = "x" }',
        "columns.bin_id.gives: there is no",
    ),
    (
        '"finance.shelf.shelf_id"',
        '"finance.shelf.shelf_id", gives = "number" }\nx = { constant = "1", round = 2',
        "columns.x: round and cut shape what comes from a column",
    ),
    ('from = "bin_id"', 'from = "bin_id", round = -1', "columns.bin_id: round is at least 0"),
    (
        '{ from = "bin_id" }',
        '{ from = "bin_id", lookup = "finance.box.box_id", gives = "number" }',
        "target.key: bin_id is known in the target only",
    ),
]


def test_a_map_without_mistakes_is_read() -> None:
    bins = read_map(tomllib.loads(MAP), file="bins.toml")

    assert (bins.id, bins.rows, bins.source.set_column) == ("bins", "facts", "change_set_id")
    assert list(bins.columns) == ["company", "bin_id", "size", "shelf"]


@pytest.mark.parametrize(("right", "wrong", "said"), MISTAKES, ids=[row[2] for row in MISTAKES])
def test_a_mistake_is_named_with_its_file_and_place(right: str, wrong: str, said: str) -> None:
    assert right in MAP

    with pytest.raises(MapMistake) as mistake:
        read_map(tomllib.loads(MAP.replace(right, wrong, 1)), file="bins.toml")

    assert {(one.code, one.record) for one in mistake.value.refusals} == {("ERR-D40", "bins.toml")}
    assert said in str(mistake.value)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a package of map files that holds the one above."""
    path = tmp_path / "planted_maps"
    path.mkdir()
    (path / "__init__.py").touch()
    (path / "bins.toml").write_text(MAP, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "planted_maps", raising=False)
    return path


def test_maps_are_read_after_the_maps_they_follow(package: Path) -> None:
    a_map = MAP.replace('id = "bins"', 'id = "a"\nfollows = ["bins"]')
    (package / "a.toml").write_text(a_map, encoding="utf-8")

    assert [one.map.id for one in read_maps("planted_maps")] == ["bins", "a"]


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        ("id = ", "ERR-D40", "z.toml: Invalid value"),
        (MAP, "ERR-D40", "z.toml: id: another file has the map bins"),
        (MAP.replace("size = {", "company = {"), "ERR-D40", "z.toml: Cannot overwrite a value"),
        ('overridden = ["size"]\n' + MAP, "ERR-D40", "z.toml: overridden: only an override"),
        (MAP.replace('"bins"', '"z"\nfollows = ["boxes"]'), "ERR-D41", "map/z: no map boxes"),
        (MAP.replace('"bins"', '"z"\nfollows = ["z"]'), "ERR-D42", "maps in a circle: z → z"),
    ],
)  # fmt: skip
def test_a_file_that_does_not_fit_the_others_is_refused(
    package: Path, text: str, code: str, said: str
) -> None:
    (package / "z.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MapMistake, match=said) as refused:
        read_maps("planted_maps")

    assert refused.value.codes == (code,)


LOOKUPS = """
    [lookups]
    stand = { from = "shelf_id", lookup = "finance.shelf.shelf_id", gives = "room_id" }
    room = { of = "stand", lookup = "finance.room.room_id", gives = "door" }
"""


def test_lookups_in_a_circle_are_refused() -> None:
    circle = LOOKUPS.replace('from = "shelf_id"', 'of = "room"')

    with pytest.raises(MapMistake) as refused:
        read_map(tomllib.loads(MAP + circle), file="bins.toml")

    assert refused.value.codes == ("ERR-D56",)


def test_every_mistake_of_a_map_comes_at_once() -> None:
    text = MAP.replace('version = "1.0.0"', 'version = "one"').replace(
        '"finance.shelf.shelf_id"', '"shelf"'
    )

    with pytest.raises(MapMistake) as refused:
        read_map(tomllib.loads(text), file="bins.toml")

    assert len(refused.value.refusals) == 2


# What an environment's file holds, and the code and words of the refusal.
UNFIT = [
    ("crates", "[columns]\n", "ERR-D67", "there is no map crates"),
    ("bins", 'version = "2.0.0"\n', "ERR-D67", "an override holds columns and lookups only"),
    ("bins", '[columns]\nsize = { form = "size" }\n', "ERR-D40", "unknown field `form`"),
    ("bins", "[columns\n", "ERR-D40", "bins.toml"),
]


@pytest.mark.parametrize(("name", "text", "code", "said"), UNFIT, ids=[row[3] for row in UNFIT])
def test_an_override_that_fits_no_map_is_refused(
    package: Path, tmp_path: Path, name: str, text: str, code: str, said: str
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / f"{name}.toml").write_text(text, encoding="utf-8")

    with pytest.raises(MapMistake, match=said) as refused:
        read_maps("planted_maps", overrides=tmp_path / "own")

    assert refused.value.codes == (code,)
    assert read_maps("planted_maps") is not None
    assert package.exists()


def test_an_override_replaces_a_column_whole_and_is_named(package: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "bins.toml").write_text(
        """
        [columns]
        size = { from = "big", values = { "a \\"b\\"" = "größe\\n" } }
        door = { of = "room" }
        """
        + LOOKUPS,
        encoding="utf-8",
    )

    (merged,) = read_maps("planted_maps", overrides=own)
    (shipped,) = read_maps("planted_maps")

    assert merged.map.overridden == ("door", "room", "size", "stand")
    assert merged.map.columns["size"].values == {'a "b"': "größe\n"}
    assert merged.map.columns["bin_id"] == shipped.map.columns["bin_id"]
    assert shipped.map.overridden == ()
    # What is recorded is the merged text, and reads as the same map again.
    assert read_map(tomllib.loads(merged.text), file="bins.toml") == merged.map
    assert package.exists()


def test_every_program_finds_the_same_order_of_maps() -> None:
    told = (
        "from twofold.dualwrite.table_maps.activate import read_maps\n"
        "print([one.map.id for one in read_maps('twofold.maps')])"
    )

    orders = {
        subprocess.run(
            [sys.executable, "-c", told],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(orders) == 1
