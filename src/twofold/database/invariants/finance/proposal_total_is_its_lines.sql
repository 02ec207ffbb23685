-- Net amount, tax and number of lines of a proposal are those of its lines.
WITH line AS (
    SELECT
        company,
        proposal_id,
        sum(amount) AS net_amount,
        sum(tax_amount) AS tax_amount,
        count(*) AS line_count
    FROM finance.proposal_line
    GROUP BY company, proposal_id
)

SELECT
    proposal.net_amount,
    line.net_amount AS net_amount_of_lines,
    proposal.tax_amount,
    line.tax_amount AS tax_amount_of_lines,
    proposal.line_count,
    line.line_count AS line_count_of_lines,
    coalesce(proposal.company, line.company) AS company,
    coalesce(proposal.proposal_id, line.proposal_id) AS proposal_id
FROM finance.proposal
FULL JOIN line
    ON line.company = proposal.company AND line.proposal_id = proposal.proposal_id
WHERE
    (proposal.net_amount, proposal.tax_amount, proposal.line_count)
    IS DISTINCT FROM (
        coalesce(line.net_amount, 0), coalesce(line.tax_amount, 0), coalesce(line.line_count, 0)
    );
