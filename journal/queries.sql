-- name: append
-- Write one fact; the transaction of the caller is the one it tells of.
SELECT journal_append($1, $2, $3, $4, $5::text::jsonb, $6);

-- name: present
-- A snapshot of now: what it sees is past, what it does not see is to be followed.
SELECT pg_current_snapshot()::text;

-- name: read
-- Facts of these kinds ($5) that the snapshot $2 sees and $1 does not, after ($3, $4) in their order, at most $6. Those are
-- of transactions that began after $1, or were running then: two short stretches of the index, whoever is still running. ORDER BY txid alone would
-- order by the text of it.
SELECT id, txid::text AS txid, at, kind, version, person_id, campaign_id, data::text AS data
FROM journal
WHERE (txid >= pg_snapshot_xmax($1::text::pg_snapshot) AND txid < pg_snapshot_xmax($2::text::pg_snapshot)
       OR txid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))))
  AND pg_visible_in_snapshot(txid, $2::text::pg_snapshot)
  AND (txid, id) > ($3::text::xid8, $4::bigint)
  AND kind = ANY ($5::text[])
ORDER BY journal.txid, journal.id LIMIT $6;

-- name: cursor_make
-- Who follows for the first time begins now.
INSERT INTO journal_cursors (follower, kinds) VALUES ($1, $2) ON CONFLICT DO NOTHING;

-- name: cursor_take
-- How far a follower is, unless another process is moving it right now.
SELECT done::text AS done, upto::text AS upto, after_txid::text AS after_txid, after_id,
    kinds <> $2::text[] AS other, clock_timestamp() - moved_at > interval '5 s' AS still
FROM journal_cursors
WHERE follower = $1 FOR UPDATE SKIP LOCKED;

-- name: cursor_move
-- So far it is, in the transaction of what it did.
UPDATE journal_cursors SET done = $2::text::pg_snapshot, upto = $3::text::pg_snapshot, after_txid = $4::text::xid8, after_id = $5,
    followed = followed + $6, kinds = $7, moved_at = clock_timestamp()
WHERE follower = $1;

-- name: letter_put
-- Set a fact aside that its follower could not follow.
INSERT INTO journal_letters (follower, fact_id, at, kind, version, person_id, campaign_id, data, error, next_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, $9, clock_timestamp() + $10);

-- name: letters_due
-- Facts set aside whose time has come, each for one process.
SELECT id AS letter_id, fact_id AS id, at, kind, version, person_id, campaign_id, data::text AS data, tries FROM journal_letters
WHERE follower = $1 AND dead_at IS NULL AND next_at <= clock_timestamp()
ORDER BY next_at LIMIT 20 FOR UPDATE SKIP LOCKED;

-- name: letter_done
-- It was followed after all, or a person put it away.
DELETE FROM journal_letters WHERE id = $1 RETURNING follower, kind;

-- name: letter_failed
-- It failed again; with dead = true a person has to look.
UPDATE journal_letters SET tries = tries + 1, error = $2, next_at = clock_timestamp() + $3,
    dead_at = CASE WHEN $4 THEN clock_timestamp() END
WHERE id = $1;

-- name: letters
-- What was set aside, the dead first.
SELECT id, follower, at, kind, person_id, campaign_id, tries, error, next_at, dead_at, data::text AS data
FROM journal_letters ORDER BY dead_at IS NULL, id LIMIT $1;

-- name: letter_again
-- A person has mended what was wrong: it is tried anew, at once.
UPDATE journal_letters SET tries = 1, dead_at = NULL, next_at = clock_timestamp() WHERE id = $1 RETURNING follower, kind;

-- name: alarm_dead
-- A person has to look at a fact, or at work, that failed so often.
SELECT raise_alarm('journal_dead_letter', $1, $2, clock_timestamp());

-- name: alarm_dead_over
-- Nothing of this follower, or of timers, is dead any more.
UPDATE alarms SET ended_at = clock_timestamp()
WHERE kind = 'journal_dead_letter' AND subject = $1 AND ended_at IS NULL AND acknowledged_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM journal_letters WHERE follower = $1 AND dead_at IS NOT NULL);

-- name: cursor_see
-- How far a follower is, whoever is moving it.
SELECT done::text AS done, upto::text AS upto, after_txid::text AS after_txid, after_id FROM journal_cursors
WHERE follower = $1;

-- name: timer_set
-- Due then, whatever was due before under this name.
INSERT INTO timers (kind, key, due_at, data) VALUES ($1, $2, $3, $4::text::jsonb)
ON CONFLICT (kind, key) DO UPDATE SET due_at = EXCLUDED.due_at, data = EXCLUDED.data, tries = 0, error = '', dead_at = NULL,
    set_at = clock_timestamp();

-- name: timer_unset
-- Not due any more.
DELETE FROM timers WHERE kind = $1 AND key = $2;

-- name: timer_due
-- The work of these kinds that has been due longest, for one process; its row is held to the end of the transaction.
SELECT kind, key, due_at, data::text AS data, tries FROM timers
WHERE due_at <= $2 AND dead_at IS NULL AND kind = ANY ($1::text[])
ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED;

-- name: timer_failed
-- It failed; tried again later, or dead.
UPDATE timers SET tries = tries + 1, error = $3, due_at = greatest(due_at, $4), dead_at = CASE WHEN $5 THEN clock_timestamp() END
WHERE kind = $1 AND key = $2;

-- name: slot_of
-- The slot of an instant.
SELECT (floor(extract(epoch FROM $1::timestamptz) / 86400)::bigint % 8)::int;

-- name: slot_open
-- Whether a slot holds a fact that is younger than $2, or that some follower has yet to pass.
SELECT EXISTS (SELECT 1 FROM journal WHERE slot = $1 AND at > $2)
    OR EXISTS (SELECT 1 FROM journal j, journal_cursors c WHERE j.slot = $1 AND NOT pg_visible_in_snapshot(j.txid, c.done));

-- name: slot_filled
-- Whether there is anything in a slot.
SELECT EXISTS (SELECT 1 FROM journal WHERE slot = $1);

-- name: restored
-- See journal_restored: facts of another server's count of transactions.
SELECT journal_restored();

-- name: cursors
-- How far each follower is.
SELECT follower, followed, moved_at,
    (SELECT count(*) FROM journal_letters l WHERE l.follower = c.follower AND dead_at IS NULL)::int AS waiting,
    (SELECT count(*) FROM journal_letters l WHERE l.follower = c.follower AND dead_at IS NOT NULL)::int AS dead
FROM journal_cursors c ORDER BY follower;

-- name: patience
-- How long the transaction waits for a table.
SET LOCAL lock_timeout = '200ms';

-- name: slot_empty
-- Forget a day; the number of the table is set by whoever runs it.
TRUNCATE journal_0;

-- name: alarm_late
-- A follower is behind.
SELECT raise_alarm_once('journal_late', $1, $2, clock_timestamp(), 'infinity');

-- name: alarm_late_over
-- It is not any more.
UPDATE alarms SET ended_at = clock_timestamp()
WHERE kind = 'journal_late' AND subject = $1 AND ended_at IS NULL AND acknowledged_at IS NULL;

-- name: now
-- The database's clock.
SELECT clock_timestamp();
