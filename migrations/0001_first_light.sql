-- migrate:up

-- People who work here -------------------------------------------------------------------------------------------
CREATE TABLE users (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    login         text NOT NULL UNIQUE CHECK (login ~ '^[a-z0-9._-]{2,40}$'),
    name          text NOT NULL CHECK (length(name) BETWEEN 1 AND 120),
    role          text NOT NULL CHECK (role IN ('agent', 'supervisor', 'qa', 'admin')),
    password_hash text NOT NULL,
    locale        text NOT NULL DEFAULT 'es' CHECK (locale IN ('es', 'en')),
    active        boolean NOT NULL DEFAULT true,
    created_at    timestamptz NOT NULL DEFAULT now()
);

-- Truth of a console login; the cookie holds the token, the row its SHA-256.
CREATE TABLE sessions (
    token_hash  bytea PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    csrf_token  text NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    seen_at     timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE ws_tickets (
    ticket_hash bytea PRIMARY KEY,
    user_id     bigint NOT NULL REFERENCES users ON DELETE CASCADE,
    expires_at  timestamptz NOT NULL,
    used_at     timestamptz
);

CREATE TABLE skills (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code text NOT NULL UNIQUE,
    name text NOT NULL
);

CREATE TABLE agents (
    id           bigint PRIMARY KEY REFERENCES users ON DELETE CASCADE,
    endpoint     text NOT NULL UNIQUE CHECK (endpoint ~ '^[A-Za-z0-9_.-]{1,40}$'),
    sip_user     text NOT NULL DEFAULT '',
    sip_password text NOT NULL DEFAULT ''
);

CREATE TABLE agent_skills (
    agent_id bigint NOT NULL REFERENCES agents ON DELETE CASCADE,
    skill_id bigint NOT NULL REFERENCES skills ON DELETE CASCADE,
    level    smallint NOT NULL CHECK (level BETWEEN 1 AND 100),
    PRIMARY KEY (agent_id, skill_id)
);

CREATE TABLE pause_codes (
    code        text PRIMARY KEY,
    label_es    text NOT NULL,
    label_en    text NOT NULL,
    productive  boolean NOT NULL DEFAULT false,
    max_minutes int,
    position    int NOT NULL DEFAULT 0
);

CREATE TABLE dispositions (
    code      text PRIMARY KEY,
    label_es  text NOT NULL,
    label_en  text NOT NULL,
    kind      text NOT NULL CHECK (kind IN ('right_party', 'third_party', 'no_contact', 'system')),
    requires  text NOT NULL DEFAULT '' CHECK (requires IN ('', 'promise', 'callback')),
    effect    text NOT NULL DEFAULT '' CHECK (effect IN ('', 'stop', 'wrong_party', 'do_not_call')),
    hotkey    smallint UNIQUE CHECK (hotkey BETWEEN 1 AND 9),
    position  int NOT NULL DEFAULT 0
);

-- Campaigns ------------------------------------------------------------------------------------------------------
CREATE TABLE campaigns (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code             text NOT NULL UNIQUE CHECK (code ~ '^[a-z0-9-]{2,40}$'),
    name             text NOT NULL,
    trunk            text NOT NULL,
    caller_id        text NOT NULL,
    status           text NOT NULL DEFAULT 'stopped' CHECK (status IN ('stopped', 'running', 'paused')),
    settings         jsonb NOT NULL DEFAULT '{}',
    settings_version int NOT NULL DEFAULT 1,
    created_at       timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE campaign_versions (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    version     int NOT NULL,
    status      text NOT NULL,
    settings    jsonb NOT NULL,
    author_id   bigint REFERENCES users,
    reason      text NOT NULL DEFAULT '',
    at          timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (campaign_id, version)
);

CREATE TABLE campaign_skills (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    skill_id    bigint NOT NULL REFERENCES skills ON DELETE CASCADE,
    min_level   smallint NOT NULL DEFAULT 1 CHECK (min_level BETWEEN 1 AND 100),
    PRIMARY KEY (campaign_id, skill_id)
);

CREATE TABLE campaign_agents (
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    agent_id    bigint NOT NULL REFERENCES agents ON DELETE CASCADE,
    PRIMARY KEY (campaign_id, agent_id)
);

-- The one engine: the newest fence wins, older writers are refused.
CREATE TABLE engine_fence (
    name  text PRIMARY KEY,
    fence bigint NOT NULL
);

-- Portfolio ------------------------------------------------------------------------------------------------------
CREATE TABLE persons (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    external_id text UNIQUE,
    name        text NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    language    text NOT NULL DEFAULT 'es' CHECK (language IN ('es', 'en')),
    country     text CHECK (country ~ '^[A-Z]{2}$'),
    region      text,
    zone        text,
    flags       text[] NOT NULL DEFAULT '{}',
    stopped_at  timestamptz,
    stop_reason text NOT NULL DEFAULT '',
    extra       jsonb NOT NULL DEFAULT '{}',
    created_at  timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN persons.zone IS 'IANA zone from the address; null = intersection of the zones of the number';
COMMENT ON COLUMN persons.flags IS 'vulnerable, dispute, lawyer, deceased, minor, paid';

CREATE TABLE phones (
    id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id bigint NOT NULL REFERENCES persons ON DELETE CASCADE,
    number    text NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    kind      text NOT NULL DEFAULT 'unknown' CHECK (kind IN ('unknown', 'mobile', 'fixed', 'fixed_or_mobile', 'other')),
    status    text NOT NULL DEFAULT 'unknown' CHECK (status IN ('unknown', 'right_party', 'wrong_party', 'dead')),
    zones     text[] NOT NULL DEFAULT '{}',
    position  smallint NOT NULL DEFAULT 0,
    UNIQUE (person_id, number)
);
CREATE INDEX phones_number ON phones (number);

CREATE TABLE debts (
    id             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id      bigint NOT NULL REFERENCES persons ON DELETE CASCADE,
    reference      text NOT NULL,
    creditor       text NOT NULL,
    currency       text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    balance_minor  bigint NOT NULL CHECK (balance_minor >= 0),
    days_past_due  int NOT NULL DEFAULT 0 CHECK (days_past_due >= 0),
    UNIQUE (person_id, reference)
);

CREATE TABLE do_not_call (
    number     text PRIMARY KEY CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    reason     text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE lists (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    name        text NOT NULL,
    source_hash text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    UNIQUE (campaign_id, name)
);

-- One person in one campaign's list; next_at is when the planner looks again.
CREATE TABLE leads (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    list_id     bigint NOT NULL REFERENCES lists ON DELETE CASCADE,
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    person_id   bigint NOT NULL REFERENCES persons ON DELETE CASCADE,
    status      text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_call', 'done', 'withdrawn')),
    priority    smallint NOT NULL DEFAULT 0,
    next_at     timestamptz NOT NULL DEFAULT '-infinity',
    attempts    int NOT NULL DEFAULT 0,
    held_by     text NOT NULL DEFAULT '',
    UNIQUE (list_id, person_id)
);
COMMENT ON COLUMN leads.held_by IS 'rule of the contact gate that refused last, for "why?"';
CREATE INDEX leads_hopper ON leads (campaign_id, priority DESC, next_at, id) WHERE status = 'open';
CREATE INDEX leads_person ON leads (person_id);

-- Append-only ledger of contacts, on any channel.
CREATE TABLE contacts (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    person_id  bigint NOT NULL REFERENCES persons,
    attempt_id uuid,
    channel    text NOT NULL DEFAULT 'voice',
    number     text,
    kind       text NOT NULL CHECK (kind IN ('attempt', 'conversation', 'abandoned', 'machine', 'stop')),
    at         timestamptz NOT NULL
);
CREATE INDEX contacts_person ON contacts (person_id, at DESC);
CREATE INDEX contacts_number ON contacts (number, at DESC);
-- A commit that is given again after a lost connection writes nothing twice; so do the unique indexes further down.
CREATE UNIQUE INDEX contacts_once ON contacts (attempt_id, kind) WHERE attempt_id IS NOT NULL;

-- Attempts: the truth of every call ------------------------------------------------------------------------------
CREATE TABLE call_transitions (
    from_state text NOT NULL,
    event      text NOT NULL,
    to_state   text NOT NULL,
    PRIMARY KEY (from_state, event)
);
INSERT INTO call_transitions (from_state, event, to_state) VALUES
    ('dialing', 'ringing', 'ringing'),
    ('dialing', 'answered', 'screening'),
    ('dialing', 'refused', 'ended'),
    ('dialing', 'deadline', 'ended'),
    ('dialing', 'cancelled', 'ended'),
    ('ringing', 'answered', 'screening'),
    ('ringing', 'deadline', 'ended'),
    ('ringing', 'cancelled', 'ended'),
    ('screening', 'human', 'waiting'),
    ('screening', 'machine', 'ended'),
    ('screening', 'deadline', 'waiting'),
    ('waiting', 'bridged', 'connected'),
    ('waiting', 'deadline', 'ended'),
    ('connected', 'agent_lost', 'waiting'),
    ('dialing', 'hung_up', 'ended'),
    ('ringing', 'hung_up', 'ended'),
    ('screening', 'hung_up', 'ended'),
    ('waiting', 'hung_up', 'ended'),
    ('connected', 'hung_up', 'ended'),
    ('dialing', 'vanished', 'ended'),
    ('ringing', 'vanished', 'ended'),
    ('screening', 'vanished', 'ended'),
    ('waiting', 'vanished', 'ended'),
    ('connected', 'vanished', 'ended');

CREATE TABLE attempts (
    id            uuid PRIMARY KEY,
    campaign_id   bigint NOT NULL REFERENCES campaigns,
    lead_id       bigint NOT NULL REFERENCES leads,
    person_id     bigint NOT NULL REFERENCES persons,
    phone_id      bigint NOT NULL REFERENCES phones,
    number        text NOT NULL,
    state         text NOT NULL DEFAULT 'dialing'
                  CHECK (state IN ('dialing', 'ringing', 'screening', 'waiting', 'connected', 'ended')),
    version       int NOT NULL DEFAULT 1,
    limits        jsonb NOT NULL,
    screened      boolean NOT NULL,
    gate          jsonb NOT NULL DEFAULT '{}',
    placed_at     timestamptz NOT NULL,
    ringing_at    timestamptz,
    answered_at   timestamptz,
    verdict_at    timestamptz,
    verdict       text NOT NULL DEFAULT '',
    waiting_at    timestamptz,
    connected_at  timestamptz,
    ended_at      timestamptz,
    deadline_at   timestamptz,
    agent_id      bigint REFERENCES agents,
    outcome       text,
    cause         int,
    reason        text NOT NULL DEFAULT '',
    routing       jsonb,
    CHECK ((state = 'ended') = (ended_at IS NOT NULL)),
    CHECK ((state = 'ended') = (outcome IS NOT NULL))
) WITH (fillfactor = 70);
COMMENT ON COLUMN attempts.id IS 'is the ChannelId of the AMI Originate';
COMMENT ON COLUMN attempts.gate IS 'the verdict of the contact gate: pack, version, rules passed';
-- By ended_at and not by state: a step of a live call then touches no index.
CREATE INDEX attempts_open ON attempts (campaign_id) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX attempts_one_open_per_person ON attempts (person_id) WHERE ended_at IS NULL;
CREATE INDEX attempts_lead ON attempts (lead_id);
CREATE INDEX attempts_campaign_time ON attempts (campaign_id, placed_at DESC);
CREATE INDEX attempts_person ON attempts (person_id, placed_at DESC);
CREATE INDEX attempts_agent ON attempts (agent_id, placed_at DESC);

CREATE TABLE attempt_events (
    attempt_id uuid NOT NULL REFERENCES attempts,
    version    int NOT NULL,
    at         timestamptz NOT NULL,
    event      text NOT NULL,
    from_state text,
    to_state   text NOT NULL,
    detail     jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (attempt_id, version)
);

CREATE FUNCTION attempts_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state THEN
        IF NEW.version <> OLD.version + 1 THEN
            RAISE EXCEPTION 'attempt %: version % after %', OLD.id, NEW.version, OLD.version
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
        IF NOT EXISTS (SELECT 1 FROM call_transitions t WHERE t.from_state = OLD.state AND t.to_state = NEW.state) THEN
            RAISE EXCEPTION 'attempt %: illegal transition % to %', OLD.id, OLD.state, NEW.state
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attempts_guard BEFORE UPDATE ON attempts FOR EACH ROW EXECUTE FUNCTION attempts_guard();

CREATE FUNCTION attempt_events_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event <> 'placed' AND NOT EXISTS (
        SELECT 1 FROM call_transitions t
        WHERE t.from_state = NEW.from_state AND t.event = NEW.event AND t.to_state = NEW.to_state
    ) THEN
        RAISE EXCEPTION 'attempt %: illegal event % from % to %', NEW.attempt_id, NEW.event, NEW.from_state, NEW.to_state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER attempt_events_guard BEFORE INSERT ON attempt_events FOR EACH ROW EXECUTE FUNCTION attempt_events_guard();

CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER attempt_events_append_only BEFORE UPDATE OR DELETE ON attempt_events FOR EACH ROW EXECUTE FUNCTION append_only();
CREATE TRIGGER contacts_append_only BEFORE UPDATE OR DELETE ON contacts FOR EACH ROW EXECUTE FUNCTION append_only();

CREATE TABLE call_dispositions (
    id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id    uuid NOT NULL REFERENCES attempts,
    agent_id      bigint NOT NULL REFERENCES agents,
    at            timestamptz NOT NULL,
    code          text NOT NULL REFERENCES dispositions,
    notes         text NOT NULL DEFAULT '' CHECK (length(notes) <= 4000),
    promise_minor bigint CHECK (promise_minor > 0),
    promise_on    date,
    callback_at   timestamptz
);
CREATE INDEX call_dispositions_attempt ON call_dispositions (attempt_id, id DESC);
CREATE UNIQUE INDEX call_dispositions_once ON call_dispositions (attempt_id, agent_id, at);

CREATE TABLE agent_log (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    agent_id bigint NOT NULL REFERENCES agents ON DELETE CASCADE,
    at       timestamptz NOT NULL,
    state    text NOT NULL,
    code     text NOT NULL DEFAULT '',
    call_id  uuid
);
CREATE UNIQUE INDEX agent_log_once ON agent_log (agent_id, at DESC, state, code);

CREATE TABLE pacing_decisions (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL REFERENCES campaigns ON DELETE CASCADE,
    at          timestamptz NOT NULL,
    calls       int NOT NULL,
    reason      text NOT NULL,
    inputs      jsonb NOT NULL
);
CREATE UNIQUE INDEX pacing_decisions_once ON pacing_decisions (campaign_id, at DESC);

-- Recordings and quality -----------------------------------------------------------------------------------------
CREATE TABLE recordings (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id  uuid NOT NULL UNIQUE REFERENCES attempts,
    status      text NOT NULL CHECK (status IN ('archived', 'missing', 'damaged')),
    path        text NOT NULL DEFAULT '',
    sha256      bytea,
    bytes       bigint,
    duration_ms int,
    peaks       jsonb,
    detail      text NOT NULL DEFAULT '',
    archived_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN recordings.peaks IS '{"rate": peaks per second, "left": [0..1], "right": [0..1]}';

CREATE TABLE recording_marks (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    attempt_id   uuid NOT NULL REFERENCES attempts,
    at           timestamptz NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('paused', 'resumed')),
    actor_id     bigint REFERENCES users
);
CREATE UNIQUE INDEX recording_marks_once ON recording_marks (attempt_id, at, kind);

CREATE TABLE qa_comments (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recording_id bigint NOT NULL REFERENCES recordings ON DELETE CASCADE,
    author_id    bigint NOT NULL REFERENCES users,
    offset_ms    int NOT NULL CHECK (offset_ms >= 0),
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    created_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX qa_comments_recording ON qa_comments (recording_id, offset_ms);

CREATE TABLE scorecards (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    code     text NOT NULL,
    version  int NOT NULL,
    title_es text NOT NULL,
    title_en text NOT NULL,
    items    jsonb NOT NULL,
    active   boolean NOT NULL DEFAULT true,
    UNIQUE (code, version)
);
COMMENT ON COLUMN scorecards.items IS '[{"code","label_es","label_en","weight","fatal"}]';

CREATE TABLE evaluations (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recording_id bigint NOT NULL REFERENCES recordings ON DELETE CASCADE,
    scorecard_id bigint NOT NULL REFERENCES scorecards,
    grader_id    bigint NOT NULL REFERENCES users,
    answers      jsonb NOT NULL,
    score        numeric(5, 2) NOT NULL CHECK (score BETWEEN 0 AND 100),
    failed       boolean NOT NULL DEFAULT false,
    comment      text NOT NULL DEFAULT '',
    created_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (recording_id, scorecard_id, grader_id)
);

CREATE TABLE listening_log (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recording_id bigint NOT NULL REFERENCES recordings ON DELETE CASCADE,
    user_id      bigint NOT NULL REFERENCES users,
    at           timestamptz NOT NULL DEFAULT now()
);

-- Oversight ------------------------------------------------------------------------------------------------------
CREATE TABLE audit (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    actor_id bigint REFERENCES users,
    action   text NOT NULL,
    subject  text NOT NULL,
    before   jsonb,
    after    jsonb,
    reason   text NOT NULL DEFAULT '',
    undo_of  bigint REFERENCES audit
);
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION append_only();

CREATE TABLE alarms (
    id              bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at              timestamptz NOT NULL DEFAULT now(),
    kind            text NOT NULL,
    subject         text NOT NULL,
    detail          text NOT NULL DEFAULT '',
    acknowledged_at timestamptz,
    acknowledged_by bigint REFERENCES users
);
CREATE INDEX alarms_open ON alarms (at DESC) WHERE acknowledged_at IS NULL;

-- The codes every installation starts with -----------------------------------------------------------------------
INSERT INTO pause_codes (code, label_es, label_en, productive, max_minutes, position) VALUES
    ('login', 'Recién conectado', 'Just logged in', false, NULL, 0),
    ('break', 'Descanso', 'Break', false, 15, 1),
    ('lunch', 'Comida', 'Lunch', false, 60, 2),
    ('training', 'Formación', 'Training', true, NULL, 3),
    ('admin', 'Gestión', 'Paperwork', true, NULL, 4),
    ('personal', 'Personal', 'Personal', false, 10, 5),
    ('technical', 'Problema técnico', 'Technical problem', false, NULL, 6),
    ('forced', 'Pausa del supervisor', 'Paused by supervisor', true, NULL, 7);

INSERT INTO dispositions (code, label_es, label_en, kind, requires, effect, hotkey, position) VALUES
    ('promise', 'Promesa de pago', 'Promise to pay', 'right_party', 'promise', '', 1, 1),
    ('callback', 'Rellamada', 'Callback', 'right_party', 'callback', '', 2, 2),
    ('cannot_pay', 'No puede pagar', 'Cannot pay', 'right_party', '', '', 3, 3),
    ('refuses', 'Se niega a pagar', 'Refuses to pay', 'right_party', '', '', 4, 4),
    ('paid', 'Ya pagó', 'Already paid', 'right_party', '', 'stop', 5, 5),
    ('dispute', 'Disputa la deuda', 'Disputes the debt', 'right_party', '', 'stop', 6, 6),
    ('third_party', 'Tercero', 'Third party', 'third_party', '', '', 7, 7),
    ('wrong_number', 'Número equivocado', 'Wrong number', 'third_party', '', 'wrong_party', 8, 8),
    ('do_not_call', 'No llamar', 'Do not call', 'right_party', '', 'do_not_call', 9, 9),
    ('machine', 'Buzón de voz', 'Voicemail', 'no_contact', '', '', NULL, 10),
    ('hung_up', 'Colgó', 'Hung up', 'no_contact', '', '', NULL, 11),
    ('deceased', 'Fallecido', 'Deceased', 'third_party', '', 'stop', NULL, 12),
    ('none', 'Sin tipificar', 'No disposition', 'system', '', '', NULL, 99);

-- migrate:down

DROP TABLE alarms, audit, listening_log, evaluations, scorecards, qa_comments, recording_marks, recordings,
    pacing_decisions, agent_log, call_dispositions, attempt_events, attempts, call_transitions, contacts, leads,
    lists, do_not_call, debts, phones, persons, engine_fence, campaign_agents, campaign_skills, campaign_versions,
    campaigns, dispositions, pause_codes, agent_skills, agents, skills, ws_tickets, sessions, users;
DROP FUNCTION attempts_guard, attempt_events_guard, append_only;
