-- What the doctor asks the database, loaded by name (journal/sql.py).

-- name: version
-- Which Postgres it is.
SHOW server_version;

-- name: clock
-- The time by the database.
SELECT clock_timestamp();

-- name: campaigns
-- Campaigns with what they dial on and by, and whether their caller id is registered today.
SELECT c.code, c.trunk, c.caller_id, c.settings::text AS settings,
    EXISTS (SELECT 1 FROM caller_ids i
            WHERE i.number = c.caller_id AND (now() AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date
                BETWEEN i.starts_on AND i.ends_on) AS registered
FROM campaigns c ORDER BY c.code LIMIT 1000;

-- name: endpoints
-- Of the agents who may log in.
SELECT DISTINCT a.endpoint FROM agents a JOIN users u ON u.id = a.id
WHERE u.active AND a.endpoint <> '' ORDER BY a.endpoint LIMIT 1000;

-- name: registered
-- Whether a caller id is registered today.
SELECT EXISTS (SELECT FROM caller_ids WHERE number = $1 AND current_date BETWEEN starts_on AND ends_on);

-- name: jobs_waiting
-- Whether a worker is connected, and how many jobs are due.
SELECT EXISTS (SELECT FROM pg_stat_activity
               WHERE datname = current_database() AND application_name = 'cadencia worker') AS there,
    (SELECT count(*) FROM jobs WHERE state = 'queued' AND due_at <= now()) AS waiting;
