-- name: settled
-- Conversations that are over, and calls that are not.
SELECT count(*) FILTER (WHERE connected_at IS NOT NULL AND ended_at IS NOT NULL) AS conversations,
    count(*) FILTER (WHERE ended_at IS NULL) AS open
FROM attempts

-- name: attempts
-- Every call with its instants and its agent.
SELECT a.number, a.placed_at, a.answered_at, a.verdict_at, a.connected_at, a.ended_at, a.outcome, a.agent_id,
    g.endpoint
FROM attempts a LEFT JOIN agents g ON g.id = a.agent_id
ORDER BY a.placed_at

-- name: ended_between
-- Instants of the calls that ended in a stretch of time.
SELECT placed_at, answered_at, verdict_at, connected_at, outcome FROM attempts WHERE ended_at >= $1 AND ended_at < $2

-- name: portfolio_campaign
-- The campaign that is measured.
INSERT INTO campaigns (code, name, trunk, caller_id, status, settings)
VALUES ('bench', 'bench', 't', '+34910000000', 'running', $1::text::jsonb) RETURNING id

-- name: portfolio_persons
-- As many persons as leads are asked for.
INSERT INTO persons (name, zone, country)
SELECT 'Persona ' || n, 'Europe/Madrid', 'ES' FROM generate_series(1, {leads}) AS n

-- name: portfolio_phones
-- A number for each person.
INSERT INTO phones (person_id, number, kind, zones)
SELECT id, '+346' || lpad(id::text, 8, '0'), 'mobile', '{Europe/Madrid}' FROM persons

-- name: portfolio_lists
-- Four lists of different weight.
INSERT INTO lists (campaign_id, name, weight) SELECT {campaign}, 'list ' || n, n FROM generate_series(1, 4) AS n

-- name: portfolio_leads
-- Everybody on one of the lists; a third were called before and rest.
INSERT INTO leads (list_id, campaign_id, person_id, attempts, next_at, resting)
SELECT i.first + p.id % 4, {campaign}, p.id, CASE WHEN p.id % 3 = 0 THEN 1 ELSE 0 END,
    CASE WHEN p.id % 3 = 0 THEN now() + interval '1 day' ELSE '-infinity' END, p.id % 3 = 0
FROM persons p, (SELECT min(id) AS first FROM lists) AS i

-- name: journal_turn
-- One turn's facts: $1 of kind $2, in one transaction.
INSERT INTO journal (kind, data) SELECT $2, '{"what": "bench"}' FROM generate_series(1, $1);

-- name: journal_followed
-- What the follower of the benchmark writes.
CREATE TABLE bench_followed (fact bigint PRIMARY KEY);

-- name: journal_note
-- The effect of following a page of facts.
INSERT INTO bench_followed SELECT unnest($1::bigint[]);
