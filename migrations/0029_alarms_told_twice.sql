-- migrate:up

-- An alarm of the same kind, subject and instant is the same one, told again after the answer to a commit was lost:
-- it counts once, and does not begin again what has ended since.
CREATE OR REPLACE FUNCTION raise_alarm(said_kind text, said_subject text, said_detail text, said_at timestamptz, times int DEFAULT 1)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    raised bigint;
BEGIN
    UPDATE alarms SET acknowledged_at = ended_at
    WHERE kind = said_kind AND subject = said_subject AND acknowledged_at IS NULL AND ended_at < said_at - interval '1 day';
    INSERT INTO alarms AS a (at, last_at, kind, subject, detail, count)
    VALUES (said_at, said_at, said_kind, said_subject, said_detail, times)
    ON CONFLICT (kind, subject) WHERE acknowledged_at IS NULL DO UPDATE
    SET count = a.count + CASE WHEN a.last_at = EXCLUDED.last_at THEN 0 ELSE EXCLUDED.count END,
        ended_at = CASE WHEN a.last_at = EXCLUDED.last_at THEN a.ended_at END,
        last_at = greatest(a.last_at, EXCLUDED.last_at), detail = EXCLUDED.detail
    RETURNING a.id INTO raised;
    RETURN raised;
END $$;

-- migrate:down

CREATE OR REPLACE FUNCTION raise_alarm(said_kind text, said_subject text, said_detail text, said_at timestamptz, times int DEFAULT 1)
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
