-- migrate:up

-- One line has several spellings (portfolio.contact_rules.lines says the same): what a rule says of a telephone it says of
-- the line. Numbers stay as they were written; the line is computed, so that nothing is lost on the way back.
CREATE FUNCTION line_of(number text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN number LIKE '+549%' AND length(number) = 14 THEN '+54' || substr(number, 5)
        WHEN number LIKE '+521%' AND length(number) = 14 THEN '+52' || substr(number, 5)
        WHEN number LIKE '+55%' AND length(number) = 13 AND substr(number, 6, 1) IN ('6', '7', '8', '9')
            THEN left(number, 5) || '9' || substr(number, 6)
        ELSE number
    END
$$;
COMMENT ON FUNCTION line_of IS 'the identity of the line behind a number in E.164, however it is spelled';

CREATE INDEX phones_line ON phones (line_of(number));
DROP INDEX phones_number;
CREATE INDEX contacts_line ON contacts (line_of(number), at DESC);
DROP INDEX contacts_number;
CREATE INDEX do_not_call_line ON do_not_call (line_of(number));
CREATE INDEX suppressed_numbers_line ON suppressed_numbers (line_of(number));

CREATE OR REPLACE FUNCTION is_suppressed(asked text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM do_not_call d WHERE line_of(d.number) = line_of(asked))
        OR EXISTS (SELECT 1 FROM suppressed_numbers s
                   WHERE line_of(s.number) = line_of(asked) AND at >= s.starts_at AND at < s.ends_at)
$$;

-- One line, one call: whoever places it, for whomever, in whichever campaign.
ALTER TABLE attempts ADD COLUMN line text;
COMMENT ON COLUMN attempts.line IS 'the line that is rung, or that calls; null = withheld, or ended before lines were known';
-- A crash may have left two open on one line: the engine closes both, the first keeps the line until then.
UPDATE attempts SET line = line_of(number)
WHERE id IN (SELECT DISTINCT ON (direction, line_of(number)) id FROM attempts
             WHERE ended_at IS NULL AND number <> '' ORDER BY direction, line_of(number), placed_at, id);
CREATE FUNCTION attempt_has_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.line := nullif(line_of(NEW.number), '');
    RETURN NEW;
END $$;
CREATE TRIGGER attempts_line BEFORE INSERT ON attempts FOR EACH ROW EXECUTE FUNCTION attempt_has_line();
-- Somebody may call in while we ring them: then our call is the one that ends.
CREATE UNIQUE INDEX attempts_one_open_per_line ON attempts (line) WHERE ended_at IS NULL AND direction = 'outbound';
CREATE INDEX attempts_open_of_line ON attempts (line) WHERE ended_at IS NULL;

-- An index over an expression has no statistics of its own: without them the whole ledger is read for each person.
ANALYZE phones, contacts, do_not_call, suppressed_numbers;

-- migrate:down

DROP INDEX attempts_open_of_line, attempts_one_open_per_line;
DROP TRIGGER attempts_line ON attempts;
DROP FUNCTION attempt_has_line;
ALTER TABLE attempts DROP COLUMN line;
CREATE OR REPLACE FUNCTION is_suppressed(asked text, at timestamptz) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM do_not_call d WHERE d.number = asked)
        OR EXISTS (SELECT 1 FROM suppressed_numbers s
                   WHERE s.number = asked AND at >= s.starts_at AND at < s.ends_at)
$$;
DROP INDEX suppressed_numbers_line, do_not_call_line, contacts_line, phones_line;
CREATE INDEX contacts_number ON contacts (number, at DESC);
CREATE INDEX phones_number ON phones (number);
DROP FUNCTION line_of;
