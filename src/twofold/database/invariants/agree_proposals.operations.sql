-- Every confirmed proforma of an acknowledged set is one proposal with the same number, and the
-- billed sales that arrived for it come to its amount; there is no other proposal.
SELECT
    proforma.company,
    proforma.proforma_id,
    proforma.number,
    proforma.contract_id,
    proforma.customer_id,
    proforma.currency,
    proforma.accounting_date,
    proforma.first_actual_id,
    proforma.last_actual_id,
    proforma.billable_count,
    proforma.billable_hash,
    proforma.billable_count AS billed_count,
    proforma.detail_amount AS billed_amount
FROM operations.proforma
JOIN dualwrite.acknowledged
    ON acknowledged.company = proforma.company AND acknowledged.set_id = proforma.change_set_id
WHERE proforma.state IN ('confirmed', 'paid');
