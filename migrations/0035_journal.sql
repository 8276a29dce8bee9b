-- migrate:up

-- What one floor committed, for every other floor, in the transaction that committed it: nothing is told by best effort.
-- A ring of eight days: the slot of a day is emptied when its rows are old and every follower has passed them. So nothing
-- is ever created, attached or dropped under those who write.
CREATE SEQUENCE journal_ids;
CREATE TABLE journal (
    slot        smallint NOT NULL DEFAULT (floor(extract(epoch FROM clock_timestamp()) / 86400)::bigint % 8)::smallint,
    id          bigint NOT NULL DEFAULT nextval('journal_ids'),
    txid        xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind        text NOT NULL,
    version     smallint NOT NULL DEFAULT 1,
    person_id   bigint,
    campaign_id bigint,
    data        jsonb NOT NULL DEFAULT '{}'
) PARTITION BY LIST (slot);
COMMENT ON TABLE journal IS 'facts of all domains: kind, version, keys and what followers need; the tables of the domains stay the truth';
COMMENT ON COLUMN journal.id IS 'order within a transaction; between transactions it tells nothing: an early id may be committed late';
COMMENT ON COLUMN journal.txid IS 'its transaction: a follower reads what a snapshot sees and its last one did not';
CREATE TABLE journal_0 PARTITION OF journal FOR VALUES IN (0);
CREATE TABLE journal_1 PARTITION OF journal FOR VALUES IN (1);
CREATE TABLE journal_2 PARTITION OF journal FOR VALUES IN (2);
CREATE TABLE journal_3 PARTITION OF journal FOR VALUES IN (3);
CREATE TABLE journal_4 PARTITION OF journal FOR VALUES IN (4);
CREATE TABLE journal_5 PARTITION OF journal FOR VALUES IN (5);
CREATE TABLE journal_6 PARTITION OF journal FOR VALUES IN (6);
CREATE TABLE journal_7 PARTITION OF journal FOR VALUES IN (7);
CREATE INDEX journal_order ON journal (txid, id);

-- Who follows, and how far: everything that `done` sees, and of what `upto` sees beyond it all up to `after`.
CREATE TABLE journal_cursors (
    follower   text PRIMARY KEY,
    kinds      text[] NOT NULL,
    done       pg_snapshot NOT NULL DEFAULT pg_current_snapshot(),
    upto       pg_snapshot,
    after_txid xid8,
    after_id   bigint,
    followed   bigint NOT NULL DEFAULT 0,
    moved_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    CHECK ((upto IS NULL) = (after_txid IS NULL) AND (upto IS NULL) = (after_id IS NULL))
);
COMMENT ON COLUMN journal_cursors.followed IS 'facts followed since the beginning';

-- A fact that its follower could not follow: tried again, and after five times a person looks at it. It stops nobody.
CREATE TABLE journal_letters (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    follower    text NOT NULL,
    fact_id     bigint NOT NULL,
    at          timestamptz NOT NULL,
    kind        text NOT NULL,
    version     smallint NOT NULL,
    person_id   bigint,
    campaign_id bigint,
    data        jsonb NOT NULL,
    tries       int NOT NULL DEFAULT 1 CHECK (tries > 0),
    error       text NOT NULL,
    next_at     timestamptz NOT NULL,
    dead_at     timestamptz
);
CREATE INDEX journal_letters_due ON journal_letters (follower, next_at) WHERE dead_at IS NULL;
CREATE INDEX journal_letters_dead ON journal_letters (id) WHERE dead_at IS NOT NULL;

-- Work that is due at a time: one for each kind and key, done and moved in one transaction.
CREATE TABLE timers (
    kind    text NOT NULL,
    key     text NOT NULL,
    due_at  timestamptz NOT NULL,
    data    jsonb NOT NULL DEFAULT '{}',
    tries   int NOT NULL DEFAULT 0,
    error   text NOT NULL DEFAULT '',
    dead_at timestamptz,
    set_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (kind, key)
);
CREATE INDEX timers_due ON timers (due_at) WHERE dead_at IS NULL;
CREATE INDEX timers_dead ON timers (set_at) WHERE dead_at IS NOT NULL;

CREATE FUNCTION journal_append(
    said_kind text, said_version int, person bigint, campaign bigint, said jsonb, urgent boolean DEFAULT true)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal (kind, version, person_id, campaign_id, data)
    VALUES (said_kind, said_version, person, campaign, said);
    -- Who tells urgently waits, at the commit, for all others who do: what comes by the hundred is looked for instead.
    IF urgent THEN
        PERFORM pg_notify('cadencia_journal', '');
    END IF;
END $$;

