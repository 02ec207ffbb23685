-- A link that signs a person in once, in place of a password; the table holds its SHA-256.
CREATE TABLE access.link (
    secret_hash bytea PRIMARY KEY CHECK (octet_length(secret_hash) = 32),
    person_id bigint NOT NULL REFERENCES access.person (person_id),
    made_by text NOT NULL,
    made_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL CONSTRAINT link_ends_after_it_was_made CHECK (ends_at > made_at)
);

-- Query: a new link for a person ends the older ones.
CREATE INDEX link_of_person ON access.link (person_id);

GRANT SELECT, INSERT, DELETE ON access.link TO twofold_access;
