-- What was done to a proforma was done to one that is there, or was deleted, by whom the proforma says it was.
SELECT
    deed.company,
    deed.deed_id,
    deed.act,
    deed.number,
    deed.actor,
    proforma.state,
    proforma.confirmed_by
FROM history.deed
LEFT JOIN operations.proforma
    ON proforma.company = deed.company AND proforma.number = deed.number
LEFT JOIN operations.deleted_proforma AS deleted
    ON deleted.company = deed.company AND deleted.number = deed.number
WHERE
    deed.act IN ('proforma_created', 'proforma_revised', 'proforma_confirmed', 'proforma_deleted')
    AND (
        (proforma.number IS NULL AND deleted.number IS NULL)
        OR (deed.act = 'proforma_deleted' AND deleted.deleted_by IS DISTINCT FROM deed.actor)
        OR (deed.act = 'proforma_confirmed' AND proforma.confirmed_by IS DISTINCT FROM deed.actor)
    );
