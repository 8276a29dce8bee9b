-- migrate:up

-- Browsers and addresses from which a user has logged in: they do not stand in line with strangers.
CREATE TABLE login_devices (
    user_id    bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    token_hash bytea NOT NULL,
    address    text NOT NULL,
    seen_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, token_hash)
);
COMMENT ON TABLE login_devices IS 'written by consoles.devices; a browser''s token, as its hash, and where it came from';
COMMENT ON COLUMN login_devices.address IS 'IPv4 address, or the /64 of an IPv6 one';
CREATE INDEX login_devices_seen ON login_devices (seen_at);

-- migrate:down

DROP TABLE login_devices;
