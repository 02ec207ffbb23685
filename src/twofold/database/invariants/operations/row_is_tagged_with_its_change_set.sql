-- Every actual and every confirmed proforma belongs to a change set that was sent, and lies within its keys.
SELECT
    fact.company,
    fact.record,
    fact.change_set_id,
    sent.kind
FROM (
    SELECT
        company,
        'actual/' || actual_id AS record,
        actual_id,
        change_set_id
    FROM operations.actual
    UNION ALL
    SELECT
        company,
        'proforma/' || number,
        first_actual_id,
        change_set_id
    FROM operations.proforma
    WHERE state IN ('confirmed', 'paid')
) AS fact
LEFT JOIN dualwrite.outbox AS sent
    ON sent.company = fact.company AND sent.set_id = fact.change_set_id
WHERE
    sent.set_id IS NULL
    OR sent.key_first IS NULL
    OR fact.actual_id NOT BETWEEN sent.key_first AND sent.key_last;
