-- name: lock_period
-- Who changes a period does so alone.
SELECT
    period_start,
    period_end,
    state::text AS state
FROM finance.fiscal_period
WHERE company = %(company)s::text AND %(day)s::date BETWEEN period_start AND period_end
FOR UPDATE;

-- name: put_state
UPDATE finance.fiscal_period
SET state = %(state)s::finance.period_state
WHERE company = %(company)s::text AND period_start = %(period_start)s::date;

-- name: add_event
INSERT INTO finance.period_event (company, period_start, event_number, state, reason, actor, at)
SELECT
    %(company)s::text,
    %(period_start)s::date,
    coalesce(max(event_number), 0) + 1,
    %(state)s::finance.period_state,
    %(reason)s::text,
    %(actor)s::text,
    %(at)s::timestamptz
FROM finance.period_event
WHERE company = %(company)s::text AND period_start = %(period_start)s::date;

-- name: list_periods
SELECT
    period.period_start,
    period.period_end,
    period.state::text AS state,
    event.actor,
    event.at,
    event.reason
FROM finance.fiscal_period AS period
LEFT JOIN finance.period_event AS event
    ON
        event.company = period.company
        AND event.period_start = period.period_start
        AND NOT EXISTS (
            SELECT FROM finance.period_event AS later
            WHERE
                later.company = event.company
                AND later.period_start = event.period_start
                AND later.event_number > event.event_number
        )
WHERE period.company = %(company)s::text
ORDER BY period.period_start;
