-- migrate:up

-- Calls that come in are attempts, too: the person's, not ours ---------------------------------------------------
ALTER TABLE attempts ADD COLUMN direction text NOT NULL DEFAULT 'outbound' CHECK (direction IN ('outbound', 'inbound'));
ALTER TABLE attempts ALTER COLUMN phone_id DROP NOT NULL;
COMMENT ON COLUMN attempts.direction IS 'inbound = the person called us; counts as no attempt of ours anywhere';
COMMENT ON COLUMN attempts.phone_id IS 'null when who called in withheld the number';

-- Somebody may call in while we ring them: then our call is the one that ends.
DROP INDEX attempts_one_open_per_person;
CREATE UNIQUE INDEX attempts_one_open_per_person ON attempts (person_id) WHERE ended_at IS NULL AND direction = 'outbound';
-- Claiming asks lead by lead whether the person is on the line already, in whichever direction.
CREATE INDEX attempts_open_of_person ON attempts (person_id) WHERE ended_at IS NULL;

INSERT INTO call_transitions (from_state, event, to_state) VALUES ('waiting', 'callback_taken', 'ended');

-- Who would rather be called back than wait on keeps the place in the queue.
ALTER TABLE callbacks ADD COLUMN place_since timestamptz;
COMMENT ON COLUMN callbacks.place_since IS 'since when the person has waited who called in and keeps that place; null = another callback';

CREATE OR REPLACE FUNCTION attempt_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event NOT IN ('placed', 'arrived') AND NOT EXISTS (
        SELECT 1 FROM call_transitions t
        WHERE t.from_state = NEW.from_state AND t.event = NEW.event AND t.to_state = NEW.to_state
    ) THEN
        RAISE EXCEPTION 'attempt %: illegal event % from % to %', NEW.attempt_id, NEW.event, NEW.from_state, NEW.to_state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;

-- migrate:down

DO $$
BEGIN
    IF EXISTS (SELECT 1 FROM attempts WHERE direction = 'inbound') THEN
        RAISE EXCEPTION 'calls that came in cannot be told apart without this migration';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION attempt_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event <> 'placed' AND NOT EXISTS (
        SELECT 1 FROM call_transitions t
        WHERE t.from_state = NEW.from_state AND t.event = NEW.event AND t.to_state = NEW.to_state
    ) THEN
        RAISE EXCEPTION 'attempt %: illegal event % from % to %', NEW.attempt_id, NEW.event, NEW.from_state, NEW.to_state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
ALTER TABLE callbacks DROP COLUMN place_since;
DELETE FROM call_transitions WHERE event = 'callback_taken';
DROP INDEX attempts_open_of_person;
DROP INDEX attempts_one_open_per_person;
CREATE UNIQUE INDEX attempts_one_open_per_person ON attempts (person_id) WHERE ended_at IS NULL;
ALTER TABLE attempts ALTER COLUMN phone_id SET NOT NULL;
ALTER TABLE attempts DROP COLUMN direction;
