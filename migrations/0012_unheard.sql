-- migrate:up

-- An agent spoke to somebody of whom nothing was ever heard: a line of the ledger that takes the conversation back.
ALTER TABLE contacts DROP CONSTRAINT contacts_kind_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_kind_check
    CHECK (kind IN ('attempt', 'conversation', 'abandoned', 'machine', 'stop', 'unheard'));

-- migrate:down

ALTER TABLE contacts DISABLE TRIGGER contacts_append_only;
DELETE FROM contacts WHERE kind = 'unheard';
ALTER TABLE contacts ENABLE TRIGGER contacts_append_only;
ALTER TABLE contacts DROP CONSTRAINT contacts_kind_check;
ALTER TABLE contacts ADD CONSTRAINT contacts_kind_check
    CHECK (kind IN ('attempt', 'conversation', 'abandoned', 'machine', 'stop'));
