-- Every posting is a link of its chain: its entries are the ones it was hashed over, and no link is missing.
WITH content AS (
    SELECT
        company,
        posting_id,
        count(*) AS entry_count,
        min(voucher COLLATE "C") AS first_voucher,
        max(voucher COLLATE "C") AS last_voucher,
        encode(
            sha256(
                string_agg(
                    sha256(
                        convert_to(
                            length(voucher) || ':' || voucher || entry_number
                            || ';' || accounting_date - '1970-01-01'::date
                            || ';' || length(account) || ':' || account || posting_type
                            || ';' || coalesce(project_id::text, '-')
                            || ';' || coalesce(dimension_set_id::text, '-')
                            || ';' || length(currency) || ':' || currency || transaction_amount
                            || ';' || accounting_amount || ';' || reporting_amount,
                            'UTF8'
                        )
                    ),
                    ''::bytea
                    ORDER BY voucher COLLATE "C", entry_number
                )
            ),
            'hex'
        ) AS content_hash
    FROM finance.ledger_entry
    GROUP BY company, posting_id
),

link AS (
    SELECT
        posting.*,
        lag(chain_number, 1, 0::bigint) OVER earlier AS number_before,
        lag(hash, 1, '') OVER earlier AS hash_before,
        encode(
            sha256(
                convert_to(
                    previous_hash || ';' || length(company) || ':' || company || chain_number
                    || ';' || length(kind) || ':' || kind || length(document) || ':' || document
                    || entry_count || ';' || content_hash
                    || ';' || length(posted_by) || ':' || posted_by
                    || (extract(EPOCH FROM posted_at) * 1000000)::bigint,
                    'UTF8'
                )
            ),
            'hex'
        ) AS hash_again
    FROM finance.posting
    WINDOW earlier AS (PARTITION BY company ORDER BY chain_number)
),

judged AS (
    SELECT
        link.chain_number,
        link.kind,
        link.document,
        coalesce(link.company, content.company) AS company,
        coalesce(link.first_voucher, content.first_voucher) AS first_voucher,
        coalesce(link.last_voucher, content.last_voucher) AS last_voucher,
        CASE
            WHEN link.posting_id IS NULL THEN 'entries that no link holds'
            WHEN link.chain_number <> link.number_before + 1 THEN 'a link before it is missing'
            WHEN link.previous_hash <> link.hash_before THEN 'the link before it is another'
            WHEN link.hash <> link.hash_again THEN 'the link was changed'
            WHEN content.posting_id IS NULL THEN 'its entries are gone'
            WHEN content.entry_count <> link.entry_count THEN 'entries were added or removed'
            WHEN content.content_hash <> link.content_hash THEN 'entries were changed'
        END AS problem
    FROM link
    FULL JOIN content
        ON content.company = link.company AND content.posting_id = link.posting_id
),

last_link AS (
    SELECT DISTINCT ON (company)
        company,
        chain_number,
        hash,
        kind,
        document,
        first_voucher,
        last_voucher
    FROM finance.posting
    ORDER BY company ASC, chain_number DESC
)

SELECT
    company,
    chain_number,
    kind,
    document,
    first_voucher,
    last_voucher,
    problem
FROM judged
WHERE problem IS NOT NULL
UNION ALL
SELECT
    coalesce(head.company, last_link.company),
    coalesce(last_link.chain_number, 0) + 1,
    last_link.kind,
    last_link.document,
    last_link.first_voucher,
    last_link.last_voucher,
    'the chain does not end where it ended'
FROM finance.posting_head AS head
FULL JOIN last_link ON last_link.company = head.company
WHERE
    head.chain_number IS DISTINCT FROM coalesce(last_link.chain_number, 0)
    OR head.hash IS DISTINCT FROM coalesce(last_link.hash, '');
