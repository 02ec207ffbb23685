-- name: head
SELECT coalesce(max(chain_number), 0) AS chain_number
FROM dualwrite.chain_head
WHERE company = %(company)s::text AND source = %(source)s::text;

-- name: sent
-- What the sender knows of sets that the receiver may not have, as of one moment.
SELECT
    (
        SELECT coalesce(max(outbox.set_id), 0)
        FROM dualwrite.outbox
        WHERE outbox.company = %(company)s::text
    ) AS last_set_id,
    array(
        SELECT pending.set_id
        FROM dualwrite.pending
        WHERE pending.company = %(company)s::text
    ) AS pending,
    array(
        SELECT acknowledged.set_id
        FROM dualwrite.acknowledged
        WHERE
            acknowledged.company = %(company)s::text
            AND acknowledged.chain_number > %(chain_number)s::bigint
    ) AS acknowledged,
    array(
        SELECT dismissed.set_id
        FROM dualwrite.dismissed
        WHERE dismissed.company = %(company)s::text
    ) AS dismissed,
    array(
        SELECT gap.set_id
        FROM dualwrite.gap
        WHERE gap.company = %(company)s::text AND gap.map = %(map)s::text
    ) AS gaps,
    (
        SELECT count(*)
        FROM dualwrite.pending
        WHERE
            pending.company = %(company)s::text
            AND pending.since < clock_timestamp() - %(overdue_hours)s::integer * interval '1 hour'
    ) AS overdue;

-- name: received
SELECT set_id
FROM dualwrite.inbox
WHERE
    company = %(company)s::text
    AND source = %(source)s::text
    AND set_id = any(%(set_ids)s::bigint[]);

-- name: together_ranges
SELECT (
    %(first)s::text::int8multirange + %(second)s::text::int8multirange + %(third)s::text::int8multirange
)::text AS keys;

-- name: together_texts
SELECT (%(first)s::text::text[] || %(second)s::text::text[] || %(third)s::text::text[])::text AS keys;
