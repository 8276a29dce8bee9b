-- migrate:up

-- What a person agreed to and asked for; who needs care -----------------------------------------------------------
ALTER TABLE persons
    ADD COLUMN granted   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN refused   text[] NOT NULL DEFAULT '{}',
    ADD COLUMN preferred jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN persons.granted IS 'channels with consent on record; the newest line of person_consents for each';
COMMENT ON COLUMN persons.refused IS 'channels the person does not want';
COMMENT ON COLUMN persons.preferred IS '[[start, end], ...] in minutes of the local day; empty = no wish';

CREATE TABLE person_consents (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES persons ON DELETE CASCADE,
    channel   text NOT NULL CHECK (channel IN ('voice', 'sms', 'whatsapp', 'email')),
    state     text NOT NULL CHECK (state IN ('granted', 'refused', 'withdrawn')),
    source    text NOT NULL DEFAULT '',
    at        timestamptz NOT NULL,
    actor_id  bigint REFERENCES users
);
CREATE INDEX person_consents_person ON person_consents (person_id, at DESC);
CREATE TRIGGER person_consents_append_only BEFORE UPDATE ON person_consents FOR EACH ROW EXECUTE FUNCTION append_only();

ALTER TABLE debts
    ADD COLUMN stage  text NOT NULL DEFAULT '' CHECK (stage IN ('', 'remind', 'request', 'insist', 'escalate')),
    ADD COLUMN status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paid'));
CREATE INDEX debts_reference ON debts (reference);

-- Numbers nobody calls, each list with its own dates; do_not_call stays the list without an end.
CREATE TABLE suppression_lists (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name       text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    source     text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE suppressed_numbers (
    number    text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    list_id   bigint NOT NULL REFERENCES suppression_lists ON DELETE CASCADE,
    starts_at timestamptz NOT NULL DEFAULT '-infinity',
    ends_at   timestamptz NOT NULL DEFAULT 'infinity',
    PRIMARY KEY (number, list_id),
    CHECK (starts_at < ends_at)
);
CREATE INDEX suppressed_numbers_list ON suppressed_numbers (list_id);

CREATE FUNCTION is_suppressed(asked text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM do_not_call d WHERE d.number = asked)
        OR EXISTS (SELECT 1 FROM suppressed_numbers s
                   WHERE s.number = asked AND at >= s.starts_at AND at < s.ends_at)
$$;

-- The numbers the firm may show, and where they are registered.
CREATE TABLE caller_ids (
    number     text PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    label      text NOT NULL DEFAULT '',
    registry   text NOT NULL DEFAULT '',
    starts_on  date NOT NULL DEFAULT '-infinity',
    ends_on    date NOT NULL DEFAULT 'infinity',
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK (starts_on <= ends_on)
);
COMMENT ON COLUMN caller_ids.registry IS 'where it is registered (REDECO, Anatel …), and under which reference';

-- Rule packs that this firm wrote; those of the product come with it.
CREATE TABLE rule_packs (
    name         text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9-]{1,40}$'),
    version      int NOT NULL CHECK (version >= 1),
    body         text NOT NULL CHECK (length(body) <= 256000),
    author_id    bigint REFERENCES users,
    published_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (name, version)
);
CREATE TRIGGER rule_packs_append_only BEFORE UPDATE OR DELETE ON rule_packs FOR EACH ROW EXECUTE FUNCTION append_only();

-- Contacts say which debts they were about ------------------------------------------------------------------------
ALTER TABLE contacts ADD COLUMN debt_ids bigint[];
COMMENT ON COLUMN contacts.debt_ids IS 'null = not known: counts for each debt of the person';

-- Lists at work ---------------------------------------------------------------------------------------------------
ALTER TABLE lists
    ADD COLUMN status              text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'paused')),
    ADD COLUMN priority            smallint NOT NULL DEFAULT 0,
    ADD COLUMN weight              smallint NOT NULL DEFAULT 1 CHECK (weight BETWEEN 1 AND 100),
    ADD COLUMN order_by            text NOT NULL DEFAULT 'due'
               CHECK (order_by IN ('due', 'newest', 'oldest', 'random', 'balance', 'days_past_due')),
    ADD COLUMN fresh_share         real CHECK (fresh_share BETWEEN 0 AND 1),
    ADD COLUMN daily_attempts      int CHECK (daily_attempts >= 0),
    ADD COLUMN daily_conversations int CHECK (daily_conversations >= 0);
COMMENT ON COLUMN lists.priority IS 'lists of a higher priority are called first; equals share by weight';
COMMENT ON COLUMN lists.fresh_share IS 'share of leads never called among those that are claimed; null = as they come';

