-- migrate:up

-- How the carrier wants numbers.
ALTER TABLE trunks
    ADD COLUMN plus   boolean NOT NULL DEFAULT true,
    ADD COLUMN strip  text NOT NULL DEFAULT '' CHECK (strip ~ '^[0-9]{0,5}$'),
    ADD COLUMN prefix text NOT NULL DEFAULT '' CHECK (prefix ~ '^[0-9]{0,5}$');
COMMENT ON COLUMN trunks.plus IS 'whether an international number begins with its plus';
COMMENT ON COLUMN trunks.strip IS 'digits to take off the front where they stand there';
COMMENT ON COLUMN trunks.prefix IS 'digits to put before';

-- migrate:down

ALTER TABLE trunks DROP COLUMN plus, DROP COLUMN strip, DROP COLUMN prefix;
