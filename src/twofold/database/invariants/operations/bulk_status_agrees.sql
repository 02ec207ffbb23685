-- A proforma whose bulk status is complete is confirmed, and no other bulk status is of one.
SELECT
    bulk.company,
    bulk.proforma_id,
    bulk.state,
    proforma.state AS proforma_state
FROM operations.bulk_confirmation AS bulk
JOIN operations.proforma ON proforma.company = bulk.company AND proforma.proforma_id = bulk.proforma_id
WHERE (bulk.state = 'complete') <> (proforma.state IN ('confirmed', 'paid'));