-- What a list has had on a day, in the zone of its campaign.
CREATE TABLE list_days (
    list_id       bigint NOT NULL REFERENCES lists ON DELETE CASCADE,
    day           date NOT NULL,
    attempts      int NOT NULL DEFAULT 0,
    conversations int NOT NULL DEFAULT 0,
    PRIMARY KEY (list_id, day)
);

ALTER TABLE leads
    ADD COLUMN urgent  boolean NOT NULL DEFAULT false,
    ADD COLUMN sort    bigint NOT NULL DEFAULT 0,
    ADD COLUMN resting boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN leads.urgent IS 'a callback was agreed: it comes before everything else in its list';
COMMENT ON COLUMN leads.sort IS 'ascending, from lists.order_by';
COMMENT ON COLUMN leads.resting IS 'next_at lies ahead: kept out of the indexes that leads are claimed by';
UPDATE leads SET resting = true WHERE status = 'open' AND next_at > now();

CREATE FUNCTION leads_rest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.resting := NEW.next_at > now();
    RETURN NEW;
END $$;
CREATE TRIGGER leads_rest BEFORE UPDATE OF next_at ON leads
    FOR EACH ROW WHEN (NEW.next_at IS DISTINCT FROM OLD.next_at) EXECUTE FUNCTION leads_rest();

-- Claims read the first entries of this, however many leads there are. Fresh leads and others stand apart, so that
-- they can be mixed by a share.
DROP INDEX leads_hopper;
CREATE INDEX leads_hopper ON leads (list_id, (attempts > 0), urgent DESC, priority DESC, sort, next_at, id)
    WHERE status = 'open' AND NOT resting;
CREATE INDEX leads_held ON leads (campaign_id, held_by) WHERE held_by <> '';
CREATE INDEX leads_resting ON leads (campaign_id, next_at) WHERE status = 'open' AND resting;

CREATE TABLE callbacks (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lead_id     bigint NOT NULL REFERENCES leads ON DELETE CASCADE,
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    person_id   bigint NOT NULL REFERENCES persons ON DELETE CASCADE,
    attempt_id  uuid REFERENCES attempts,
    agent_id    bigint REFERENCES agents ON DELETE SET NULL,
    at          timestamptz NOT NULL,
    open_at     timestamptz NOT NULL,
    status      text NOT NULL DEFAULT 'scheduled' CHECK (status IN ('scheduled', 'called', 'withdrawn')),
    made_at     timestamptz NOT NULL,
    done_at     timestamptz,
    CHECK ((status = 'scheduled') = (done_at IS NULL))
);
CREATE UNIQUE INDEX callbacks_one_per_lead ON callbacks (lead_id) WHERE status = 'scheduled';
CREATE INDEX callbacks_due ON callbacks (agent_id, at) WHERE status = 'scheduled';
CREATE INDEX callbacks_campaign ON callbacks (campaign_id, at);
CREATE INDEX callbacks_person ON callbacks (person_id) WHERE status = 'scheduled';
COMMENT ON COLUMN callbacks.agent_id IS 'whose callback it is; null = anyone''s';
COMMENT ON COLUMN callbacks.open_at IS 'from when on anybody may call, should the agent not have';

