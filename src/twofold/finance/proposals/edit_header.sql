-- name: change
UPDATE finance.proposal
SET
    invoice_date = coalesce(%(invoice_date)s::date, invoice_date),
    chosen_payment_terms = CASE
        WHEN NOT %(clears_terms)s::boolean THEN coalesce(%(payment_terms)s::text, chosen_payment_terms)
    END,
    due_date = coalesce(%(due_date)s::date, due_date),
    due_date_is_manual = %(due_date_is_manual)s::boolean
WHERE company = %(company)s::text AND proposal_id = %(proposal_id)s::bigint;

-- name: renew_due_date
-- One that was set by hand stays; without terms an invoice is due today (spec P32).
UPDATE finance.proposal
SET
    due_date = CASE
        WHEN terms.payment_terms IS NULL THEN %(today)s::date
        ELSE finance.due_date(
            coalesce(proposal.invoice_date, proposal.accounting_date),
            terms.method,
            terms.months,
            terms.days,
            terms.cutoff_day
        )
    END
FROM finance.proposal_terms AS terms
WHERE
    proposal.company = %(company)s::text
    AND proposal.proposal_id = %(proposal_id)s::bigint
    AND NOT proposal.due_date_is_manual
    AND terms.company = %(company)s::text
    AND terms.proposal_id = proposal.proposal_id;

-- name: judge
SELECT
    dated.invoice_date,
    proposal.due_date,
    proposal.due_date_is_manual,
    terms.payment_terms,
    exists(
        SELECT 1 FROM finance.fiscal_period
        WHERE
            fiscal_period.company = %(company)s::text
            AND fiscal_period.state = 'open'
            AND dated.invoice_date BETWEEN fiscal_period.period_start AND fiscal_period.period_end
    ) AS is_open
FROM finance.proposal
CROSS JOIN
    LATERAL (VALUES (coalesce(proposal.invoice_date, proposal.accounting_date))) AS dated (invoice_date)
JOIN finance.proposal_terms AS terms
    ON terms.company = %(company)s::text AND terms.proposal_id = proposal.proposal_id
WHERE proposal.company = %(company)s::text AND proposal.proposal_id = %(proposal_id)s::bigint;
