-- name: deeds
WITH recorded AS (
    SELECT
        happened.at,
        'proposal_' || happened.act AS act,
        proposal.number AS record,
        happened.actor,
        happened.note AS detail
    FROM finance.proposal_event AS happened
    JOIN finance.proposal
        ON proposal.company = %(company)s::text AND proposal.proposal_id = happened.proposal_id
    WHERE happened.company = %(company)s::text
    UNION ALL
    SELECT
        posted_at,
        'journal_posted',
        number,
        posted_by,
        description
    FROM finance.journal
    WHERE company = %(company)s::text AND posted_at IS NOT NULL
    UNION ALL
    SELECT
        invoice.posted_at,
        'invoice_posted',
        invoice.invoice_number,
        invoice.posted_by,
        proposal.number
    FROM finance.customer_invoice AS invoice
    JOIN finance.proposal
        ON proposal.company = %(company)s::text AND proposal.proposal_id = invoice.proposal_id
    WHERE invoice.company = %(company)s::text
    UNION ALL
    SELECT
        posted_at,
        'posted_' || replace(kind, ' ', '_'),
        document,
        posted_by,
        ''
    FROM finance.posting
    WHERE company = %(company)s::text AND kind NOT IN ('invoices', 'journal', 'adjustment')
    UNION ALL
    SELECT
        adjusted_at,
        'accounting_adjusted',
        voucher,
        adjusted_by,
        reason
    FROM finance.accounting_adjustment
    WHERE company = %(company)s::text
    UNION ALL
    SELECT
        at,
        'period_' || state,
        period_start::text,
        actor,
        reason
    FROM finance.period_event
    WHERE company = %(company)s::text
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
