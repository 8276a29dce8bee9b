-- migrate:up

-- An alarm that repeats is one line with a count, whoever raises it and however many at once.
ALTER TABLE alarms
    ADD COLUMN count    int NOT NULL DEFAULT 1 CHECK (count > 0),
    ADD COLUMN last_at  timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN ended_at timestamptz;
COMMENT ON COLUMN alarms.at IS 'when it was raised first';
COMMENT ON COLUMN alarms.count IS 'how often it was raised since';
COMMENT ON COLUMN alarms.last_at IS 'when it was raised last';
COMMENT ON COLUMN alarms.ended_at IS 'since when what it tells of is over; null = it goes on, or nobody can know';
UPDATE alarms SET last_at = at;
WITH told AS (
    SELECT max(id) AS id, count(*)::int AS times, min(at) AS first, max(at) AS last
    FROM alarms WHERE acknowledged_at IS NULL GROUP BY kind, subject HAVING count(*) > 1
)
UPDATE alarms a SET count = told.times, at = told.first, last_at = told.last FROM told WHERE a.id = told.id;
DELETE FROM alarms a USING alarms newer
WHERE a.acknowledged_at IS NULL AND newer.acknowledged_at IS NULL
  AND (a.kind, a.subject) = (newer.kind, newer.subject) AND a.id < newer.id;
CREATE UNIQUE INDEX alarms_once ON alarms (kind, subject) WHERE acknowledged_at IS NULL;

-- The one way in. Of what is known and not acknowledged the count grows; what was over for a day begins anew.
CREATE FUNCTION raise_alarm(said_kind text, said_subject text, said_detail text, said_at timestamptz, times int DEFAULT 1)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
BEGIN
    UPDATE alarms SET acknowledged_at = ended_at
    WHERE kind = said_kind AND subject = said_subject AND acknowledged_at IS NULL AND ended_at < said_at - interval '1 day';
    INSERT INTO alarms AS a (at, last_at, kind, subject, detail, count)
    VALUES (said_at, said_at, said_kind, said_subject, said_detail, times)
    ON CONFLICT (kind, subject) WHERE acknowledged_at IS NULL DO UPDATE
    SET count = a.count + EXCLUDED.count, last_at = greatest(a.last_at, EXCLUDED.last_at), detail = EXCLUDED.detail,
        ended_at = NULL
    RETURNING a.id INTO raised;
    RETURN raised;
END $$;

-- For whoever looks again and again, several at once: nothing while one is open, or was raised at `since` or later.
-- `same`: only one of the same detail counts. Returns null when there was one.
CREATE FUNCTION raise_alarm_once(
    said_kind text, said_subject text, said_detail text, said_at timestamptz, since timestamptz, same boolean DEFAULT false)
RETURNS bigint LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(said_kind || ' ' || said_subject, 0));
    -- A look of its own, after the wait: it sees what the other one has written.
    IF EXISTS (SELECT 1 FROM alarms
               WHERE kind = said_kind AND subject = said_subject AND (NOT same OR detail = said_detail)
                 AND (acknowledged_at IS NULL AND ended_at IS NULL OR last_at >= since)) THEN
        RETURN NULL;
    END IF;
    RETURN raise_alarm(said_kind, said_subject, said_detail, said_at);
END $$;

-- Old changes of the rules are folded into a newer row of their kind, which counts for them: the sum never falls.
ALTER TABLE rule_changes ADD COLUMN times bigint NOT NULL DEFAULT 1 CHECK (times > 0);
COMMENT ON TABLE rule_changes IS 'whenever what the contact gate judges by became other than it was: who was refused before is asked again; the sum of times is what counts, so rows older than the days that pacing decisions are kept are folded into the newest of their kind (dialer.store.retention)';
COMMENT ON COLUMN rule_changes.times IS 'changes that the row stands for: its own, and those that were folded into it';

-- migrate:down

-- The sum must not fall: what the folded rows stood for comes back as rows.
INSERT INTO rule_changes (campaign_id, what, digest, at)
SELECT campaign_id, what, digest, at - n * interval '1 microsecond' FROM rule_changes, generate_series(1, times - 1) AS n;
ALTER TABLE rule_changes DROP COLUMN times;
COMMENT ON TABLE rule_changes IS 'whenever what the contact gate judges by became other than it was: who was refused before is asked again; never pruned, the count of rows is what counts: about 10 rows a day and campaign and one for each change of suppressed numbers, some 4 000 of 100 bytes a year and campaign';
DROP FUNCTION raise_alarm_once, raise_alarm;
DROP INDEX alarms_once;
UPDATE alarms SET acknowledged_at = ended_at WHERE acknowledged_at IS NULL AND ended_at IS NOT NULL;
ALTER TABLE alarms DROP COLUMN count, DROP COLUMN last_at, DROP COLUMN ended_at;
COMMENT ON COLUMN alarms.at IS NULL;
