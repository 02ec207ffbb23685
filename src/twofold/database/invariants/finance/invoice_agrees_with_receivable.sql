-- Proposal, customer invoice, customer transaction and the receivable in the ledger say the same amount.
WITH receivable AS (
    SELECT
        company,
        voucher,
        sum(transaction_amount) AS amount,
        sum(accounting_amount) AS accounting_amount
    FROM finance.ledger_entry
    WHERE
        posting_type = 'customer_balance'
        -- Vouchers of payments and of their differences have an invariant of their own.
        AND NOT EXISTS (
            SELECT FROM finance.payment_voucher
            WHERE
                payment_voucher.company = ledger_entry.company
                AND payment_voucher.voucher = ledger_entry.voucher
        )
    GROUP BY company, voucher
)

SELECT
    customer_invoice.invoice_number,
    proposal.total_amount AS proposal_amount,
    customer_invoice.total_amount AS invoice_amount,
    customer_transaction.amount AS customer_amount,
    receivable.amount AS ledger_amount,
    customer_transaction.accounting_amount AS customer_accounting_amount,
    receivable.accounting_amount AS ledger_accounting_amount,
    coalesce(customer_invoice.company, customer_transaction.company, receivable.company) AS company,
    coalesce(customer_invoice.voucher, customer_transaction.voucher, receivable.voucher) AS voucher
FROM finance.customer_invoice
LEFT JOIN finance.proposal
    ON proposal.company = customer_invoice.company AND proposal.proposal_id = customer_invoice.proposal_id
FULL JOIN finance.customer_transaction
    ON
        customer_transaction.company = customer_invoice.company
        AND customer_transaction.voucher = customer_invoice.voucher
FULL JOIN receivable
    ON
        receivable.company = coalesce(customer_invoice.company, customer_transaction.company)
        AND receivable.voucher = coalesce(customer_invoice.voucher, customer_transaction.voucher)
WHERE
    proposal.total_amount IS DISTINCT FROM customer_invoice.total_amount
    OR proposal.net_amount IS DISTINCT FROM customer_invoice.net_amount
    OR customer_transaction.amount IS DISTINCT FROM customer_invoice.total_amount
    OR customer_transaction.invoice_number IS DISTINCT FROM customer_invoice.invoice_number
    -- An invoice over nothing needs no entry.
    OR coalesce(receivable.amount, 0) <> coalesce(customer_transaction.amount, 0)
    OR coalesce(receivable.accounting_amount, 0) <> coalesce(customer_transaction.accounting_amount, 0);
