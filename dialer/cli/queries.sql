-- name: create_campaign
WITH made AS (
    INSERT INTO campaigns (code, name, trunk, caller_id, settings)
    VALUES ($1, $2, $3, $4, $5::jsonb)
    RETURNING id, settings_version, status, settings
)
INSERT INTO campaign_versions (campaign_id, version, status, settings, reason)
SELECT id, settings_version, status, settings, 'created' FROM made
RETURNING campaign_id

-- name: require_skill
INSERT INTO campaign_skills (campaign_id, skill_id, min_level)
SELECT $1, id, $3 FROM skills WHERE code = $2
ON CONFLICT (campaign_id, skill_id) DO UPDATE SET min_level = excluded.min_level

-- name: campaign_id
SELECT id FROM campaigns WHERE code = $1

-- name: limit_trunk
INSERT INTO trunks (name, max_lines, max_cps) VALUES ($1, $2, $3)
ON CONFLICT (name) DO UPDATE SET max_lines = excluded.max_lines, max_cps = excluded.max_cps

-- name: all_trunks
SELECT name, max_lines, max_cps FROM trunks ORDER BY name

-- name: add_do_not_call
INSERT INTO do_not_call (number, reason) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING

-- name: demo_totals
SELECT count(*) FILTER (WHERE state <> 'ended') AS open,
       count(*) AS attempts,
       count(*) FILTER (WHERE connected_at IS NOT NULL) AS conversations,
       count(*) FILTER (WHERE outcome = 'abandoned') AS abandoned,
       count(*) FILTER (WHERE outcome = 'machine') AS machines,
       (SELECT count(*) FROM recordings WHERE status = 'archived') AS recordings,
       (SELECT count(*) FROM leads WHERE status = 'open') AS leads_left
FROM attempts