-- Restored into a server that counts its transactions from lower down, old facts look as if they were yet to come: what
-- nobody had followed becomes letters of its followers, the facts with numbers of the other server go. Returns how many
-- letters; null = nothing was wrong. Each statement sees a later snapshot than the one before it, so the rows are read first:
-- whoever commits meanwhile has a number below the snapshot that they are compared with.
CREATE FUNCTION journal_restored() RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    newest xid8;
    followed xid8;
    here pg_snapshot;
    kept bigint;
BEGIN
    SELECT max(txid) INTO newest FROM journal;
    SELECT max(pg_snapshot_xmax(done)) INTO followed FROM journal_cursors;
    here := pg_current_snapshot();
    IF coalesce(newest < pg_snapshot_xmax(here), true) AND coalesce(followed <= pg_snapshot_xmax(here), true) THEN
        RETURN NULL;
    END IF;
    LOCK TABLE journal_cursors IN EXCLUSIVE MODE;
    -- Who appends waits for us, so that what is committed beside this is neither taken for old nor lost.
    LOCK TABLE journal IN SHARE ROW EXCLUSIVE MODE;
    here := pg_current_snapshot();
    INSERT INTO journal_letters (follower, fact_id, at, kind, version, person_id, campaign_id, data, error, next_at)
    SELECT c.follower, j.id, j.at, j.kind, j.version, j.person_id, j.campaign_id, j.data, 'restored', clock_timestamp()
    FROM journal j JOIN journal_cursors c ON j.kind = ANY (c.kinds)
    WHERE NOT pg_visible_in_snapshot(j.txid, c.done)
      AND (c.upto IS NULL OR NOT pg_visible_in_snapshot(j.txid, c.upto) OR (j.txid, j.id) > (c.after_txid, c.after_id))
    ORDER BY j.txid, j.id;
    GET DIAGNOSTICS kept = ROW_COUNT;
    DELETE FROM journal WHERE txid >= pg_snapshot_xmax(here);
    UPDATE journal_cursors SET done = here, upto = NULL, after_txid = NULL, after_id = NULL, moved_at = clock_timestamp();
    RETURN kept;
END $$;

-- A consent that is taken back is news as a refusal is.
DROP TRIGGER persons_news ON persons;
CREATE TRIGGER persons_news BEFORE UPDATE ON persons FOR EACH ROW
WHEN (OLD.flags IS DISTINCT FROM NEW.flags OR OLD.stopped_at IS DISTINCT FROM NEW.stopped_at
      OR OLD.refused IS DISTINCT FROM NEW.refused OR NOT OLD.granted <@ NEW.granted)
EXECUTE FUNCTION person_has_news();

-- Whoever writes them, by whatever way: the fact is in the journal, or the change is not in the database.
CREATE FUNCTION tell_of_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM journal_append('person.changed', 1, NEW.id, NULL, jsonb_build_object('news', NEW.news, 'what', CASE
        WHEN NEW.stopped_at IS DISTINCT FROM OLD.stopped_at THEN 'stop'
        WHEN NEW.flags IS DISTINCT FROM OLD.flags THEN 'flag'
        WHEN NEW.refused IS DISTINCT FROM OLD.refused OR NOT OLD.granted <@ NEW.granted THEN 'refusal'
        ELSE 'payment' END));
    RETURN NULL;
END $$;
CREATE TRIGGER persons_tell AFTER UPDATE ON persons FOR EACH ROW WHEN (OLD.news IS DISTINCT FROM NEW.news)
EXECUTE FUNCTION tell_of_person();

CREATE FUNCTION tell_of_payment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM journal_append('payment.taken', 1, NEW.person_id, NULL, jsonb_build_object(
        'event', NEW.id, 'debt_id', NEW.debt_id, 'reversed', NEW.kind = 'payment.reversed', 'settled', NEW.settled));
    RETURN NULL;
END $$;
CREATE TRIGGER payment_events_tell AFTER INSERT ON payment_events FOR EACH ROW EXECUTE FUNCTION tell_of_payment();

CREATE FUNCTION tell_of_numbers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM journal_append('numbers.suppressed', 1, NULL, NULL, jsonb_build_object('freed', TG_OP = 'DELETE'));
    RETURN NULL;
END $$;
CREATE TRIGGER suppressed_numbers_tell AFTER INSERT OR UPDATE OR DELETE ON suppressed_numbers
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_numbers();

-- By the row: an engine's turn that adds none must not tell itself of it.
CREATE TRIGGER do_not_call_tell AFTER INSERT OR DELETE ON do_not_call FOR EACH ROW EXECUTE FUNCTION tell_of_numbers();

CREATE FUNCTION tell_of_campaign() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM journal_append('settings.changed', 1, NULL, NEW.id, '{"what": "campaigns"}');
    RETURN NULL;
