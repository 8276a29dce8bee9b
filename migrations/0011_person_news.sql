-- migrate:up

-- What was learnt of a person is counted with the row itself, in the same transaction, under its lock: whatever writes
-- it, and whoever dies before the engine is told, the engine sees it on the calls that were reserved before.
ALTER TABLE persons ADD COLUMN news bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN persons.news IS 'grows with every stop, flag, refusal and payment';
ALTER TABLE attempts ADD COLUMN news bigint;
COMMENT ON COLUMN attempts.news IS 'what persons.news was when the attempt was reserved, under the lock of the person';

CREATE FUNCTION person_has_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.news := OLD.news + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER persons_news BEFORE UPDATE ON persons FOR EACH ROW
WHEN (OLD.flags IS DISTINCT FROM NEW.flags OR OLD.stopped_at IS DISTINCT FROM NEW.stopped_at
      OR OLD.refused IS DISTINCT FROM NEW.refused)
EXECUTE FUNCTION person_has_news();

CREATE FUNCTION payment_is_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE persons SET news = news + 1 WHERE id = NEW.person_id;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_events_news AFTER INSERT ON payment_events FOR EACH ROW EXECUTE FUNCTION payment_is_news();

CREATE FUNCTION attempt_knows_news() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.news := (SELECT news FROM persons WHERE id = NEW.person_id);
    RETURN NEW;
END $$;
CREATE TRIGGER attempts_news BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION attempt_knows_news();

-- migrate:down

DROP TRIGGER attempts_news ON attempts;
DROP FUNCTION attempt_knows_news;
DROP TRIGGER payment_events_news ON payment_events;
DROP FUNCTION payment_is_news;
DROP TRIGGER persons_news ON persons;
DROP FUNCTION person_has_news;
ALTER TABLE attempts DROP COLUMN news;
ALTER TABLE persons DROP COLUMN news;
