"""Statements that read the rows of a map as they stand, in either book."""

from __future__ import annotations

from twofold.database.compose import SQL, Composable, Composed, Identifier, Literal, trusted
from twofold.dualwrite.table_maps.pieces import (
    COMMA,
    NOTHING,
    origin,
    quoted_table,
    unknown_codes,
)
from twofold.dualwrite.table_maps.standing_pieces import StandingPieces


class StandingReads(StandingPieces):
    """Reading the rows of one map as they stand."""

    def source_rows(
        self,
        *,
        also: Composable = NOTHING,
        found: Composable = NOTHING,
        where: Composable = NOTHING,
    ) -> Composed:
        """Give the rows of the source within the filter, each with the set it belongs to.

        ``also`` are more columns, over ``found``, which is joined, and ``where`` asks for more.
        """
        source = self.map.source
        columns = COMMA.join(
            SQL("({})::{} AS {}").format(
                self._origin(one.column), SQL(trusted(one.stage_type)), Identifier(one.column)
            )
            for one in self.carried
        )
        kept = [SQL("s.company = %(company)s::text"), *([k] if (k := self.kept()) else [])]
        kinds = Literal(list(self.map.travels_in))
        if source.set_column:
            tag = SQL("s.{}").format(Identifier(source.set_column))
            of_set = SQL(
                "LEFT JOIN dualwrite.outbox AS change_set\n"
                "    ON change_set.company = s.company AND change_set.set_id = {}"
            ).format(tag)
            kept += [
                SQL("{} IS NOT NULL").format(tag),
                SQL("(change_set.kind IS NULL OR change_set.kind = ANY({}))").format(kinds),
            ]
        else:
            # Every set carries every row: the last one that is neither on its way nor given up.
            tag = SQL("change_set.set_id")
            of_set = SQL(
                "CROSS JOIN (\n    SELECT coalesce(max(outbox.set_id), 0) AS set_id,"
                " coalesce(max(outbox.version), 0) AS version\n"
                "    FROM dualwrite.outbox\n"
                "    WHERE outbox.company = %(company)s::text AND outbox.kind = ANY({})\n"
                "        AND outbox.set_id <> ALL(%(unsettled)s::bigint[])\n) AS change_set"
            ).format(kinds)
        return SQL("SELECT\n    {} AS set_id,\n    {}{}\nFROM {} AS s\n{}{}\nWHERE {}{}").format(
            tag, columns, also, quoted_table(source.table), found, of_set,
            SQL("\n    AND ").join(kept), where,
        )  # fmt: skip

    def _origin(self, name: str) -> Composable:
        column = self.part(name)
        from_set = name in self.map.columns and self.map.columns[name].from_set
        if from_set == "set_id" and self.map.source.set_column:
            return SQL("s.{}").format(Identifier(self.map.source.set_column))
        # A row that no known set changed is older than any set.
        return SQL("coalesce({}, 0)").format(origin(column)) if from_set else origin(column)

    def target_rows(self) -> Composed:
        """Give the rows of the target, as they were shipped."""
        columns = COMMA.join(
            SQL("{} AS {}").format(self.standing_value(name, "t"), Identifier(name))
            for name in self.fields
        )
        return SQL("SELECT\n    {}\nFROM {} AS t\nWHERE t.company = %(company)s::text").format(
            columns, quoted_table(self.map.target.table)
        )

    def standing(self, rows: Composable, selected: Composable) -> Composed:
        """Select from the rows of one company whose key is not left out."""
        return SQL("SELECT\n    {}\nFROM (\n{}\n) AS r\nWHERE {}").format(
            selected, rows, self.left_out("r")
        )

    def companies(self, table: str) -> Composed:
        """Hop from company to company along the key, whatever the number of rows."""
        return SQL(
            "WITH RECURSIVE known AS (\n    SELECT min(company) AS company FROM {table}\n"
            "    UNION ALL\n"
            "    SELECT (SELECT min(company) FROM {table} WHERE company > known.company)\n"
            "    FROM known\n    WHERE known.company IS NOT NULL\n)\n\n"
            "SELECT company\nFROM known\nWHERE company IS NOT NULL\nORDER BY company"
        ).format(table=quoted_table(table))

    def checksums(self, rows: Composable) -> Composed:
        """Give rows and hash per period and bucket."""
        month = self.map.source.period
        group = (
            SQL("date_trunc('month', {})").format(Identifier("r", month)) if month else SQL("''")
        )
        selected = SQL("{} AS month,\n    {} AS bucket,\n    {} AS content_hash").format(
            group, self.bucket("r"), self.content_hash("r")
        )
        shown = SQL("coalesce(to_char(part.month, 'YYYY-MM'), '')") if month else SQL("''::text")
        return SQL(
            "SELECT\n    {} AS period,\n    part.bucket,\n    count(*) AS row_count,\n"
            "    bit_xor(part.content_hash) AS content_hash\nFROM (\n{}\n) AS part\n"
            "GROUP BY part.month, part.bucket"
        ).format(shown, self.standing(rows, selected))

    def hashes(self, rows: Composable) -> Composed:
        """Give key and hash of the rows of a range of buckets."""
        selected = SQL(
            "{} AS row_key,\n    {}::text AS lead,\n    {} AS period,\n    {} AS content_hash"
        ).format(self.row_key("r"), self.lead("r"), self.period("r"), self.content_hash("r"))
        return SQL("{}\n    AND {}").format(self.standing(rows, selected), self.in_buckets("r"))

    def values(self, rows: Composable) -> Composed:
        """Give the rows of some keys, value by value."""
        fields = SQL(", ").join(
            SQL("{}::text").format(Identifier("r", name)) for name in self.fields
        )
        selected = SQL(
            "{} AS row_key,\n    {} AS content_hash,\n    ARRAY[{}]::text[] AS fields"
        ).format(self.row_key("r"), self.content_hash("r"), fields)
        return self.of_keys(rows, selected)

    def rows_of(self, rows: Composable) -> Composed:
        """Give the rows of some keys, as they travel."""
        return self.of_keys(rows, SQL("*"))

    def of_keys(self, rows: Composable, selected: Composable) -> Composed:
        """Select the rows of some keys."""
        kind = SQL("bigint" if self.is_ranged else "text")
        return SQL(
            "{}\n    AND {} = ANY(%(leads)s::text[]::{}[])\n    AND {} = ANY(%(row_keys)s::text[])"
        ).format(self.standing(rows, selected), self.lead("r"), kind, self.row_key("r"))

    def within(self) -> Composed:
        """Ask for rows between two leads, or of some sets; null asks for no condition."""
        kind = SQL("bigint" if self.is_ranged else "text")
        return SQL(
            "    AND (%(after)s::text IS NULL OR {lead} > %(after)s::text::{kind})\n"
            "    AND (%(upto)s::text IS NULL OR {lead} <= %(upto)s::text::{kind})\n"
            "    AND (%(only_sets)s::bigint[] IS NULL OR r.set_id = ANY(%(only_sets)s::bigint[]))"
        ).format(lead=self.lead("r"), kind=kind)

    def between(self, rows: Composable) -> Composed:
        """Give the rows between two leads, as they travel."""
        return SQL("{}\n{}").format(self.standing(rows, SQL("*")), self.within())

    def row_keys(self, rows: Composable) -> Composed:
        """Give the key of each row between two leads, in order."""
        selected = SQL("{} AS row_key,\n    {}::text AS lead").format(
            self.row_key("r"), self.lead("r")
        )
        return SQL("{}\n{}\nORDER BY {}, row_key").format(
            self.standing(rows, selected), self.within(), self.lead("r")
        )

    def untranslated(self, *, of_keys: bool) -> Composed | None:
        """Give each row between two leads, or of some keys, with a code that no one translates."""
        codes = {
            name: SQL("CASE WHEN {} THEN s.{}::text END").format(
                SQL(" OR ").join(unknown_codes(column)), Identifier(column.source)
            )
            for name, column in self.map.columns.items()
            if column.values or column.never
        }
        if not codes:
            return None
        given = SQL(", ").join(
            SQL("({}, {})").format(Literal(name), code) for name, code in codes.items()
        )
        found = SQL("CROSS JOIN LATERAL (\n    VALUES {}\n) AS code (field, value)\n").format(given)
        rows = self.source_rows(
            also=SQL(",\n    code.field AS unknown_field,\n    code.value AS unknown_code"),
            found=found,
            where=SQL("\n    AND code.value IS NOT NULL"),
        )
        selected = SQL(
            "{} AS row_key,\n    {}::text AS lead,\n    r.unknown_field AS field,\n"
            "    r.unknown_code AS value"
        ).format(self.row_key("r"), self.lead("r"))
        if of_keys:
            return self.of_keys(rows, selected)
        return SQL("{}\n{}").format(self.standing(rows, selected), self.within())

    def bounds(self, rows: Composable) -> Composed:
        """Give the last lead of each chunk, with the number of rows so far."""
        selected = SQL("{lead} AS lead,\n    row_number() OVER (ORDER BY {lead}) AS place").format(
            lead=self.lead("r")
        )
        return SQL(
            "SELECT\n    max(numbered.lead)::text AS upto,\n    max(numbered.place) AS row_count\n"
            "FROM (\n{}\n{}\n) AS numbered\n"
            "GROUP BY (numbered.place - 1) / %(size)s::bigint\nORDER BY row_count"
        ).format(self.standing(rows, selected), self.within())

    def keys(self, rows: Composable) -> Composed:
        """Give the keys of rows as ``left_out`` takes them, and how many rows they are."""
        merged = (
            SQL("range_agg(int8range({lead}, {lead}, '[]'))") if self.is_ranged
            else SQL("array_agg(DISTINCT {lead})")
        ).format(lead=self.lead("r"))  # fmt: skip
        return SQL(
            "SELECT\n    coalesce({}::text, '{{}}') AS keys,\n    count(*) AS row_count\n"
            "FROM (\n{}\n) AS r"
        ).format(merged, rows)

    def by_set(self, rows: Composable) -> Composed:
        """Give the keys of rows that some sets were the last to change."""
        if self.map.source.set_column:
            belongs = SQL("WHERE r.set_id = ANY(%(set_ids)s::bigint[])")
        else:
            belongs = SQL(
                "WHERE r.set_id < (SELECT max(one) FROM unnest(%(set_ids)s::bigint[]) AS one)"
            )
        return SQL("{}\n{}").format(self.keys(rows), belongs)

    def excluded(self) -> Composed | None:
        """Count the rows that the filter keeps at home."""
        kept = self.kept()
        return kept and SQL(
            "SELECT count(*) AS row_count\nFROM {} AS s\n"
            "WHERE s.company = %(company)s::text AND {} IS NOT TRUE"
        ).format(quoted_table(self.map.source.table), kept)