-- Somebody who needs care leaves every list of the dialer at once, and waits for a trained agent instead.
CREATE FUNCTION enlist_for_care(person bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    target bigint;
    shelf  bigint;
BEGIN
    SELECT id INTO target FROM campaigns WHERE coalesce((settings ->> 'care')::boolean, false) ORDER BY id LIMIT 1;
    UPDATE leads SET status = 'withdrawn', held_by = 'care'
    WHERE person_id = person AND status = 'open'
      AND campaign_id NOT IN (SELECT id FROM campaigns WHERE coalesce((settings ->> 'care')::boolean, false));
    UPDATE callbacks SET status = 'withdrawn', done_at = now()
    WHERE person_id = person AND status = 'scheduled' AND campaign_id IS DISTINCT FROM target;
    IF target IS NULL OR EXISTS (SELECT 1 FROM persons WHERE id = person AND stopped_at IS NOT NULL) THEN
        RETURN;
    END IF;
    INSERT INTO lists (campaign_id, name) VALUES (target, 'care')
    ON CONFLICT (campaign_id, name) DO UPDATE SET name = EXCLUDED.name RETURNING id INTO shelf;
    INSERT INTO leads (list_id, campaign_id, person_id) VALUES (shelf, target, person)
    ON CONFLICT (list_id, person_id) DO UPDATE SET status = 'open', held_by = ''
    WHERE leads.status IN ('done', 'withdrawn');
END $$;
CREATE FUNCTION care_for() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enlist_for_care(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER persons_care AFTER UPDATE OF flags ON persons FOR EACH ROW
    WHEN (NEW.flags && '{vulnerable,dispute}' AND NOT OLD.flags && '{vulnerable,dispute}')
    EXECUTE FUNCTION care_for();

-- An agent verified who the person is: only then are debts shown.
ALTER TABLE recording_marks DROP CONSTRAINT recording_marks_kind_check;
ALTER TABLE recording_marks ADD CONSTRAINT recording_marks_kind_check
    CHECK (kind IN ('paused', 'resumed', 'verified'));

INSERT INTO call_transitions (from_state, event, to_state) VALUES ('connected', 'transferred', 'waiting');

ALTER TABLE call_dispositions ADD COLUMN callback_mine boolean NOT NULL DEFAULT false;

-- What an agent says of a call may flag the person.
ALTER TABLE dispositions ADD COLUMN flag text NOT NULL DEFAULT ''
    CHECK (flag IN ('', 'vulnerable', 'dispute', 'deceased', 'lawyer', 'minor'));
UPDATE dispositions SET flag = 'dispute', effect = '' WHERE code = 'dispute';
UPDATE dispositions SET flag = 'deceased' WHERE code = 'deceased';
INSERT INTO dispositions (code, label_es, label_en, kind, flag, position) VALUES
    ('vulnerable', 'Situación vulnerable', 'Vulnerable', 'right_party', 'vulnerable', 13);

-- Payments as the creditor tells them: each event once, whatever becomes of the answer ------------------------------
CREATE TABLE payment_events (
    id           text PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 200),
    body_hash    bytea NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('payment.received', 'payment.reversed')),
    person_id    bigint NOT NULL REFERENCES persons,
    debt_id      bigint REFERENCES debts ON DELETE SET NULL,
    amount_minor bigint NOT NULL CHECK (amount_minor > 0),
    currency     text NOT NULL,
    settled      boolean NOT NULL,
    received_at  timestamptz NOT NULL
);
CREATE INDEX payment_events_person ON payment_events (person_id, received_at DESC);
CREATE TRIGGER payment_events_append_only BEFORE DELETE ON payment_events FOR EACH ROW EXECUTE FUNCTION append_only();

-- Imports: how columns are mapped, and what came of each file -------------------------------------------------------
CREATE TABLE import_templates (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
    columns        jsonb NOT NULL,
    default_region text NOT NULL DEFAULT 'ES' CHECK (default_region ~ '^[A-Z]{2}$'),
    dedupe         text NOT NULL DEFAULT 'list' CHECK (dedupe IN ('list', 'campaign', 'system')),
    author_id      bigint REFERENCES users,
    at             timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN import_templates.columns IS '{header of the file: our name}; an empty name = not used';

CREATE TABLE imports (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list_id     bigint NOT NULL REFERENCES lists ON DELETE CASCADE,
    file_name   text NOT NULL DEFAULT '',
    sha256      text NOT NULL,
    summary     jsonb NOT NULL,
    actor_id    bigint REFERENCES users,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX imports_list ON imports (list_id, at DESC);

-- migrate:down

DROP TABLE imports, import_templates, payment_events;
DELETE FROM call_transitions WHERE event = 'transferred';
DELETE FROM recording_marks WHERE kind = 'verified';
ALTER TABLE recording_marks DROP CONSTRAINT recording_marks_kind_check;
ALTER TABLE recording_marks ADD CONSTRAINT recording_marks_kind_check CHECK (kind IN ('paused', 'resumed'));
DELETE FROM call_dispositions WHERE code = 'vulnerable';
DELETE FROM dispositions WHERE code = 'vulnerable';
UPDATE dispositions SET effect = 'stop' WHERE code = 'dispute';
ALTER TABLE dispositions DROP COLUMN flag;
ALTER TABLE call_dispositions DROP COLUMN callback_mine;
DROP TRIGGER persons_care ON persons;
DROP FUNCTION care_for, enlist_for_care;
DROP TABLE callbacks;
DROP INDEX leads_hopper, leads_resting, leads_held;
DROP TRIGGER leads_rest ON leads;
DROP FUNCTION leads_rest;
ALTER TABLE leads DROP COLUMN urgent, DROP COLUMN sort, DROP COLUMN resting;
CREATE INDEX leads_hopper ON leads (campaign_id, priority DESC, next_at, id) WHERE status = 'open';
DROP TABLE list_days;
ALTER TABLE lists DROP COLUMN status, DROP COLUMN priority, DROP COLUMN weight, DROP COLUMN order_by,
    DROP COLUMN fresh_share, DROP COLUMN daily_attempts, DROP COLUMN daily_conversations;
ALTER TABLE contacts DROP COLUMN debt_ids;
DROP TABLE rule_packs, caller_ids;
DROP FUNCTION is_suppressed;
DROP TABLE suppressed_numbers, suppression_lists;
DROP INDEX debts_reference;
ALTER TABLE debts DROP COLUMN stage, DROP COLUMN status;
DROP TABLE person_consents;
ALTER TABLE persons DROP COLUMN granted, DROP COLUMN refused, DROP COLUMN preferred;
