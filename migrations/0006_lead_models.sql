-- migrate:up

-- The chance that a person answers, as predicted when the call was placed; null before anything was learned.
ALTER TABLE attempts ADD COLUMN chance real CHECK (chance BETWEEN 0 AND 1);
COMMENT ON COLUMN attempts.chance IS 'that a person answers, predicted at placing; null = no model yet';

-- Numbers from before this migration stay null: nobody knows since when they are known.
ALTER TABLE phones ADD COLUMN known_at timestamptz;
ALTER TABLE phones ALTER COLUMN known_at SET DEFAULT now();

CREATE TABLE lead_models (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL,
    attempts int NOT NULL,
    metrics  jsonb NOT NULL,
    content  jsonb NOT NULL
);
COMMENT ON COLUMN lead_models.content IS 'pacing.leads.LeadModel.as_record()';
COMMENT ON COLUMN lead_models.metrics IS 'scores on the newest attempts, by a model that had not seen them';

-- migrate:down

DROP TABLE lead_models;
ALTER TABLE phones DROP COLUMN known_at;
ALTER TABLE attempts DROP COLUMN chance;
