-- name: forget_old
DELETE FROM jobs.upload
WHERE created_at < clock_timestamp() - %(kept_for)s::interval;

-- name: keep
INSERT INTO jobs.upload (company, file, content, actor)
VALUES (%(company)s::text, %(file)s::text, %(content)s::bytea, %(actor)s::text)
RETURNING upload_id;

-- name: read
SELECT
    file,
    content
FROM jobs.upload
WHERE company = %(company)s::text AND upload_id = %(upload_id)s::bigint;
