-- Indexes of lists that people read page by page.

-- Query: work that a limit holds back (backlog.over_limit). Its state may change without touching
-- the index: a change to ready is as cheap as before.
CREATE INDEX item_over_its_limit ON operations.backlog_item (company, contract_id, actual_id)
WHERE not_to_exceed = 'failed';
