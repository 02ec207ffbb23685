-- Proformas that are confirmed many at a time, and how far each of them is.

CREATE TYPE operations.bulk_state AS ENUM ('scheduled', 'processing', 'complete', 'failed');

-- The bulk status of a proforma; one that was never confirmed in bulk has none. It stays a draft
-- until it is complete, and has the reasons if it failed: it may be scheduled again.
CREATE TABLE operations.bulk_confirmation (
    company text NOT NULL,
    proforma_id bigint NOT NULL,
    state operations.bulk_state NOT NULL,
    reasons text[] CHECK (cardinality(reasons) > 0),
    scheduled_by text NOT NULL,
    scheduled_at timestamptz NOT NULL,
    PRIMARY KEY (company, proforma_id),
    FOREIGN KEY (company, proforma_id) REFERENCES operations.proforma (company, proforma_id),
    CONSTRAINT what_failed_has_reasons CHECK ((state = 'failed') = (reasons IS NOT NULL))
);

GRANT SELECT ON operations.bulk_confirmation TO twofold_operations, twofold_dualwrite, twofold_auditor;
GRANT INSERT, DELETE, UPDATE (state, reasons, scheduled_by, scheduled_at)
ON operations.bulk_confirmation TO twofold_operations;
