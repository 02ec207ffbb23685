-- The contract line that a file names by contract and number, NULL if there is none. A function, not a join: a setup
-- file adds thousands of lines in the transaction that looks for them, before anything is known of how many there are,
-- and a plan made for two of them compares each with each.
CREATE FUNCTION operations.line_of(named_company text, numbered text, line integer) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog
AS $$
    SELECT found.contract_line_id
    FROM operations.contract
    JOIN operations.contract_line AS found
        ON found.company = named_company AND found.contract_id = contract.contract_id AND found.line_number = line
    WHERE contract.company = named_company AND contract.number = numbered
$$;

REVOKE EXECUTE ON FUNCTION operations.line_of(text, text, integer) FROM public;
GRANT EXECUTE ON FUNCTION operations.line_of(text, text, integer) TO twofold_operations;
