-- migrate:up

-- Manual and preview calls: the agent who started the call waits for its answer, nobody else gets it.
ALTER TABLE attempts ADD COLUMN reserved_for bigint REFERENCES agents;
COMMENT ON COLUMN attempts.reserved_for IS 'the agent who started this call and waits for it (manual, preview)';

COMMENT ON COLUMN leads.held_by IS
    'rule of the contact gate that refused last, for "why?"; preview = held for an agent until next_at';

INSERT INTO pause_codes (code, label_es, label_en, productive, max_minutes, position)
VALUES ('preview', 'Ficha sin atender', 'Card not attended to', false, NULL, 8);

-- migrate:down

-- An agent_log that names the code keeps its text: it is a log, not a reference.
DELETE FROM pause_codes WHERE code = 'preview';
COMMENT ON COLUMN leads.held_by IS 'rule of the contact gate that refused last, for "why?"';
ALTER TABLE attempts DROP COLUMN reserved_for;
