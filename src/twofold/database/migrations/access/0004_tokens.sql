ALTER TABLE access.token
ADD CONSTRAINT token_ends_after_it_was_made CHECK (ends_at > created_at);

-- Query: tokens that ended.
CREATE INDEX token_by_end ON access.token (ends_at);
