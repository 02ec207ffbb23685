-- name: deeds
WITH recorded AS (
    SELECT
        created_at AS at,
        'proforma_created' AS act,
        number AS record,
        created_by AS actor,
        '' AS detail
    FROM operations.proforma
    WHERE company = %(company)s::text
    UNION ALL
    SELECT
        changed_at,
        'proforma_changed',
        number,
        changed_by,
        ''
    FROM operations.proforma
    WHERE company = %(company)s::text AND changed_at IS NOT NULL
    UNION ALL
    SELECT
        confirmed_at,
        'proforma_confirmed',
        number,
        confirmed_by,
        ''
    FROM operations.proforma
    WHERE company = %(company)s::text AND confirmed_at IS NOT NULL
    UNION ALL
    SELECT
        deleted_at,
        'proforma_deleted',
        number,
        deleted_by,
        ''
    FROM operations.deleted_proforma
    WHERE company = %(company)s::text
    UNION ALL
    SELECT
        created_at,
        kind || '_opened',
        journal_id::text,
        created_by,
        description
    FROM operations.journal
    WHERE company = %(company)s::text
    UNION ALL
    SELECT
        closed_at,
        kind || '_' || state,
        journal_id::text,
        closed_by,
        description
    FROM operations.journal
    WHERE company = %(company)s::text AND closed_at IS NOT NULL
    UNION ALL
    SELECT
        happened.at,
        'contract_' || happened.state,
        contract.number,
        happened.actor,
        coalesce(closing.reason::text, '')
    FROM operations.contract_event AS happened
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = happened.contract_id
    LEFT JOIN operations.contract_closing AS closing
        ON
            closing.company = %(company)s::text
            AND closing.contract_id = happened.contract_id
            AND happened.state = 'closed'
    WHERE happened.company = %(company)s::text
    UNION ALL
    SELECT
        created_at,
        'set_' || kind,
        regexp_replace(stream, '^[a-z]+/', ''),
        actor,
        'set ' || set_id
    FROM dualwrite.outbox
    WHERE company = %(company)s::text
)

SELECT DISTINCT
    at,
    act,
    record,
    actor,
    detail
FROM recorded
WHERE
    (%(record)s::text IS NULL OR record = %(record)s::text OR detail = %(record)s::text)
    AND (%(actor)s::text IS NULL OR actor = %(actor)s::text)
    AND (
        %(before_at)s::timestamptz IS NULL
        OR at < %(before_at)s::timestamptz
        OR (at = %(before_at)s::timestamptz AND (act, record) > (%(before_act)s::text, %(before_record)s::text))
    )
ORDER BY at DESC, act ASC, record ASC, actor ASC, detail ASC
LIMIT %(rows_max)s::bigint;
