-- name: lock_setup
-- One setup at a time: what a name is found to be must still be so when the row is written.
SELECT pg_advisory_xact_lock(2, hashtext('operations.setup'));
