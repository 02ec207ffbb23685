"""The pieces of statements over rows as they stand: keys, buckets, hashes."""

from __future__ import annotations

from typing import Final

from twofold.database.compose import SQL, Composed, Identifier, Literal, trusted
from twofold.dualwrite.table_maps.pieces import Pieces, quoted_table

BUCKET_ROWS: Final = 1000
_HASH_BUCKETS: Final = 256
_WHOLE: Final = frozenset({"bigint", "integer", "smallint"})


class StandingPieces(Pieces):
    """The pieces of one map's statements over rows as they stand."""

    @property
    def fields(self) -> list[str]:
        """Name the columns that are compared: those whose shipped value the target tells."""
        return [one.column for one in self.carried if one.column in self.map.columns]

    @property
    def keys_of_row(self) -> list[str]:
        """Name the columns that tell rows of one company apart."""
        return [name for name in self.map.target.key if name != "company"] or ["company"]

    @property
    def is_ranged(self) -> bool:
        """Tell whether the lead is a whole number, so that keys are ranges."""
        return self.types[self.keys_of_row[0]].stage_type in _WHOLE

    def lead(self, alias: str) -> Composed:
        """Give the first column of the key that is not the company."""
        name = Identifier(alias, self.keys_of_row[0])
        return SQL("{}::bigint").format(name) if self.is_ranged else SQL("{}::text").format(name)

    def row_key(self, alias: str) -> Composed:
        """Give the key as text, whatever its columns are."""
        return SQL("jsonb_build_array({})::text").format(
            SQL(", ").join(
                SQL("{}::text").format(Identifier(alias, name)) for name in self.keys_of_row
            )
        )

    def period(self, alias: str) -> Composed:
        """Give the month a row belongs to, or nothing."""
        name = self.map.source.period
        if not name:
            return SQL("''").format()
        return SQL("coalesce(to_char({}, 'YYYY-MM'), '')").format(Identifier(alias, name))

    def bucket(self, alias: str) -> Composed:
        """Give the bucket of a row."""
        if self.is_ranged:
            return SQL("({} / {})").format(self.lead(alias), Literal(BUCKET_ROWS))
        return SQL("(hashtextextended({}, 0) & {})").format(
            self.lead(alias), Literal(_HASH_BUCKETS - 1)
        )

    def in_buckets(self, alias: str) -> Composed:
        """Ask for a range of buckets, in words that an index of the key understands."""
        if not self.is_ranged:
            return SQL("{} BETWEEN %(first)s::bigint AND %(last)s::bigint").format(
                self.bucket(alias)
            )
        # Whole numbers are cut off towards zero: the bucket of zero reaches to both sides.
        return SQL(
            "{lead} BETWEEN %(first)s::bigint * {size} - {size} + 1"
            " AND %(last)s::bigint * {size} + {size} - 1"
            "\n    AND {bucket} BETWEEN %(first)s::bigint AND %(last)s::bigint"
        ).format(lead=self.lead(alias), size=Literal(BUCKET_ROWS), bucket=self.bucket(alias))

    def left_out(self, alias: str) -> Composed:
        """Ask that the key is not among those left out."""
        if self.is_ranged:
            return SQL("NOT {} <@ %(left_out)s::text::int8multirange").format(self.lead(alias))
        return SQL("{} <> ALL(%(left_out)s::text::text[])").format(self.lead(alias))

    def content_hash(self, row: str) -> Composed:
        """Hash a row of ``standing`` columns by type, so that 1.0 and 1.00 are the same.

        Hashed once more: else values that swap rows would not change what all rows add up to.
        """
        values = SQL(", ").join(Identifier(row, name) for name in self.fields)
        return SQL("hashint8extended(hash_record_extended(ROW({}), 0), 0)").format(values)

    def standing_value(self, name: str, table: str) -> Composed:
        """Give the value that was shipped for a column of the target ``table`` (an alias)."""
        kind, part = self.types[name], self.part(name)
        shipped = Identifier(table, name)
        if part.gives:
            company = SQL("") if kind.lookup_is_shared else SQL("back.company = {}.company AND ")
            return SQL("(SELECT min(back.{}) FROM {} AS back WHERE {}back.{} = {})::{}").format(
                Identifier(self.column_of(name)),
                quoted_table(self.table_of(name)),
                company.format(Identifier(table)),
                Identifier(part.gives),
                shipped,
                SQL(trusted(kind.stage_type)),
            )
        return SQL("{}::{}").format(shipped, SQL(trusted(kind.stage_type)))
