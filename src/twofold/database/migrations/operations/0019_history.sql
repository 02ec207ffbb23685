-- Who put a contract into a state, in their order; never changed. Facts say what it is now.
CREATE TABLE operations.contract_event (
    company text NOT NULL,
    contract_id bigint NOT NULL,
    event_id bigint GENERATED ALWAYS AS IDENTITY,
    state operations.contract_state NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (company, contract_id, event_id),
    FOREIGN KEY (company, contract_id) REFERENCES operations.contract (company, contract_id)
);

GRANT SELECT ON operations.contract_event TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT (company, contract_id, state, actor, at) ON operations.contract_event TO twofold_operations;
