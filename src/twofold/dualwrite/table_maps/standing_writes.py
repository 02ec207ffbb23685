"""Statements that write staged rows without a set: judged row by row, guarded by version."""

from __future__ import annotations

from twofold.database.compose import SQL, Composed, Identifier, Literal, trusted
from twofold.dualwrite.table_maps.pieces import COMMA, NOTHING, UNION, quoted_table
from twofold.dualwrite.table_maps.standing_pieces import StandingPieces


class StandingWrites(StandingPieces):
    """Writing the rows of one map as they stand."""

    def bad(self) -> Composed | None:
        """Give each staged row, and each value of it, that the target does not know."""
        parts = [self._bad(name) for name in self.looked_up]
        return UNION.join(parts) if parts else None

    def _bad(self, name: str) -> Composed:
        of = self.part(name).of
        sought = self.sought(name, "stage")
        along = NOTHING
        if self.comes_along(name):
            along = SQL(
                "\n    AND NOT EXISTS (\n        SELECT FROM {} AS own\n"
                "        WHERE own.company = stage.company AND own.{} = {}\n    )"
            ).format(self.stage_table, Identifier(self.column_of(name)), sought)
        return SQL(
            "SELECT\n    {key} AS row_key,\n    {lead}::text AS lead,\n"
            "    {literal}::text AS field,\n    {sought}::text AS value\n"
            "FROM {stage} AS stage{joins}\nWHERE {sought} IS NOT NULL\n"
            "    AND NOT EXISTS (SELECT FROM {table} AS t WHERE {found}){along}"
        ).format(
            key=self.row_key("stage"),
            lead=self.lead("stage"),
            literal=Literal(name),
            sought=sought,
            stage=self.stage_table,
            joins=self.joins([of] if of else []),
            table=quoted_table(self.table_of(name)),
            found=self.is_found(name, "t"),
            along=along,
        )

    def drop(self) -> Composed:
        """Take rows out of the stage."""
        return SQL("DELETE FROM {} AS stage WHERE {} = ANY(%(row_keys)s::text[])").format(
            self.stage_table, self.row_key("stage")
        )

    def _same_key(self) -> Composed:
        return SQL("\n    AND ").join(
            SQL("{} = {}").format(
                Identifier("t", name)
                if (kind := self.types[name]).type == kind.stage_type
                else SQL("{}::{}").format(Identifier("t", name), SQL(trusted(kind.stage_type))),
                Identifier("stage", name),
            )
            for name in self.map.target.key
        )

    def _is_same(self) -> Composed:
        return SQL("(ROW({}) IS NOT DISTINCT FROM ROW({}))").format(
            SQL(", ").join(map(self.target_value, self.first)),
            SQL(", ").join(Identifier("t", name) for name in self.first),
        )

    def _versions(self, sign: str, stage: str, target: str) -> Composed:
        """Compare the versions of a row; facts are of one version for ever."""
        names = [name for name, one in self.map.columns.items() if one.from_set == "version"]
        if self.map.rows == "facts" or not names:
            return SQL("true" if "=" in sign else "false").format()
        return SQL(" AND ").join(
            SQL("{} {} {}").format(
                Identifier(target, name), SQL(trusted(sign)), Identifier(stage, name)
            )
            for name in names
        )

    def compared(self) -> Composed:
        """Count what staged rows are to those of the target.

        OFFSET 0 keeps it at one look into the index of the key per row, however much the table
        has grown since the plan was made.
        """
        key = Identifier("t", self.map.target.key[0])
        return SQL(
            "SELECT\n    count(*) FILTER (WHERE {key} IS NULL) AS absent,\n"
            "    count(*) FILTER (WHERE {key} IS NOT NULL AND {same}) AS same,\n"
            "    count(*) FILTER (WHERE {key} IS NOT NULL AND NOT {same} AND {older}) AS older,\n"
            "    count(*) FILTER (WHERE {key} IS NOT NULL AND NOT {same} AND {equal}) AS equal,\n"
            "    count(*) FILTER (WHERE {key} IS NOT NULL AND NOT {same} AND {newer}) AS newer\n"
            "FROM {stage} AS stage{lookups}\nLEFT JOIN LATERAL (\n"
            "    SELECT *\n    FROM {table} AS t\n    WHERE {joined}\n    OFFSET 0\n) AS t ON true"
        ).format(
            key=key, same=self._is_same(), older=self._versions("<", "stage", "t"),
            equal=self._versions("=", "stage", "t"), newer=self._versions(">", "stage", "t"),
            stage=self.stage_table, table=quoted_table(self.map.target.table),
            lookups=self.joins(self.first), joined=self._same_key(),
        )  # fmt: skip

    def differing(self) -> Composed:
        """Record what differs though the version is the same: fields of facts, and of state."""
        fields = SQL(",\n        ").join(
            SQL("({}, ({})::text, ({})::text)").format(
                Literal(name), self.target_value(name), Identifier("t", name)
            )
            for name in self.first
        )
        return SQL(
            "INSERT INTO dualwrite.difference (\n    run, company, map, row_key, field, kind,"
            " source_value, target_value\n)\n"
            "SELECT\n    %(run)s::text,\n    stage.company,\n    {map},\n    {key},\n"
            "    field.name,\n    'differs',\n    field.here,\n    field.there\n"
            "FROM {stage} AS stage{lookups}\nJOIN LATERAL (\n"
            "    SELECT *\n    FROM {table} AS t\n    WHERE {joined}\n    OFFSET 0\n"
            ") AS t ON true\nCROSS JOIN LATERAL (\n    VALUES\n        {fields}\n"
            ") AS field (name, here, there)\n"
            "WHERE {equal} AND field.here IS DISTINCT FROM field.there\n"
            "ON CONFLICT DO NOTHING"
        ).format(
            map=Literal(self.map.id), key=self.row_key("stage"), stage=self.stage_table,
            table=quoted_table(self.map.target.table), lookups=self.joins(self.first),
            joined=self._same_key(), fields=fields,
            equal=self._versions("=", "stage", "t"),
        )  # fmt: skip

    def write(self, *, over: str) -> Composed:
        """Write the stage to the target; facts only ever where the key is free."""
        key = self.map.target.key
        insert = SQL(
            "INSERT INTO {} AS target (\n    {}\n)\nSELECT\n    {}\nFROM {} AS stage{}\n"
            "ON CONFLICT ({}) DO "
        ).format(
            quoted_table(self.map.target.table),
            COMMA.join(map(Identifier, self.first)),
            COMMA.join(map(self.target_value, self.first)),
            self.stage_table,
            self.joins(self.first),
            SQL(", ").join(map(Identifier, key)),
        )
        if self.map.rows == "facts":
            return insert + SQL("NOTHING")
        changed = COMMA.join(
            SQL("{} = excluded.{}").format(Identifier(name), Identifier(name))
            for name in self.first
            if name not in key
        )
        where = {
            "older": self._versions("<", "excluded", "target"),
            "equal": self._versions("<=", "excluded", "target"),
            # Only what is still as it was seen: whatever came since is newer than this.
            "seen": SQL("{} = ANY(%(seen)s::bigint[])").format(self._hash_of_target()),
        }[over]
        return insert + SQL("UPDATE SET\n    {}\nWHERE {}").format(changed, where)

    def clear(self) -> Composed:
        """Empty the stage."""
        return SQL("DELETE FROM {}").format(self.stage_table)

    def settled(self, *, over: str) -> Composed | None:
        """Take staged rows out that ``write`` leaves alone: they must not be patched either."""
        if not self.second:
            return None
        sign = {"older": "<", "equal": "<="}[over]
        written = (
            SQL("false").format()
            if self.map.rows == "facts"
            else self._versions(sign, "t", "stage")
        )
        return SQL("DELETE FROM {} AS stage\nUSING {} AS t\nWHERE {}\n    AND NOT ({})").format(
            self.stage_table, quoted_table(self.map.target.table), self._same_key(), written
        )

    def repair(self) -> Composed:
        """Write the stage over what is still as it was seen; give the keys that were written."""
        written = self.row_key("target")
        return SQL("{}\nRETURNING\n    {} AS row_key,\n    {}::text AS lead").format(
            self.write(over="seen"), written, self.lead("target")
        )

    def _hash_of_target(self) -> Composed:
        values = SQL(", ").join(self.standing_value(name, "target") for name in self.fields)
        return SQL("hashint8extended(hash_record_extended(ROW({}), 0), 0)").format(values)
