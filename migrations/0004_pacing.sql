-- migrate:up

-- What the pacing learned, one row per version: the same version decides the same.
CREATE TABLE pacing_models (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    epoch       bigint NOT NULL,
    version     int NOT NULL,
    at          timestamptz NOT NULL,
    content     jsonb NOT NULL,
    PRIMARY KEY (campaign_id, epoch, version)
);

ALTER TABLE pacing_decisions ADD COLUMN forecast jsonb, ADD COLUMN epoch bigint, ADD COLUMN model int;

-- migrate:down

ALTER TABLE pacing_decisions DROP COLUMN forecast, DROP COLUMN epoch, DROP COLUMN model;
DROP TABLE pacing_models;
