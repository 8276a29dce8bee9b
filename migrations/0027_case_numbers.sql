-- migrate:up

-- Every case number that was ever given, of a call that came in or of a complaint: none is given twice.
CREATE TABLE case_numbers (
    number   text PRIMARY KEY CHECK (number ~ '^[0-9]{8}$'),
    drawn_at timestamptz NOT NULL
);
COMMENT ON TABLE case_numbers IS 'written by portfolio.complaints; never pruned, or a number would be given twice';
INSERT INTO case_numbers SELECT case_number, opened_at FROM complaints;
ALTER TABLE complaints ADD CONSTRAINT complaints_case_number_fkey FOREIGN KEY (case_number) REFERENCES case_numbers;

-- Of a call that came in: what its person is told, and may name later.
ALTER TABLE attempts ADD COLUMN case_number text REFERENCES case_numbers;
ALTER TABLE attempts ADD CONSTRAINT attempts_case_number_inbound CHECK (case_number IS NULL OR direction = 'inbound');
CREATE UNIQUE INDEX attempts_case_number ON attempts (case_number) WHERE case_number IS NOT NULL;

-- From when on an open complaint is near its deadline: by the rules of the day it came, as the deadline itself.
ALTER TABLE complaints ADD COLUMN near_at timestamptz;
UPDATE complaints SET near_at = due_at - interval '3 days';
ALTER TABLE complaints ADD CONSTRAINT complaints_near_at_check CHECK ((near_at IS NULL) = (due_at IS NULL) AND near_at <= due_at);
COMMENT ON COLUMN complaints.near_at IS 'from then on an open complaint alarms; null = no deadline';
CREATE INDEX complaints_near ON complaints (near_at) WHERE state = 'open';
-- The register is read page by page, in this order.
CREATE INDEX complaints_register ON complaints ((state <> 'open'), (CASE WHEN state = 'open' THEN coalesce(due_at, 'infinity') ELSE 'infinity' END), opened_at DESC, id);

-- migrate:down

DROP INDEX complaints_register;
DROP INDEX complaints_near;
ALTER TABLE complaints DROP COLUMN near_at;
ALTER TABLE attempts DROP COLUMN case_number;
ALTER TABLE complaints DROP CONSTRAINT complaints_case_number_fkey;
DROP TABLE case_numbers;
