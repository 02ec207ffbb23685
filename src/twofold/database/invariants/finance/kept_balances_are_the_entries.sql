-- The kept balance of an account on a day is the sum of its entries of that day, in both currencies of the company.
WITH folded AS (
    SELECT
        company,
        account,
        accounting_date,
        posting_type = 'year_end_closing' AS is_closing,
        count(*) AS entry_count,
        coalesce(sum(accounting_amount) FILTER (WHERE accounting_amount > 0), 0) AS debit_amount,
        coalesce(-sum(accounting_amount) FILTER (WHERE accounting_amount < 0), 0) AS credit_amount,
        coalesce(sum(reporting_amount) FILTER (WHERE reporting_amount > 0), 0) AS reporting_debit_amount,
        coalesce(-sum(reporting_amount) FILTER (WHERE reporting_amount < 0), 0) AS reporting_credit_amount
    FROM finance.ledger_entry
    GROUP BY company, account, accounting_date, posting_type = 'year_end_closing'
)

SELECT
    folded.debit_amount AS entries_debit,
    kept.debit_amount AS kept_debit,
    folded.credit_amount AS entries_credit,
    kept.credit_amount AS kept_credit,
    folded.entry_count AS entries,
    kept.entry_count AS kept_entries,
    coalesce(folded.company, kept.company) AS company,
    coalesce(folded.account, kept.account) AS account,
    coalesce(folded.accounting_date, kept.accounting_date) AS accounting_date
FROM folded
FULL JOIN finance.account_balance AS kept
    ON
        kept.company = folded.company
        AND kept.account = folded.account
        AND kept.accounting_date = folded.accounting_date
        AND kept.is_closing = folded.is_closing
WHERE
    (
        folded.entry_count,
        folded.debit_amount,
        folded.credit_amount,
        folded.reporting_debit_amount,
        folded.reporting_credit_amount
    ) IS DISTINCT FROM (
        kept.entry_count,
        kept.debit_amount,
        kept.credit_amount,
        kept.reporting_debit_amount,
        kept.reporting_credit_amount
    );
