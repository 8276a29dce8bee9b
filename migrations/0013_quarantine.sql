-- migrate:up

-- What the database refused of a turn of the engine, for people to look at; the rest of the turn was written.
CREATE TABLE quarantine (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    kind    text NOT NULL,
    subject text NOT NULL,
    payload text NOT NULL,
    error   text NOT NULL
);
CREATE INDEX quarantine_at ON quarantine (at);
COMMENT ON TABLE quarantine IS 'records that were refused; kept as long as pacing decisions';
COMMENT ON COLUMN quarantine.payload IS 'the record as ASCII JSON, whatever it holds';

-- migrate:down

DROP TABLE quarantine;
