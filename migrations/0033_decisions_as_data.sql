-- migrate:up

ALTER TABLE pacing_decisions ADD COLUMN why jsonb;
COMMENT ON COLUMN pacing_decisions.why IS
    'the reason as data (pacing.Why.as_record()), which programs read; null = from before 0033, only the sentence is known';

-- migrate:down

ALTER TABLE pacing_decisions DROP COLUMN why;
