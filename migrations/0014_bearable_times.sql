-- migrate:up

-- A time that no reader can bear made every list it was in unreadable: bounded where it is kept.
UPDATE leads SET next_at = '2199-12-31' WHERE next_at > '2199-12-31' AND id IN (
    SELECT lead_id FROM callbacks WHERE at > '2199-12-31' OR open_at > '2199-12-31');
UPDATE callbacks SET at = least(at, '2199-12-31'), open_at = least(open_at, '2199-12-31')
WHERE at > '2199-12-31' OR open_at > '2199-12-31';
UPDATE call_dispositions SET callback_at = '2199-12-31' WHERE callback_at > '2199-12-31';
UPDATE call_dispositions SET promise_on = '2199-12-31' WHERE promise_on > '2199-12-31';
ALTER TABLE callbacks ADD CONSTRAINT callbacks_at_check CHECK (at < '2200-01-01' AND open_at < '2200-01-01');
ALTER TABLE call_dispositions ADD CONSTRAINT call_dispositions_at_check
    CHECK (callback_at < '2200-01-01' AND promise_on < '2200-01-01');

-- migrate:down

ALTER TABLE call_dispositions DROP CONSTRAINT call_dispositions_at_check;
ALTER TABLE callbacks DROP CONSTRAINT callbacks_at_check;
