-- migrate:up

-- Quality control lists recordings by the time of their calls, newest first.
CREATE INDEX attempts_time ON attempts (placed_at DESC);

-- migrate:down

DROP INDEX attempts_time;
