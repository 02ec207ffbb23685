-- name: begin
INSERT INTO dualwrite.initial_write (run, company, map, map_hash, mode, gap_sets, row_count, started_by)
VALUES (
    to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"."US'),
    %(company)s::text, %(map)s::text, %(map_hash)s::text, %(mode)s::text, %(gap_sets)s::bigint[],
    %(row_count)s::bigint, %(actor)s::text
);

-- name: finish
UPDATE dualwrite.initial_write
SET finished_at = clock_timestamp()
WHERE company = %(company)s::text AND map = %(map)s::text AND run = %(run)s::text;

-- name: moment
SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"."US') AS run;
