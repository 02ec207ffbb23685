"""Views in the way of a test that alters a table."""

from __future__ import annotations


def without_views(table: str) -> str:
    """Give a statement that drops every view that reads the table, and what reads those."""
    return f"""
        DO $$
        DECLARE name text;
        BEGIN
            FOR name IN
                SELECT DISTINCT pg_rewrite.ev_class::regclass::text
                FROM pg_depend JOIN pg_rewrite ON pg_rewrite.oid = pg_depend.objid
                WHERE pg_depend.classid = 'pg_rewrite'::regclass
                    AND pg_depend.refobjid = '{table}'::regclass
            LOOP
                EXECUTE format('DROP VIEW IF EXISTS %s CASCADE', name);
            END LOOP;
        END $$
    """  # noqa: S608 - a table that a test names
