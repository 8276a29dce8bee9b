-- name: create_campaign
-- A campaign with its first version.
WITH made AS (
    INSERT INTO campaigns (code, name, trunk, caller_id, settings)
    VALUES ($1, $2, $3, $4, $5::jsonb)
    RETURNING id, settings_version, status, settings
)
INSERT INTO campaign_versions (campaign_id, version, status, settings, reason)
SELECT id, settings_version, status, settings, 'created' FROM made
RETURNING campaign_id

-- name: require_skill
-- A campaign asks a skill of agents, from a level on.
INSERT INTO campaign_skills (campaign_id, skill_id, min_level)
SELECT $1, id, $3 FROM skills WHERE code = $2
ON CONFLICT (campaign_id, skill_id) DO UPDATE SET min_level = excluded.min_level

-- name: campaign_id
-- The campaign of a code.
SELECT id FROM campaigns WHERE code = $1

-- name: some_quarantined
-- What was set aside last.
SELECT id, at, kind, subject, error FROM quarantine ORDER BY id DESC LIMIT $1

-- name: quarantined
-- One that was set aside, and whether its call is still open.
SELECT q.id, q.at, q.kind, q.subject, q.payload, q.error,
    q.kind = 'transition'
        AND EXISTS (SELECT 1 FROM attempts a WHERE a.id::text = q.subject AND a.ended_at IS NULL) AS open
FROM quarantine q WHERE q.id = $1

-- name: release_quarantined
-- One is forgotten, unless its call is still open; its alarm is over with the last of its kind and subject.
WITH released AS (
    DELETE FROM quarantine q
    WHERE q.id = $1 AND NOT (
        q.kind = 'transition'
        AND EXISTS (SELECT 1 FROM attempts a WHERE a.id::text = q.subject AND a.ended_at IS NULL))
    RETURNING q.id, q.kind, q.subject
),
told AS (
    UPDATE alarms SET acknowledged_at = now()
    FROM released r
    WHERE alarms.kind = 'quarantined' AND alarms.acknowledged_at IS NULL
      AND alarms.subject = concat_ws(' ', r.kind, nullif(r.subject, ''))
      AND NOT EXISTS (SELECT 1 FROM quarantine o WHERE o.kind = r.kind AND o.subject = r.subject AND o.id <> r.id)
)
SELECT id FROM released

-- name: demo_totals
-- What the demo has come to so far.
SELECT count(*) FILTER (WHERE state <> 'ended') AS open,
       count(*) AS attempts,
       count(*) FILTER (WHERE connected_at IS NOT NULL AND coalesce(outcome, 'conversation') = 'conversation')
           AS conversations,
       count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
       count(*) FILTER (WHERE outcome = 'machine') AS machines,
       (SELECT count(*) FROM recordings WHERE status = 'archived') AS recordings,
       (SELECT coalesce(sum(leads), 0)::bigint FROM lead_counts WHERE status = 'open') AS leads_left
FROM attempts

-- name: last_decision_at
-- When the pacing of a campaign decided last.
SELECT max(at) FROM pacing_decisions WHERE campaign_id = $1

-- name: recorded_decisions
-- Decisions of a campaign in a stretch of time, oldest first.
SELECT id, at, calls, reason, inputs, cancel, forecast, epoch, model, why
FROM pacing_decisions
WHERE campaign_id = $1 AND at >= $2 AND at < $3
ORDER BY at

-- name: recorded_model
-- The model that a decision names.
SELECT content FROM pacing_models WHERE (campaign_id, epoch, version) = ($1, $2, $3)

-- name: recorded_settings
-- Settings of a version of a campaign.
SELECT settings FROM campaign_versions WHERE campaign_id = $1 AND version = $2

-- name: recorded_attempts
-- Those that the pacing placed and that came to an end. The wrap-up lasts until the agent is logged in another state.
SELECT a.placed_at,
    date_part('epoch', coalesce(a.answered_at, a.ended_at) - a.placed_at) AS ring,
    CASE WHEN a.waiting_at IS NOT NULL THEN 'human' WHEN a.outcome IN ('machine', 'cancelled') THEN a.outcome
         ELSE 'other' END AS "end",
    CASE WHEN a.waiting_at IS NOT NULL OR a.outcome = 'machine'
         THEN date_part('epoch', a.verdict_at - a.answered_at) END AS screening,
    date_part('epoch', a.ended_at - a.connected_at) AS talk,
    CASE WHEN a.connected_at IS NOT NULL THEN a.agent_id END AS agent_id,
    CASE WHEN after_it.state <> 'offline' THEN date_part('epoch', after_it.at - a.ended_at) END AS wrap,
    CASE WHEN a.outcome = 'abandoned' THEN date_part('epoch', a.ended_at - a.waiting_at) END AS waited,
    date_part('epoch', coalesce(a.connected_at, a.ended_at) - a.waiting_at) AS stood,
    a.connected_at IS NOT NULL OR a.outcome IN ('abandoned', 'unserved') AS live,
    a.connected_at IS NOT NULL AS connected,
    a.outcome = 'abandoned' AS abandoned,
    a.outcome = 'unserved' AS unserved
FROM attempts a
LEFT JOIN LATERAL (SELECT l.at, l.state FROM agent_log l
                   WHERE a.connected_at IS NOT NULL AND l.agent_id = a.agent_id AND l.at >= a.ended_at
                     AND l.at < a.ended_at + interval '1 hour' AND l.state NOT IN ('wrap_up', 'on_call')
                   ORDER BY l.at LIMIT 1) AS after_it ON true
WHERE a.campaign_id = $1 AND a.placed_at >= $2 AND a.placed_at < $3 AND a.direction = 'outbound'
  AND a.ended_at IS NOT NULL AND a.outcome <> 'lost' AND a.reserved_for IS NULL
ORDER BY a.placed_at

-- name: demo_callable
-- Leads of each campaign that may be called now.
SELECT c.id, (SELECT count(*) FROM leads l WHERE l.campaign_id = c.id AND l.status = 'open' AND l.next_at <= now()) AS leads
FROM campaigns c WHERE c.id = ANY($1::bigint[]) ORDER BY c.id

-- name: demo_debt
-- An open debt: of who has promised if there is any, else of who was spoken to, else of anybody.
SELECT p.external_id, d.reference, d.currency, d.balance_minor
FROM debts d JOIN persons p ON p.id = d.person_id
LEFT JOIN LATERAL (SELECT s.code FROM attempts a JOIN call_dispositions s ON s.attempt_id = a.id
                   WHERE a.person_id = p.id ORDER BY s.at DESC LIMIT 1) AS said ON true
WHERE d.status = 'open' AND d.balance_minor > 0
ORDER BY (said.code = 'promise') DESC NULLS LAST, said.code IS NULL, random() LIMIT 1

-- name: demo_caller
-- A number that was not answered lately, else any, and what we showed it.
SELECT f.number, c.caller_id
FROM phones f JOIN leads l ON l.person_id = f.person_id JOIN campaigns c ON c.id = l.campaign_id
LEFT JOIN LATERAL (SELECT a.outcome FROM attempts a WHERE a.person_id = f.person_id ORDER BY a.placed_at DESC LIMIT 1)
    AS last ON true
WHERE c.id = ANY($1::bigint[])
  AND NOT EXISTS (SELECT FROM attempts a WHERE a.person_id = f.person_id AND a.ended_at IS NULL)
ORDER BY (last.outcome = 'no_answer') DESC NULLS LAST, random() LIMIT 1
