-- Statements of the archive, loaded by name (journal/sql.py).

-- name: pending
-- Ended, answered calls that were to be recorded and have no row yet. There is always a row, to carry the watermark:
-- the earliest placing among calls that were still open in this very snapshot. The settings are asked last, and only
-- of the few calls that lack a recording. OFFSET 0, or the earliest open call is looked for among all calls by their
-- time, the oldest first.
WITH open_calls AS (
    SELECT min(placed_at) AS earliest FROM (SELECT placed_at FROM attempts WHERE ended_at IS NULL OFFSET 0) AS live
), mark AS (
    SELECT least((SELECT earliest FROM open_calls), now()) - interval '1 minute' AS watermark
), lacking AS MATERIALIZED (
    SELECT a.id, a.campaign_id, a.placed_at, a.ended_at
    FROM attempts a
    WHERE a.state = 'ended'
      AND a.placed_at >= $1
      AND a.ended_at - a.answered_at > make_interval(secs => $2)
      AND NOT EXISTS (SELECT 1 FROM recordings r WHERE r.attempt_id = a.id)
), found AS (
    SELECT l.id, extract(epoch FROM now() - l.ended_at)::float8 AS age
    FROM lacking l
    JOIN campaigns c ON c.id = l.campaign_id
    WHERE coalesce(
            (SELECT v.settings ->> 'record' FROM campaign_versions v
             WHERE v.campaign_id = l.campaign_id AND v.at <= l.placed_at ORDER BY v.version DESC LIMIT 1),
            c.settings ->> 'record', 'true')::boolean
    ORDER BY l.ended_at
    LIMIT $3
)
SELECT found.id, found.age, mark.watermark FROM mark LEFT JOIN found ON true;

-- name: known
-- What the database says of calls whose files lie in the spool.
SELECT f.id, a.state, extract(epoch FROM now() - a.ended_at)::float8 AS age
FROM unnest($1::uuid[]) AS f (id)
LEFT JOIN attempts a ON a.id = f.id;

-- name: lock
-- Held until the transaction ends, so that two archive processes never work on one call.
SELECT pg_try_advisory_xact_lock(hashtextextended('cadencia.recording.' || $1::text, 0));

-- name: facts
-- One call and its recording so far.
SELECT coalesce(a.answered_at, a.placed_at) AS answered_at,
       extract(epoch FROM a.ended_at - a.answered_at)::float8 AS seconds,
       EXISTS (SELECT 1 FROM attempt_events e WHERE e.attempt_id = a.id AND e.event = 'vanished') AS vanished,
       coalesce(
            (SELECT v.settings ->> 'record' FROM campaign_versions v
             WHERE v.campaign_id = a.campaign_id AND v.at <= a.placed_at ORDER BY v.version DESC LIMIT 1),
            c.settings ->> 'record', 'true')::boolean AS record,
       r.status, r.path, r.sha256
FROM attempts a
JOIN campaigns c ON c.id = a.campaign_id
LEFT JOIN recordings r ON r.attempt_id = a.id
WHERE a.id = $1 AND a.state = 'ended';

-- name: write
-- A later find replaces an earlier loss; comments hang on the row, so it is never deleted.
INSERT INTO recordings (attempt_id, status, path, sha256, bytes, duration_ms, peaks, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8)
ON CONFLICT (attempt_id) DO UPDATE
SET status = excluded.status, path = excluded.path, sha256 = excluded.sha256, bytes = excluded.bytes,
    duration_ms = excluded.duration_ms, peaks = excluded.peaks, detail = excluded.detail, archived_at = now();

-- name: alarm
-- Raised once for each subject.
SELECT raise_alarm_once($1, $2, $3, now(), '-infinity', same => true);
