-- Why submitted entries went back to who recorded them, and who sent them back; only ever added to.
CREATE TABLE operations.entry_rejection (
    company text NOT NULL,
    rejection_id bigint GENERATED ALWAYS AS IDENTITY,
    entry_id bigint NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    actor text NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (company, rejection_id),
    FOREIGN KEY (company, entry_id) REFERENCES operations.entry (company, entry_id)
);

GRANT SELECT ON operations.entry_rejection TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT (company, entry_id, reason, actor, at) ON operations.entry_rejection TO twofold_operations;