END $$;
CREATE TRIGGER campaigns_tell AFTER INSERT OR UPDATE ON campaigns FOR EACH ROW EXECUTE FUNCTION tell_of_campaign();

CREATE FUNCTION tell_of_settings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM journal_append('settings.changed', 1, NULL, NULL, jsonb_build_object('what', TG_TABLE_NAME));
    RETURN NULL;
END $$;
CREATE TRIGGER campaign_agents_tell AFTER INSERT OR UPDATE OR DELETE ON campaign_agents
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER campaign_skills_tell AFTER INSERT OR UPDATE OR DELETE ON campaign_skills
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER agent_skills_tell AFTER INSERT OR UPDATE OR DELETE ON agent_skills
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER agents_tell AFTER INSERT OR UPDATE OR DELETE ON agents
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER users_tell AFTER INSERT OR UPDATE OF name, active, role OR DELETE ON users
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER trunks_tell AFTER INSERT OR UPDATE OR DELETE ON trunks
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER caller_ids_tell AFTER INSERT OR UPDATE OR DELETE ON caller_ids
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER rule_packs_tell AFTER INSERT ON rule_packs
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();
CREATE TRIGGER lists_tell AFTER UPDATE OF status, priority, weight, order_by, fresh_share, daily_attempts,
    daily_conversations OR DELETE ON lists
FOR EACH STATEMENT EXECUTE FUNCTION tell_of_settings();

CREATE FUNCTION tell_of_import() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM journal_append('settings.changed', 1, NULL, (SELECT campaign_id FROM lists WHERE id = NEW.list_id),
                           '{"what": "imports"}');
    RETURN NULL;
END $$;
CREATE TRIGGER imports_tell AFTER INSERT ON imports FOR EACH ROW EXECUTE FUNCTION tell_of_import();

CREATE FUNCTION tell_of_disposition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal (kind, person_id, campaign_id, data)
    SELECT 'call.disposed', a.person_id, a.campaign_id,
        jsonb_build_object('attempt_id', NEW.attempt_id, 'code', NEW.code, 'agent_id', NEW.agent_id)
    FROM attempts a WHERE a.id = NEW.attempt_id;
    RETURN NULL;
END $$;
CREATE TRIGGER call_dispositions_tell AFTER INSERT ON call_dispositions FOR EACH ROW EXECUTE FUNCTION tell_of_disposition();

CREATE FUNCTION tell_of_recording() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO journal (kind, data) VALUES ('recording.kept', jsonb_build_object(
        'attempt_id', NEW.attempt_id, 'recording_id', NEW.id, 'status', NEW.status));
    RETURN NULL;
END $$;
CREATE TRIGGER recordings_tell AFTER INSERT ON recordings FOR EACH ROW EXECUTE FUNCTION tell_of_recording();

-- migrate:down

DROP TRIGGER recordings_tell ON recordings;
DROP TRIGGER call_dispositions_tell ON call_dispositions;
DROP TRIGGER imports_tell ON imports;
DROP TRIGGER lists_tell ON lists;
DROP TRIGGER rule_packs_tell ON rule_packs;
DROP TRIGGER caller_ids_tell ON caller_ids;
DROP TRIGGER trunks_tell ON trunks;
DROP TRIGGER users_tell ON users;
DROP TRIGGER agents_tell ON agents;
DROP TRIGGER agent_skills_tell ON agent_skills;
DROP TRIGGER campaign_skills_tell ON campaign_skills;
DROP TRIGGER campaign_agents_tell ON campaign_agents;
DROP TRIGGER campaigns_tell ON campaigns;
DROP TRIGGER do_not_call_tell ON do_not_call;
DROP TRIGGER suppressed_numbers_tell ON suppressed_numbers;
DROP TRIGGER persons_news ON persons;
CREATE TRIGGER persons_news BEFORE UPDATE ON persons FOR EACH ROW
WHEN (OLD.flags IS DISTINCT FROM NEW.flags OR OLD.stopped_at IS DISTINCT FROM NEW.stopped_at
      OR OLD.refused IS DISTINCT FROM NEW.refused)
EXECUTE FUNCTION person_has_news();
DROP TRIGGER payment_events_tell ON payment_events;
DROP TRIGGER persons_tell ON persons;
DROP FUNCTION tell_of_recording, tell_of_disposition, tell_of_import, tell_of_settings, tell_of_campaign, tell_of_numbers, tell_of_payment,
    tell_of_person, journal_restored, journal_append;
DROP TABLE timers, journal_letters, journal_cursors, journal;
DROP SEQUENCE journal_ids;
