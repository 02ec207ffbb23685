-- name: begin
INSERT INTO access.departure (token_hash, state_hash, nonce, verifier, leads_to, began_at, ends_at)
VALUES (
    %(token_hash)s::bytea, %(state_hash)s::bytea, %(nonce)s::text, %(verifier)s::text, %(leads_to)s::text,
    %(at)s::timestamptz, %(ends_at)s::timestamptz
);

-- name: finish
-- The browser that began it, with the answer that belongs to it: one without the other is nothing.
DELETE FROM access.departure
WHERE
    token_hash = %(token_hash)s::bytea
    AND state_hash = %(state_hash)s::bytea
    AND ends_at > %(at)s::timestamptz
RETURNING
    nonce,
    verifier,
    leads_to;
