-- migrate:up

-- Learned models as they came in force. Versions count from the start of an engine, so its epoch is part of the key.
CREATE TABLE pacing_models (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    epoch       bigint NOT NULL,
    version     int NOT NULL,
    at          timestamptz NOT NULL,
    content     jsonb NOT NULL,
    PRIMARY KEY (campaign_id, epoch, version)
);
COMMENT ON COLUMN pacing_models.epoch IS 'fence of the engine that learned it';
COMMENT ON COLUMN pacing_models.content IS 'pacing.Model.as_record()';

-- What each campaign has learned, for the next start of the engine.
CREATE TABLE pacing_learners (
    campaign_id bigint PRIMARY KEY REFERENCES campaigns ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    content     jsonb NOT NULL
);
COMMENT ON COLUMN pacing_learners.content IS 'pacing.Learner.as_record()';

ALTER TABLE pacing_decisions
    ADD COLUMN cancel   int[] NOT NULL DEFAULT '{}',
    ADD COLUMN forecast jsonb,
    ADD COLUMN epoch    bigint NOT NULL DEFAULT 0,
    ADD COLUMN model    int NOT NULL DEFAULT 0;
COMMENT ON COLUMN pacing_decisions.cancel IS 'ringing calls given up, as places in inputs.floor.ringing';
COMMENT ON COLUMN pacing_decisions.epoch IS 'with model: the row of pacing_models it was decided with';

-- Limits that all campaigns on a trunk share; a trunk without a row has none.
CREATE TABLE trunks (
    name      text PRIMARY KEY CHECK (name ~ '^[A-Za-z0-9_.-]{1,40}$'),
    max_lines int CHECK (max_lines >= 0),
    max_cps   double precision CHECK (max_cps > 0)
);

-- migrate:down

DROP TABLE trunks, pacing_learners, pacing_models;
ALTER TABLE pacing_decisions DROP COLUMN cancel, DROP COLUMN forecast, DROP COLUMN epoch, DROP COLUMN model;
