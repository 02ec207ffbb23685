-- A sign-in that is under way at the provider (OpenID Connect): begun here, in one browser, and to
-- be used once when that browser comes back. The browser holds the token in its cookie and brings
-- the state back; the table holds the SHA-256 of both. The verifier (PKCE) never leaves for the
-- browser, and is worth nothing without the client's secret.
CREATE TABLE access.departure (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    state_hash bytea NOT NULL CHECK (octet_length(state_hash) = 32),
    nonce text NOT NULL,
    verifier text NOT NULL,
    leads_to text NOT NULL,
    began_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CONSTRAINT departure_ends_after_it_began CHECK (ends_at > began_at)
);

-- Who linked an account of the provider with a person, and when.
ALTER TABLE access.identity
ADD COLUMN linked_by text NOT NULL,
ADD COLUMN linked_at timestamptz NOT NULL,
ADD CONSTRAINT identity_names_an_account CHECK (issuer <> '' AND subject <> '');

-- Query: the accounts of a person.
CREATE INDEX identity_of_person ON access.identity (person_id);

GRANT SELECT, INSERT, DELETE ON access.departure TO twofold_access;
GRANT SELECT ON access.identity TO twofold_auditor;
