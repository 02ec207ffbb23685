-- Proforma numbers of a company run from 1 to the last one given; one that is missing belongs to a deleted draft.
WITH given AS (
    SELECT
        company,
        count(*) AS number_count,
        max(substring(number FROM '[0-9]+$')::bigint) AS highest
    FROM (
        SELECT
            company,
            number
        FROM operations.proforma
        UNION ALL
        SELECT
            company,
            number
        FROM operations.deleted_proforma
    ) AS numbered
    GROUP BY company
)

SELECT
    given.number_count,
    given.highest,
    counter.last_number,
    coalesce(given.company, counter.company) AS company,
    'proforma_number/' || coalesce(given.company, counter.company) AS record
FROM given
FULL JOIN operations.proforma_number AS counter ON counter.company = given.company
WHERE
    coalesce(given.number_count, 0) <> coalesce(counter.last_number, 0)
    OR coalesce(given.highest, 0) <> coalesce(counter.last_number, 0);
