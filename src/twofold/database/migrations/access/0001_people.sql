-- Who may sign in, and what they may do where. Kept beside the operations book; the books
-- themselves know people by their login alone (actor columns).

CREATE SCHEMA access;

-- The roles of spec section 2, in the words of the product.
CREATE TYPE access.role AS ENUM (
    'team_member', 'approver', 'project_manager', 'contract_manager',
    'accountant', 'billing_approver', 'integration_admin', 'administrator', 'auditor'
);

-- What is kept apart: nobody works on two sides of one company.
CREATE TYPE access.side AS ENUM ('operations', 'finance', 'integration', 'administration', 'audit');

CREATE FUNCTION access.side_of(role access.role) RETURNS access.side
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN role IN ('team_member', 'approver', 'project_manager', 'contract_manager') THEN 'operations'
    WHEN role IN ('accountant', 'billing_approver') THEN 'finance'
    WHEN role = 'integration_admin' THEN 'integration'
    WHEN role = 'administrator' THEN 'administration'
    ELSE 'audit'
END::access.side;

-- password_hash: Argon2id, in PHC form; NULL for people who only sign in elsewhere (OpenID Connect).
CREATE TABLE access.person (
    person_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login text NOT NULL CONSTRAINT login_is_used_once UNIQUE
    CONSTRAINT login_is_lower_case CHECK (login = lower(login) AND login ~ '^\S+$'),
    name text NOT NULL CHECK (name ~ '^\S(.*\S)?$'),
    language text NOT NULL DEFAULT 'en' CHECK (language IN ('en', 'fr', 'pt', 'es')),
    password_hash text,
    must_change_password boolean NOT NULL DEFAULT false,
    is_active boolean NOT NULL DEFAULT true,
    failure_count integer NOT NULL DEFAULT 0 CHECK (failure_count >= 0),
    locked_until timestamptz,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL
);

-- An account of an OpenID Connect provider that stands for a person.
CREATE TABLE access.identity (
    issuer text NOT NULL,
    subject text NOT NULL,
    person_id bigint NOT NULL REFERENCES access.person (person_id),
    PRIMARY KEY (issuer, subject)
);

-- The side a person is on in a company; company '' is the installation itself.
CREATE TABLE access.duty (
    person_id bigint NOT NULL REFERENCES access.person (person_id),
    company text NOT NULL,
    side access.side NOT NULL,
    CONSTRAINT one_side_of_a_company PRIMARY KEY (person_id, company),
    UNIQUE (person_id, company, side)
);

-- Roles given. Nobody gives one to themselves, and none that is on another side than the person.
CREATE TABLE access.role_grant (
    person_id bigint NOT NULL,
    company text NOT NULL,
    role access.role NOT NULL,
    side access.side NOT NULL CONSTRAINT role_is_of_its_side CHECK (side = access.side_of(role)),
    login text NOT NULL REFERENCES access.person (login),
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL,
    PRIMARY KEY (person_id, company, role),
    CONSTRAINT role_is_on_the_side_of_the_person
    FOREIGN KEY (person_id, company, side) REFERENCES access.duty (person_id, company, side),
    CONSTRAINT role_is_given_by_another CHECK (granted_by <> login),
    CONSTRAINT role_of_the_installation CHECK ((company = '') = (role IN ('integration_admin', 'administrator')))
);

-- A session: the cookie holds a random token, the table only its SHA-256.
CREATE TABLE access.session (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    person_id bigint NOT NULL REFERENCES access.person (person_id),
    began_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    address text NOT NULL,
    agent text NOT NULL
);

-- Query: every session of a person is ended.
CREATE INDEX session_of_person ON access.session (person_id);

-- A personal access token, shown once; the table holds its SHA-256.
CREATE TABLE access.token (
    token_hash bytea PRIMARY KEY CHECK (octet_length(token_hash) = 32),
    person_id bigint NOT NULL REFERENCES access.person (person_id),
    name text NOT NULL CHECK (name ~ '^\S(.*\S)?$'),
    created_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    used_at timestamptz,
    CONSTRAINT token_name_is_used_once UNIQUE (person_id, name)
);

-- A bucket of sign-in attempts per network address.
CREATE TABLE access.attempt (
    address text PRIMARY KEY,
    left_over numeric NOT NULL,
    counted_at timestamptz NOT NULL
);

-- Who did what to whom: sign-ins, refusals, grants. Only ever added to.
CREATE TABLE access.event (
    event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    happened_at timestamptz NOT NULL,
    kind text NOT NULL,
    login text NOT NULL,
    actor text NOT NULL,
    address text NOT NULL DEFAULT '',
    detail text NOT NULL DEFAULT ''
);

-- Query: what happened to a login, newest first.
CREATE INDEX event_of_login ON access.event (login, happened_at);

GRANT USAGE ON SCHEMA access TO twofold_access, twofold_auditor;
GRANT SELECT ON ALL TABLES IN SCHEMA access TO twofold_access;
GRANT SELECT ON access.duty, access.role_grant, access.event TO twofold_auditor;
GRANT SELECT (person_id, login, name, language, is_active, created_by, created_at) ON access.person TO twofold_auditor;
GRANT INSERT (login, name, language, password_hash, must_change_password, created_by, created_at)
ON access.person TO twofold_access;
GRANT UPDATE (name, language, password_hash, must_change_password, is_active, failure_count, locked_until)
ON access.person TO twofold_access;
GRANT INSERT ON access.identity, access.duty, access.role_grant, access.session, access.token TO twofold_access;
GRANT INSERT (happened_at, kind, login, actor, address, detail) ON access.event TO twofold_access;
GRANT DELETE ON access.identity, access.duty, access.role_grant, access.session, access.token TO twofold_access;
GRANT UPDATE (seen_at) ON access.session TO twofold_access;
GRANT UPDATE (used_at) ON access.token TO twofold_access;
GRANT INSERT, UPDATE, DELETE ON access.attempt TO twofold_access;
