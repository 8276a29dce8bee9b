-- migrate:up

-- A verdict of the contact gate is worth as much as the rules that gave it. How often these have changed is counted, and
-- counted by rows, not by a number that is read and raised: whatever commits after a count was read makes it grow.
CREATE TABLE rule_changes (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint REFERENCES campaigns ON DELETE CASCADE,
    what        text NOT NULL CHECK (what IN ('rules', 'suppression')),
    digest      text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL DEFAULT now(),
    xact        xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE UNIQUE INDEX rule_changes_once ON rule_changes (at, xact, coalesce(campaign_id, 0), what);
CREATE INDEX rule_changes_campaign ON rule_changes (campaign_id, id);
COMMENT ON TABLE rule_changes IS 'whenever what the contact gate judges by became other than it was: who was refused before is asked again; never pruned, the count of rows is what counts: about 10 rows a day and campaign and one for each change of suppressed numbers, some 4 000 of 100 bytes a year and campaign';
COMMENT ON COLUMN rule_changes.campaign_id IS 'null = every campaign';
COMMENT ON COLUMN rule_changes.digest IS 'of pack, hours and settings as the engine has them from then on';

ALTER TABLE leads
    ADD COLUMN held_rules bigint,
    ADD COLUMN held_at    timestamptz;
COMMENT ON COLUMN leads.held_rules IS
    'changes of the rules that the gate knew when it refused; -1 = asked again at the next claim; null = no rule holds the lead';
COMMENT ON COLUMN leads.held_at IS 'when the gate refused';
CREATE INDEX leads_held_rules ON leads (campaign_id, held_rules) WHERE status = 'open' AND held_rules IS NOT NULL;
CREATE INDEX leads_withdrawn_rules ON leads (campaign_id, held_rules) WHERE status = 'withdrawn' AND held_rules IS NOT NULL;
-- Nobody knows by which rules these were refused. A retry has no rule, nor has who is done.
UPDATE leads SET held_rules = -1
WHERE status = 'open' AND held_by NOT IN ('', 'preview', 'partly_paid') AND next_at > now()
   OR status = 'withdrawn' AND held_by NOT IN ('', 'stop', 'care', 'paid');
-- Whom a stop or care withdrew: also those whom a file brought when they had said stop already.
UPDATE leads l SET held_by = CASE l.held_by WHEN '' THEN 'stop' ELSE l.held_by END, held_rules = 9223372036854775807
FROM persons p
WHERE p.id = l.person_id AND l.status = 'withdrawn'
  AND (l.held_by IN ('stop', 'care') OR l.held_by = '' AND p.stopped_at IS NOT NULL);

-- Whoever plans a lead anew (a retry, a callback, a hold for an agent, a payment) takes it out of the gate's hands.
CREATE FUNCTION lead_is_planned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.held_rules := NULL;
    IF NEW.status = 'withdrawn' AND NEW.held_by IN ('stop', 'care') THEN
        -- Only a change of the person brings them back: to the retry that was planned; a rule's date was no plan.
        NEW.held_rules := 9223372036854775807;
        IF OLD.status = 'open' AND OLD.held_rules IS NOT NULL THEN
            NEW.next_at := '-infinity';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER leads_planned BEFORE UPDATE OF next_at, held_by, status ON leads FOR EACH ROW
WHEN (NEW.held_at IS NOT DISTINCT FROM OLD.held_at AND NEW.held_rules IS NOT DISTINCT FROM OLD.held_rules
      AND (NEW.next_at IS DISTINCT FROM OLD.next_at OR NEW.held_by IS DISTINCT FROM OLD.held_by
           OR NEW.status IS DISTINCT FROM OLD.status))
EXECUTE FUNCTION lead_is_planned();

ALTER TABLE persons ADD COLUMN unstopped_at timestamptz;
COMMENT ON COLUMN persons.unstopped_at IS 'when a stop was lifted last: what the ledger says of it before holds no more';
CREATE FUNCTION person_is_unstopped() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.unstopped_at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER persons_unstopped BEFORE UPDATE OF stopped_at ON persons FOR EACH ROW
WHEN (OLD.stopped_at IS NOT NULL AND NEW.stopped_at IS NULL) EXECUTE FUNCTION person_is_unstopped();

-- The person's row first, as a claim has it that judges by what was before: then its verdict stands, and is asked again.
-- Whoever changes numbers takes their persons before them.
CREATE FUNCTION ask_again_for(person bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM persons WHERE id = person FOR NO KEY UPDATE;
    UPDATE leads SET held_rules = -1 WHERE person_id = person AND held_rules IS NOT NULL;
END $$;
-- Whether somebody whom the gate, a stop or care withdrew may be asked about again. Volatile, for what is true once the
-- lead is locked: what the statement saw when it began may have changed before.
CREATE FUNCTION may_come_back(person bigint, care boolean, at timestamptz) RETURNS boolean LANGUAGE sql VOLATILE AS $$
    SELECT EXISTS (
        SELECT 1 FROM persons p JOIN phones f ON f.person_id = p.id
        WHERE p.id = person AND p.stopped_at IS NULL AND NOT p.flags && '{deceased,lawyer,minor,paid}'
          AND (care OR NOT p.flags && '{vulnerable,dispute}')
          AND f.status NOT IN ('dead', 'wrong_party')
          AND (NOT is_suppressed(f.number, at) OR suppressed_until(f.number, at) IS NOT NULL))
$$;
CREATE FUNCTION person_is_other() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_again_for(NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER persons_other AFTER UPDATE ON persons FOR EACH ROW
WHEN ((OLD.zone, OLD.country, OLD.region, OLD.flags, OLD.granted, OLD.refused, OLD.preferred, OLD.language)
          IS DISTINCT FROM (NEW.zone, NEW.country, NEW.region, NEW.flags, NEW.granted, NEW.refused, NEW.preferred, NEW.language)
      OR OLD.stopped_at IS NOT NULL AND NEW.stopped_at IS NULL)
EXECUTE FUNCTION person_is_other();

-- A number that is alive again, that need not rest, or of which more is known. (That it dies or rests wakes nobody.)
CREATE FUNCTION phone_is_other() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM ask_again_for(NEW.person_id);
    RETURN NULL;
END $$;
CREATE TRIGGER phones_other AFTER UPDATE ON phones FOR EACH ROW
WHEN (OLD.status IN ('dead', 'wrong_party') AND NEW.status NOT IN ('dead', 'wrong_party')
      OR (OLD.number, OLD.zones) IS DISTINCT FROM (NEW.number, NEW.zones)
      OR coalesce(NEW.rests_until, '-infinity') < coalesce(OLD.rests_until, '-infinity'))
EXECUTE FUNCTION phone_is_other();

-- Who ended, or was withdrawn, for want of a number, and has one again; not who said stop, nor where the campaign's tries
-- are used up. Returns how many leads.
CREATE FUNCTION reopen_for_number(person bigint, at timestamptz) RETURNS int LANGUAGE sql AS $$
    WITH reopened AS (
        UPDATE leads l SET status = 'open', held_by = '', next_at = least(l.next_at, at)
        FROM persons p
        WHERE p.id = person AND l.person_id = p.id AND p.stopped_at IS NULL
          AND (l.status = 'withdrawn' AND l.held_by IN ('dead_number', 'no_number')
               OR l.status = 'done' AND l.held_by <> 'attempts' AND EXISTS (
                   SELECT 1 FROM (SELECT id, outcome FROM attempts a WHERE a.lead_id = l.id
                                  ORDER BY placed_at DESC, id DESC LIMIT 1) AS last
                   WHERE last.outcome IN ('unallocated', 'number_changed', 'fax', 'unwanted')
                      OR EXISTS (SELECT 1 FROM call_dispositions c JOIN dispositions d USING (code)
                                 WHERE c.attempt_id = last.id AND d.effect = 'wrong_party')))
        RETURNING l.id
    )
    SELECT count(*)::int FROM reopened
$$;

-- Numbers that a person did not have: those of whole files come at once, mostly of people who are on no list yet.
CREATE FUNCTION phones_are_new() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
BEGIN
    FOR one IN SELECT DISTINCT a.person_id FROM added a
               WHERE EXISTS (SELECT 1 FROM leads l WHERE l.person_id = a.person_id) ORDER BY 1 LOOP
        PERFORM ask_again_for(one);
        PERFORM reopen_for_number(one, now());
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER phones_new AFTER INSERT ON phones
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION phones_are_new();

-- Numbers that may be called again: one row for each transaction, however many there are; none where nothing left.
CREATE FUNCTION numbers_are_free() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM was) THEN
        INSERT INTO rule_changes (what) VALUES ('suppression') ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER suppressed_numbers_free AFTER DELETE ON suppressed_numbers
    REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION numbers_are_free();
CREATE TRIGGER do_not_call_free AFTER DELETE ON do_not_call
    REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION numbers_are_free();
CREATE FUNCTION numbers_are_free_earlier() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM was JOIN is_now USING (number, list_id)
               WHERE is_now.ends_at < was.ends_at OR is_now.starts_at > was.starts_at) THEN
        INSERT INTO rule_changes (what) VALUES ('suppression') ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER suppressed_numbers_free_earlier AFTER UPDATE ON suppressed_numbers
    REFERENCING OLD TABLE AS was NEW TABLE AS is_now FOR EACH STATEMENT EXECUTE FUNCTION numbers_are_free_earlier();

-- migrate:down

DROP TRIGGER suppressed_numbers_free_earlier ON suppressed_numbers;
DROP TRIGGER do_not_call_free ON do_not_call;
DROP TRIGGER suppressed_numbers_free ON suppressed_numbers;
DROP FUNCTION numbers_are_free_earlier, numbers_are_free;
DROP TRIGGER phones_new ON phones;
DROP FUNCTION phones_are_new, reopen_for_number;
DROP TRIGGER phones_other ON phones;
DROP TRIGGER persons_other ON persons;
DROP FUNCTION phone_is_other, person_is_other, ask_again_for, may_come_back;
DROP TRIGGER persons_unstopped ON persons;
DROP FUNCTION person_is_unstopped;
ALTER TABLE persons DROP COLUMN unstopped_at;
DROP TRIGGER leads_planned ON leads;
DROP FUNCTION lead_is_planned;
DROP INDEX leads_held_rules, leads_withdrawn_rules;
ALTER TABLE leads DROP COLUMN held_rules, DROP COLUMN held_at;
DROP TABLE rule_changes;
