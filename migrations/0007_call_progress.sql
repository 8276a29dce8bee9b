-- migrate:up

ALTER TABLE attempts DROP CONSTRAINT attempts_state_check;
ALTER TABLE attempts ADD CONSTRAINT attempts_state_check CHECK (state IN (
    'dialing', 'ringing', 'screening', 'waiting', 'connected', 'voicemail', 'leaving', 'ended'));

INSERT INTO call_transitions (from_state, event, to_state) VALUES
    ('dialing', 'heard', 'ended'),
    ('ringing', 'heard', 'ended'),
    ('screening', 'unsure', 'waiting'),
    ('screening', 'audit', 'waiting'),
    ('screening', 'heard', 'ended'),
    ('screening', 'voicemail', 'voicemail'),
    ('voicemail', 'greeting_over', 'leaving'),
    ('voicemail', 'deadline', 'ended'),
    ('voicemail', 'hung_up', 'ended'),
    ('voicemail', 'vanished', 'ended'),
    ('leaving', 'left', 'ended'),
    ('leaving', 'deadline', 'ended'),
    ('leaving', 'hung_up', 'ended'),
    ('leaving', 'vanished', 'ended'),
    ('waiting', 'machine', 'ended'),
    ('waiting', 'heard', 'ended'),
    ('connected', 'machine', 'ended'),
    ('connected', 'heard', 'ended');

-- What call progress analysis said of a call: before the answer, after it, and again once it was connected.
CREATE TABLE call_verdicts (
    attempt_id   uuid NOT NULL REFERENCES attempts,
    stage        text NOT NULL CHECK (stage IN ('early', 'answer', 'late')),
    campaign_id  bigint NOT NULL REFERENCES campaigns,
    at           timestamptz NOT NULL,
    source       text NOT NULL,
    verdict      text NOT NULL CHECK (verdict IN ('human', 'unsure', 'machine', 'fax', 'tone')),
    cause        text NOT NULL DEFAULT '',
    outcome      text NOT NULL DEFAULT '',
    p            real CHECK (p BETWEEN 0 AND 1),
    after        real NOT NULL DEFAULT 0,
    model        text NOT NULL DEFAULT '',
    features     jsonb NOT NULL DEFAULT '{}',
    audio        text NOT NULL DEFAULT '',
    audited      boolean NOT NULL DEFAULT false,
    correction   text CHECK (correction IN ('person', 'machine', 'network')),
    corrected_by bigint REFERENCES users,
    corrected_at timestamptz,
    PRIMARY KEY (attempt_id, stage),
    CHECK ((correction IS NULL) = (corrected_at IS NULL))
);
CREATE INDEX call_verdicts_campaign ON call_verdicts (campaign_id, at DESC);
CREATE INDEX call_verdicts_audited ON call_verdicts (campaign_id, at DESC) WHERE audited;
CREATE INDEX call_verdicts_audio ON call_verdicts (at) WHERE audio <> '';
COMMENT ON COLUMN call_verdicts.p IS 'calibrated probability of a machine';
COMMENT ON COLUMN call_verdicts.after IS 'seconds of audio heard: from the answer, or from the begin of the early media';
COMMENT ON COLUMN call_verdicts.outcome IS 'with tone: the word of the tone or announcement';
COMMENT ON COLUMN call_verdicts.audio IS 'file of the first seconds in the detector''s folder; empty = not kept, or deleted';
COMMENT ON COLUMN call_verdicts.audited IS 'a machine verdict whose call an agent got all the same, unknowing';

-- migrate:down

DROP TABLE call_verdicts;
DELETE FROM call_transitions WHERE event IN ('heard', 'unsure', 'audit', 'voicemail', 'greeting_over', 'left')
    OR from_state IN ('voicemail', 'leaving') OR (from_state, event) IN (('waiting', 'machine'), ('connected', 'machine'));
ALTER TABLE attempts DROP CONSTRAINT attempts_state_check;
-- Calls in the new states cannot be told in the old words: stop the engine first.
ALTER TABLE attempts ADD CONSTRAINT attempts_state_check
    CHECK (state IN ('dialing', 'ringing', 'screening', 'waiting', 'connected', 'ended'));
