-- name: create_edited_line
-- The lines chosen; code says why one cannot be changed. A sale has one set on both sides.
CREATE TEMPORARY TABLE edited_line (
    actual_id bigint PRIMARY KEY,
    is_sale boolean NOT NULL,
    from_id bigint NOT NULL,
    code text,
    field text
) ON COMMIT DROP;

-- name: fill_edited_line
-- Lines that were not named are left out where the change is not about them.
INSERT INTO pg_temp.edited_line (actual_id, is_sale, from_id, code, field)
SELECT
    judged.actual_id,
    judged.is_sale,
    judged.from_id,
    judged.code,
    CASE judged.code WHEN 'ERR-J12' THEN 'reverses' ELSE 'tax_group' END
FROM (
    SELECT
        line.actual_id,
        staged_actual.transaction_type <> 'cost' AS is_sale,
        coalesce(
            CASE
                WHEN %(of_offset)s::boolean AND staged_actual.transaction_type = 'cost'
                    THEN line.offset_dimension_set_id
                ELSE line.dimension_set_id
            END,
            0
        ) AS from_id,
        CASE
            WHEN
                EXISTS (
                    SELECT FROM finance.staged_connection
                    WHERE
                        staged_connection.company = %(company)s::text
                        AND staged_connection.transaction1_id = abs(line.actual_id)
                        AND staged_connection.transaction1_role = 'reversing'
                )
                THEN 'ERR-J12'
            WHEN %(is_of_tax)s::boolean AND staged_actual.transaction_type = 'cost' THEN 'ERR-J14'
        END AS code
    FROM finance.journal_line AS line
    JOIN finance.staged_actual
        ON staged_actual.company = %(company)s::text AND staged_actual.actual_id = abs(line.actual_id)
    WHERE
        line.company = %(company)s::text
        AND line.journal_id = %(journal_id)s::bigint
        AND (%(actual_ids)s::bigint[] IS NULL OR line.actual_id = any(%(actual_ids)s::bigint[]))
) AS judged
WHERE
    %(actual_ids)s::bigint[] IS NOT NULL
    OR (judged.code IS NULL AND (NOT %(of_offset)s::boolean OR NOT judged.is_sale));

-- name: read_refused
SELECT
    named.actual_id,
    coalesce(line.code, 'ERR-J10') AS code,
    coalesce(line.field, 'actual_id') AS field
FROM unnest(%(actual_ids)s::bigint[]) AS named (actual_id)
LEFT JOIN pg_temp.edited_line AS line ON line.actual_id = named.actual_id
WHERE line.actual_id IS NULL OR line.code IS NOT NULL
ORDER BY named.actual_id;

-- name: add_reversals
-- What takes a line back waits too: it follows. Connections are kept by their newer end; the older
-- end is looked for among all, which a person may wait for.
INSERT INTO pg_temp.edited_line (actual_id, is_sale, from_id)
SELECT
    reversal.actual_id,
    original.is_sale,
    original.from_id
FROM pg_temp.edited_line AS original
JOIN finance.staged_connection AS link
    ON
        link.company = %(company)s::text
        AND link.transaction2_id = abs(original.actual_id)
        AND link.transaction1_role = 'reversing'
JOIN finance.journal_line AS reversal
    ON
        reversal.company = %(company)s::text
        AND reversal.actual_id
        = CASE WHEN original.actual_id < 0 THEN -link.transaction1_id ELSE link.transaction1_id END;

-- name: name_sets
INSERT INTO pg_temp.changed_set (from_id)
SELECT DISTINCT from_id
FROM pg_temp.edited_line;

-- name: edit_lines
UPDATE finance.journal_line AS line
SET
    tax_group = CASE
        WHEN %(tax_group)s::text IS NULL THEN line.tax_group
        ELSE nullif(%(tax_group)s::text, '')
    END,
    item_tax_group = CASE
        WHEN %(item_tax_group)s::text IS NULL THEN line.item_tax_group
        ELSE nullif(%(item_tax_group)s::text, '')
    END,
    dimension_set_id = CASE
        WHEN %(of_offset)s::boolean AND NOT edited.is_sale THEN line.dimension_set_id
        ELSE changed.to_id
    END,
    offset_dimension_set_id = CASE
        WHEN edited.is_sale OR %(of_offset)s::boolean THEN changed.to_id
        ELSE line.offset_dimension_set_id
    END
FROM pg_temp.edited_line AS edited
JOIN pg_temp.changed_set AS changed ON changed.from_id = edited.from_id
WHERE line.company = %(company)s::text AND line.actual_id = edited.actual_id;

-- name: drop_edited_line
DROP TABLE pg_temp.edited_line;
