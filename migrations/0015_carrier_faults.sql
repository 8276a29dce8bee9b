-- migrate:up

-- What the network or we broke before a telephone could ring: a line of the ledger that takes the attempt back.
ALTER TABLE contacts DROP CONSTRAINT contacts_kind_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_kind_check
    CHECK (kind IN ('attempt', 'conversation', 'abandoned', 'machine', 'stop', 'unheard', 'failed'));

ALTER TABLE phones ADD COLUMN rests_until timestamptz;
COMMENT ON COLUMN phones.rests_until IS 'the network refused the number, which a broken trunk does to good ones';

-- migrate:down

ALTER TABLE phones DROP COLUMN rests_until;
ALTER TABLE contacts DISABLE TRIGGER contacts_append_only;
DELETE FROM contacts WHERE kind = 'failed';
ALTER TABLE contacts ENABLE TRIGGER contacts_append_only;
ALTER TABLE contacts DROP CONSTRAINT contacts_kind_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_kind_check
    CHECK (kind IN ('attempt', 'conversation', 'abandoned', 'machine', 'stop', 'unheard'));
