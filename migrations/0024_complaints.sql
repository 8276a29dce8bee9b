-- migrate:up

-- The register of complaints: who, about what, until when it is answered, and the number they were told.
CREATE TABLE complaints (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    case_number  text NOT NULL UNIQUE CHECK (case_number ~ '^[0-9]{8}$'),
    person_id    bigint REFERENCES persons,
    complainant  text NOT NULL DEFAULT '' CHECK (length(complainant) <= 200),
    campaign_id  bigint REFERENCES campaigns,
    attempt_id   uuid REFERENCES attempts,
    debt_id      bigint REFERENCES debts,
    creditor     text NOT NULL DEFAULT '' CHECK (length(creditor) <= 200),
    via          text NOT NULL CHECK (via IN ('phone', 'email', 'letter', 'web', 'in_person', 'other')),
    body         text NOT NULL CHECK (length(body) BETWEEN 1 AND 4000),
    opened_at    timestamptz NOT NULL,
    opened_by    bigint REFERENCES users,
    due_on       date,
    due_at       timestamptz,
    rule_source  text NOT NULL DEFAULT '',
    rule_pack    text NOT NULL DEFAULT '',
    pack_version int NOT NULL DEFAULT 0,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'answered', 'closed')),
    answer       text NOT NULL DEFAULT '' CHECK (length(answer) <= 4000),
    answered_at  timestamptz,
    answered_by  bigint REFERENCES users,
    closed_at    timestamptz,
    closed_by    bigint REFERENCES users,
    close_reason text NOT NULL DEFAULT '' CHECK (length(close_reason) <= 500),
    CHECK (person_id IS NOT NULL OR complainant <> ''),
    CHECK ((due_on IS NULL) = (due_at IS NULL)),
    CHECK ((state = 'open') = (answered_at IS NULL)),
    CHECK ((answered_at IS NULL) = (answer = '')),
    CHECK ((state = 'closed') = (closed_at IS NOT NULL))
);
COMMENT ON TABLE complaints IS 'written by portfolio.complaints; open, then answered, then closed, never back';
COMMENT ON COLUMN complaints.due_on IS 'last day of an answer, by the rules of the day it came; null = they set none';
COMMENT ON COLUMN complaints.due_at IS 'the end of that day where the law holds';
CREATE INDEX complaints_due ON complaints (due_at) WHERE state = 'open';
CREATE INDEX complaints_person ON complaints (person_id);

-- Whether an alarm was raised before is asked by kind and subject.
CREATE INDEX alarms_about ON alarms (kind, subject);

-- migrate:down

DROP INDEX alarms_about;
DROP TABLE complaints;
