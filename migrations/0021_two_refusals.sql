-- migrate:up

-- Which trunk a call went out on: a number, and a line, are judged by the trunk that said something of them.
ALTER TABLE attempts ADD COLUMN trunk text NOT NULL DEFAULT '';
COMMENT ON COLUMN attempts.trunk IS 'that it went out on; empty = it came in, was never handed over, or is older than this column';

-- A number is dead when the network said on two days, through trunks that are believed, that there is none.
ALTER TABLE phones
    ADD COLUMN refused_on    date,
    ADD COLUMN refused_trunk text NOT NULL DEFAULT '',
    ADD COLUMN revived_at    timestamptz;
COMMENT ON COLUMN phones.refused_on IS 'the first day on which a believed trunk said that there is no such number';
COMMENT ON COLUMN phones.refused_trunk IS 'the trunk that said so';
COMMENT ON COLUMN phones.revived_at IS 'when a person or a file said last that this dead number is to be called again';

-- migrate:down

ALTER TABLE phones DROP COLUMN refused_on, DROP COLUMN refused_trunk, DROP COLUMN revived_at;
ALTER TABLE attempts DROP COLUMN trunk;
