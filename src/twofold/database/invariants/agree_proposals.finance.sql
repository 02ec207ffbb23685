-- The proposals, with the chargeable billed sales staged for each.
WITH billed AS (
    SELECT
        company,
        proforma_id,
        count(*) AS row_count,
        sum(amount - discount_amount + fee_amount) AS amount
    FROM finance.staged_actual
    WHERE transaction_type = 'billed_sales' AND billing_type = 'chargeable'
    GROUP BY company, proforma_id
)

SELECT
    proposal.company,
    proposal.proposal_id,
    proposal.number,
    proposal.contract_id,
    proposal.customer_id,
    proposal.currency,
    proposal.accounting_date,
    proposal.first_actual_id,
    proposal.last_actual_id,
    proposal.billable_count,
    proposal.billable_hash,
    coalesce(billed.row_count, 0) AS billed_count,
    coalesce(billed.amount, 0)::numeric(19, 4) AS billed_amount
FROM finance.proposal
LEFT JOIN billed ON billed.company = proposal.company AND billed.proforma_id = proposal.proposal_id;
