-- migrate:up

-- Work that a worker does beside the request that asked for it. A life is a walk over job_moves, and nothing else.
CREATE TABLE job_moves (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
COMMENT ON TABLE job_moves IS 'the only moves of a job from state to state';
INSERT INTO job_moves (from_state, to_state) VALUES
    ('queued', 'running'),     -- a worker takes it
    ('queued', 'cancelled'),
    ('running', 'done'),
    ('running', 'failed'),
    ('running', 'cancelled'),
    ('running', 'queued'),     -- given back, to be tried again, or its worker died
    ('failed', 'queued'),      -- by hand
    ('cancelled', 'queued');   -- by hand

CREATE TABLE jobs (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind            text NOT NULL CHECK (kind ~ '^[a-z_]{1,40}$'),
    subject         text NOT NULL DEFAULT '' CHECK (length(subject) <= 200),
    args            jsonb NOT NULL DEFAULT '{}' CHECK (octet_length(args::text) <= 262144),
    state           text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    actor_id        bigint REFERENCES users,
    created_at      timestamptz NOT NULL DEFAULT now(),
    due_at          timestamptz NOT NULL DEFAULT now(),
    started_at      timestamptz,
    finished_at     timestamptz,
    heartbeat_at    timestamptz,
    worker          text NOT NULL DEFAULT '' CHECK (length(worker) <= 200),
    turn            int NOT NULL DEFAULT 0,
    tries           int NOT NULL DEFAULT 0,
    most_tries      int NOT NULL DEFAULT 5 CHECK (most_tries BETWEEN 1 AND 100),
    progress        jsonb,
    result          jsonb,
    error           text NOT NULL DEFAULT '' CHECK (length(error) <= 500),
    cancel_asked_at timestamptz,
    CHECK (tries BETWEEN 0 AND most_tries),
    CHECK ((state = 'running') = (heartbeat_at IS NOT NULL)),
    CHECK (state <> 'running' OR worker <> ''),
    CHECK ((state IN ('done', 'failed', 'cancelled')) = (finished_at IS NOT NULL)),
    CHECK (state <> 'cancelled' OR cancel_asked_at IS NOT NULL)
) WITH (fillfactor = 70);
COMMENT ON TABLE jobs IS 'written by journal.jobs; all times are the database''s; what ended goes after some days, with its files';
COMMENT ON COLUMN jobs.subject IS 'what it is about, to be found by: campaign:7';
COMMENT ON COLUMN jobs.due_at IS 'not begun before: later than created_at after a failure';
COMMENT ON COLUMN jobs.turn IS 'how often a worker took it: who writes about an earlier turn has lost the job';
COMMENT ON COLUMN jobs.tries IS 'turns that count: one that was given back does not';
CREATE INDEX jobs_queued ON jobs (due_at, id) WHERE state = 'queued';
CREATE INDEX jobs_running ON jobs (kind) WHERE state = 'running';
CREATE INDEX jobs_subject ON jobs (subject, id);
-- Of what is done again and again one waits, however many workers ask for it.
CREATE UNIQUE INDEX jobs_every ON jobs (kind) WHERE state = 'queued' AND subject = 'every';

CREATE FUNCTION jobs_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'queued' THEN
            RAISE EXCEPTION 'a job begins queued, not %', NEW.state USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    ELSIF NEW.state <> OLD.state
          AND NOT EXISTS (SELECT 1 FROM job_moves m WHERE m.from_state = OLD.state AND m.to_state = NEW.state) THEN
        RAISE EXCEPTION 'job %: illegal move % to %', OLD.id, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER jobs_guard BEFORE INSERT OR UPDATE ON jobs FOR EACH ROW EXECUTE FUNCTION jobs_guard();

-- A function, so that a worker that freezes holds no lock: it is over with the statement that calls it.
CREATE FUNCTION job_claim(by_worker text, kinds text[], at_once int[]) RETURNS SETOF jobs LANGUAGE plpgsql AS $$
BEGIN
    -- How many of a kind run is counted and changed as one.
    PERFORM pg_advisory_xact_lock(hashtext('journal.jobs'));
    RETURN QUERY
    WITH room AS (
        SELECT k.kind FROM unnest(kinds, at_once) AS k (kind, most)
        WHERE k.most > (SELECT count(*) FROM jobs AS j WHERE j.state = 'running' AND j.kind = k.kind)
    ), next AS (
        SELECT j.id FROM jobs AS j
        WHERE j.state = 'queued' AND j.due_at <= clock_timestamp() AND j.kind IN (SELECT room.kind FROM room)
        ORDER BY j.due_at, j.id LIMIT 1 FOR UPDATE SKIP LOCKED
    )
    UPDATE jobs AS j SET state = 'running', worker = by_worker, turn = j.turn + 1, tries = j.tries + 1,
        started_at = clock_timestamp(), heartbeat_at = clock_timestamp()
    FROM next WHERE j.id = next.id
    RETURNING j.*;
END $$;

CREATE TABLE job_pieces (
    job_id  bigint NOT NULL REFERENCES jobs ON DELETE CASCADE,
    file    text NOT NULL CHECK (file IN ('upload', 'rejects')),
    n       int NOT NULL CHECK (n >= 0),
    content bytea NOT NULL CHECK (octet_length(content) BETWEEN 1 AND 1048576),
    PRIMARY KEY (job_id, file, n)
);
COMMENT ON TABLE job_pieces IS 'files of jobs, in pieces: the worker may be another machine than the web process that took them';

-- migrate:down

DROP FUNCTION job_claim;
DROP TABLE job_pieces, jobs, job_moves;
DROP FUNCTION jobs_guard;
