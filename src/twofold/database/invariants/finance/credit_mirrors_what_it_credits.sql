-- A credit line takes back what its original posted: amount, accounting amount, account, and tax if by the same groups.
SELECT
    credit.company,
    credit.actual_id,
    credit.credited_id,
    original.proposal_id AS credited_proposal_id,
    credit.amount,
    original.amount AS credited_amount,
    credit.tax_amount,
    original.tax_amount AS credited_tax_amount,
    posted.accounting_amount,
    credited.accounting_amount AS credited_accounting_amount
FROM finance.proposal_line AS credit
JOIN finance.proposal
    ON proposal.company = credit.company AND proposal.proposal_id = credit.proposal_id
LEFT JOIN finance.invoice_line AS posted
    ON posted.company = credit.company AND posted.actual_id = credit.actual_id
LEFT JOIN finance.proposal_line AS original
    ON original.company = credit.company AND original.actual_id = credit.credited_id
LEFT JOIN finance.invoice_line AS credited
    ON credited.company = credit.company AND credited.actual_id = credit.credited_id
LEFT JOIN finance.customer_invoice AS invoice
    ON invoice.company = credited.company AND invoice.proposal_id = credited.proposal_id
LEFT JOIN finance.staged_connection AS link
    ON
        link.company = credit.company
        AND link.transaction1_id = abs(credit.actual_id)
        AND link.transaction1_role = 'reversing'
        AND link.transaction2_id = abs(credit.credited_id)
WHERE
    credit.credited_id IS NOT NULL
    AND (
        link.transaction1_id IS NULL
        OR original.credited_id IS NOT NULL
        OR credit.amount IS DISTINCT FROM -original.amount
        OR credit.discount_amount IS DISTINCT FROM -original.discount_amount
        OR (invoice.customer_id, invoice.currency) IS DISTINCT FROM (proposal.customer_id, proposal.currency)
        OR (
            posted.actual_id IS NOT NULL
            AND (
                posted.accounting_amount, posted.exchange_rate, posted.revenue_type, posted.revenue_account,
                posted.discount_accounting_amount, posted.discount_account
            ) IS DISTINCT FROM (
                -credited.accounting_amount, credited.exchange_rate, credited.revenue_type, credited.revenue_account,
                -credited.discount_accounting_amount, credited.discount_account
            )
        )
        OR (
            (credit.tax_group, credit.item_tax_group) IS NOT DISTINCT FROM (original.tax_group, original.item_tax_group)
            AND (
                credit.tax_amount <> -original.tax_amount
                OR posted.sales_tax_amount <> -credited.sales_tax_amount
            )
        )
    );
