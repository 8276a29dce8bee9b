-- name: job_enqueue
-- A new job, unless so many of its kind wait already (those that come in the same instant are not counted).
INSERT INTO jobs (kind, subject, args, actor_id, most_tries)
SELECT $1, $2, $3::text::jsonb, $4, $5
WHERE (SELECT count(*) FROM jobs WHERE state = 'queued' AND kind = $1) < $6
RETURNING id;

-- name: job_again
-- What is done every so many seconds is asked for, unless it was within them, or goes on.
INSERT INTO jobs (kind, subject, most_tries)
SELECT $1, 'every', $2
WHERE NOT EXISTS (
    SELECT FROM jobs
    WHERE kind = $1 AND subject = 'every'
      AND (state IN ('queued', 'running') OR created_at > clock_timestamp() - make_interval(secs => $3))
)
ON CONFLICT (kind) WHERE state = 'queued' AND subject = 'every' DO NOTHING;

-- name: job_claim
-- The job that has waited longest, of a kind of which fewer run than may, for this worker.
SELECT id, kind, args::text, actor_id, worker, turn, tries, most_tries FROM job_claim($1, $2::text[], $3::int[]);

-- name: job_beat
-- Its worker lives, and how far it is; whether it is to end.
UPDATE jobs SET heartbeat_at = clock_timestamp(), progress = coalesce($4::text::jsonb, progress)
WHERE id = $1 AND state = 'running' AND worker = $2 AND turn = $3
RETURNING cancel_asked_at IS NOT NULL AS cancel;

-- name: job_done
-- It is done.
UPDATE jobs SET state = 'done', finished_at = clock_timestamp(), heartbeat_at = NULL, error = '',
    progress = coalesce($4::text::jsonb, progress), result = $5::text::jsonb
WHERE id = $1 AND state = 'running' AND worker = $2 AND turn = $3
RETURNING state;

-- name: job_failed
-- It failed: it is tried again after a pause while it may be, and nobody has asked for its end.
UPDATE jobs SET error = $5, heartbeat_at = NULL, result = $6::text::jsonb,
    progress = coalesce($4::text::jsonb, progress), due_at = clock_timestamp() + make_interval(secs => $8),
    state = CASE WHEN cancel_asked_at IS NOT NULL THEN 'cancelled'
                 WHEN $7::boolean AND tries < most_tries THEN 'queued'
                 ELSE 'failed' END,
    finished_at = CASE WHEN cancel_asked_at IS NOT NULL OR NOT ($7::boolean AND tries < most_tries)
                       THEN clock_timestamp() END
WHERE id = $1 AND state = 'running' AND worker = $2 AND turn = $3
RETURNING state;

-- name: job_cancelled
-- It ended because somebody asked for that.
UPDATE jobs SET state = 'cancelled', finished_at = clock_timestamp(), heartbeat_at = NULL,
    cancel_asked_at = coalesce(cancel_asked_at, clock_timestamp()), progress = coalesce($4::text::jsonb, progress)
WHERE id = $1 AND state = 'running' AND worker = $2 AND turn = $3
RETURNING state;

-- name: job_given_back
-- Its worker ends and does not count as a try: the next one goes on at once.
UPDATE jobs SET heartbeat_at = NULL, tries = tries - 1, due_at = clock_timestamp(),
    progress = coalesce($4::text::jsonb, progress),
    state = CASE WHEN cancel_asked_at IS NULL THEN 'queued' ELSE 'cancelled' END,
    finished_at = CASE WHEN cancel_asked_at IS NOT NULL THEN clock_timestamp() END
WHERE id = $1 AND state = 'running' AND worker = $2 AND turn = $3
RETURNING state;

-- name: job_sweep
-- Jobs whose workers gave no sign of life for so many seconds: another one goes on, unless it was the last try.
UPDATE jobs SET state = CASE WHEN cancel_asked_at IS NOT NULL THEN 'cancelled'
                             WHEN tries < most_tries THEN 'queued'
                             ELSE 'failed' END,
    finished_at = CASE WHEN cancel_asked_at IS NOT NULL OR tries >= most_tries THEN clock_timestamp() END,
    heartbeat_at = NULL, error = 'its worker died', due_at = clock_timestamp()
WHERE state = 'running' AND heartbeat_at < clock_timestamp() - make_interval(secs => $1)
RETURNING id, kind, state, worker;

-- name: job_ask_cancel
-- One that waits is cancelled at once, one that runs is asked to end.
UPDATE jobs SET cancel_asked_at = coalesce(cancel_asked_at, clock_timestamp()),
    state = CASE state WHEN 'queued' THEN 'cancelled' ELSE state END,
    finished_at = CASE state WHEN 'queued' THEN clock_timestamp() END
WHERE id = $1 AND state IN ('queued', 'running')
RETURNING state;

-- name: job_retry
-- One that failed or was cancelled waits again, with all its tries; what was left of it goes.
WITH again AS (
    UPDATE jobs SET state = 'queued', tries = 0, due_at = clock_timestamp(), error = '', result = NULL,
        finished_at = NULL, cancel_asked_at = NULL
    WHERE id = $1 AND state IN ('failed', 'cancelled')
        -- What is done every so often stands once: a newer one does it.
        AND NOT (subject = 'every' AND EXISTS (
            SELECT 1 FROM jobs j WHERE j.kind = jobs.kind AND j.subject = 'every' AND j.state IN ('queued', 'running')))
    RETURNING id
), gone AS (
    DELETE FROM job_pieces USING again WHERE job_id = again.id AND file = 'rejects'
)
SELECT id FROM again;

-- name: job_forget
-- What ended so many days ago: people's data goes with it. What still waits is done first, however long nobody worked.
DELETE FROM jobs
WHERE state NOT IN ('queued', 'running') AND finished_at < clock_timestamp() - make_interval(days => $1)
RETURNING id;

-- name: job_counts
-- How many there are of each kind in each state, and for how many seconds the longest has been due.
SELECT kind, state, count(*) AS jobs,
    coalesce(extract(epoch FROM clock_timestamp() - min(due_at) FILTER (WHERE state = 'queued')), 0)::float8 AS waits
FROM jobs WHERE state IN ('queued', 'running', 'failed') GROUP BY kind, state;

-- name: piece_in
-- A piece of a file.
INSERT INTO job_pieces (job_id, file, n, content) VALUES ($1, $2, $3, $4);

-- name: piece
-- The piece of that number.
SELECT content FROM job_pieces WHERE job_id = $1 AND file = $2 AND n = $3;

-- name: pieces_drop
-- A file goes.
DELETE FROM job_pieces WHERE job_id = $1 AND file = $2;
