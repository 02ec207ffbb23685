-- name: find_records
-- What a number given by a person means in this book, by paths that have an index. A contract and a
-- customer bring their newest proformas with them.
WITH contract_found AS (
    SELECT
        contract.contract_id,
        contract.number,
        contract.name,
        contract.state::text AS state
    FROM operations.contract
    WHERE contract.company = %(company)s::text AND contract.number = any(%(numbers)s::text[])
),

customer_found AS (
    SELECT
        customer.customer_id,
        customer.account,
        customer.name
    FROM operations.customer
    WHERE customer.company = %(company)s::text AND customer.account = any(%(numbers)s::text[])
),

contract_followed AS (
    SELECT contract_id
    FROM contract_found
    UNION
    SELECT contract.contract_id
    FROM customer_found
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.customer_id = customer_found.customer_id
),

proforma_found AS (
    SELECT
        0 AS place,
        proforma.proforma_id
    FROM operations.proforma
    WHERE proforma.company = %(company)s::text AND proforma.number = any(%(numbers)s::text[])
    UNION
    SELECT
        0,
        invoice.proforma_id
    FROM operations.customer_invoice AS invoice
    WHERE invoice.company = %(company)s::text AND invoice.invoice_number = any(%(numbers)s::text[])
    UNION
    SELECT
        1,
        newest.proforma_id
    FROM (
        SELECT proforma.proforma_id
        FROM contract_followed
        JOIN operations.proforma
            ON
                proforma.company = %(company)s::text
                AND proforma.contract_id = contract_followed.contract_id
        ORDER BY proforma.proforma_id DESC
        LIMIT %(rows_max)s::integer
    ) AS newest
),

found AS (
    SELECT
        proforma_found.place,
        'proforma' AS kind,
        proforma.number,
        customer.name,
        status.state::text AS state,
        proforma.currency,
        proforma.total_amount AS amount,
        proforma.number AS follow,
        proforma.proforma_id AS key
    FROM proforma_found
    JOIN operations.proforma
        ON proforma.company = %(company)s::text AND proforma.proforma_id = proforma_found.proforma_id
    JOIN operations.proforma_status AS status
        ON status.company = %(company)s::text AND status.proforma_id = proforma.proforma_id
    JOIN operations.customer
        ON customer.company = %(company)s::text AND customer.customer_id = proforma.customer_id
    UNION ALL
    SELECT
        0,
        'deleted_proforma',
        deleted.number,
        deleted.deleted_by,
        'deleted',
        contract.currency,
        deleted.detail_amount,
        '',
        deleted.proforma_id
    FROM operations.deleted_proforma AS deleted
    JOIN operations.contract
        ON contract.company = %(company)s::text AND contract.contract_id = deleted.contract_id
    WHERE deleted.company = %(company)s::text AND deleted.number = any(%(numbers)s::text[])
    UNION ALL
    SELECT
        0,
        'contract',
        number,
        name,
        state,
        '',
        NULL,
        '',
        contract_id
    FROM contract_found
    UNION ALL
    SELECT
        0,
        'customer',
        account,
        name,
        '',
        '',
        NULL,
        '',
        customer_id
    FROM customer_found
    UNION ALL
    SELECT
        0,
        'actual',
        'actual/' || actual.actual_id,
        coalesce(actual.description, ''),
        actual.transaction_type::text,
        actual.currency,
        actual.amount,
        'actual/' || actual.actual_id,
        actual.actual_id
    FROM operations.actual
    WHERE actual.company = %(company)s::text AND actual.actual_id = %(key)s::bigint
    UNION ALL
    -- An entry is followed by its first sale, or by its cost where it has none.
    SELECT
        0,
        'entry',
        'entry/' || entry.entry_id,
        coalesce(entry.description, ''),
        entry.state::text,
        coalesce(sale.currency, ''),
        sale.amount,
        coalesce('actual/' || coalesce(sale.actual_id, entry.first_actual_id), ''),
        entry.entry_id
    FROM operations.entry
    LEFT JOIN operations.actual AS sale
        ON
            sale.company = %(company)s::text
            AND sale.actual_id = (
                SELECT min(own.actual_id)
                FROM operations.actual AS own
                WHERE
                    own.company = %(company)s::text
                    AND own.actual_id BETWEEN entry.first_actual_id AND entry.last_actual_id
                    AND own.transaction_type = 'unbilled_sales'
            )
    WHERE entry.company = %(company)s::text AND entry.entry_id = %(key)s::bigint
)

SELECT
    kind,
    number,
    name,
    state,
    currency,
    amount,
    follow
FROM found
ORDER BY place ASC, kind ASC, key DESC;
