-- Statements of the consoles. jsonb goes in and out as text, so that no codec of the pool matters.

-- Sessions ---------------------------------------------------------------------------------------------------------

-- name: login
-- The account behind a login name, and whether it came from this browser ($2) or this address ($3) since $4.
SELECT id, password_hash, active,
    EXISTS (SELECT FROM login_devices d WHERE d.user_id = u.id AND d.token_hash = $2 AND d.seen_at > $4) AS known_device,
    EXISTS (SELECT FROM login_devices d WHERE d.user_id = u.id AND d.address = $3 AND d.seen_at > $4) AS known_address
FROM users u WHERE login = $1;

-- name: remember_device
-- This user has logged in from this browser and this address.
INSERT INTO login_devices (token_hash, user_id, address, seen_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (user_id, token_hash) DO UPDATE SET address = excluded.address, seen_at = excluded.seen_at;

-- name: trim_devices
-- Forget the oldest browsers of a user beyond the number kept.
DELETE FROM login_devices WHERE user_id = $1 AND token_hash IN (
    SELECT token_hash FROM login_devices WHERE user_id = $1 ORDER BY seen_at DESC OFFSET $2
);

-- name: forget_devices
-- Forget the browsers of a user, all but one.
DELETE FROM login_devices WHERE user_id = $1 AND token_hash <> $2;

-- name: purge_devices
-- Forget browsers that have not come for long.
DELETE FROM login_devices WHERE seen_at <= $1;

-- name: password_hash
-- What a user's password is checked against.
SELECT password_hash FROM users WHERE id = $1;

-- name: set_password_hash
-- Store a new password's hash.
UPDATE users SET password_hash = $2 WHERE id = $1;

-- name: renew_password_hash
-- Store a stronger hash ($2) of the same password, unless that has changed meanwhile.
UPDATE users SET password_hash = $2 WHERE id = $1 AND password_hash = $3;

-- name: insert_session
-- A new login.
INSERT INTO sessions (token_hash, user_id, csrf_token, created_at, seen_at, expires_at)
VALUES ($1, $2, $3, $4, $4, $5);

-- name: trim_sessions
-- End the oldest logins of a user beyond the number allowed.
DELETE FROM sessions WHERE token_hash IN (
    SELECT token_hash FROM sessions WHERE user_id = $1 ORDER BY created_at DESC OFFSET $2
);

-- name: session
-- Who holds a session that has not ended.
SELECT u.id, u.login, u.name, u.role, u.locale, s.csrf_token, s.created_at, s.seen_at, s.expires_at
FROM sessions s JOIN users u ON u.id = s.user_id
WHERE s.token_hash = $1 AND s.expires_at > $2 AND s.created_at > $3 AND u.active;

-- name: touch_session
-- Slide the end of a session.
UPDATE sessions SET seen_at = $2, expires_at = $3 WHERE token_hash = $1;

-- name: delete_session
-- Log out.
DELETE FROM sessions WHERE token_hash = $1;

-- name: delete_sessions_of
-- End every login of a user but one ($2; empty = all).
DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2;

-- name: insert_ticket
-- A one-use ticket for the live wire.
INSERT INTO ws_tickets (ticket_hash, user_id, session_hash, expires_at) VALUES ($1, $2, $3, $4);

-- name: use_ticket
-- Use a ticket up; returns the login it stands for.
UPDATE ws_tickets SET used_at = $2 WHERE ticket_hash = $1 AND used_at IS NULL AND expires_at > $2
RETURNING session_hash;

-- name: purge_sessions
-- Delete sessions that have ended.
DELETE FROM sessions WHERE expires_at <= $1 OR created_at <= $2;

-- name: purge_tickets
-- Delete tickets that have ended.
DELETE FROM ws_tickets WHERE expires_at <= $1;

-- name: set_locale
-- Language of a user's screens.
UPDATE users SET locale = $2 WHERE id = $1;

-- name: sip_account
-- An agent's softphone account.
SELECT endpoint, sip_user, sip_password FROM agents WHERE id = $1;

-- Reference data ---------------------------------------------------------------------------------------------------

-- name: pause_codes
-- Codes of pauses, in the order of the screens.
SELECT code, label_es, label_en, productive, max_minutes FROM pause_codes ORDER BY position, code;

-- name: dispositions
-- Codes of dispositions that people may give, in the order of the screens.
SELECT code, label_es, label_en, kind, requires, effect, hotkey FROM dispositions
WHERE kind <> 'system' ORDER BY position, code;

-- name: skills
-- All skills.
SELECT code, name FROM skills ORDER BY code;

-- name: directory_agents
-- Agents for pickers.
SELECT u.id, u.name FROM agents a JOIN users u ON u.id = a.id ORDER BY u.name, u.id;

-- name: directory_campaigns
-- Campaigns for pickers.
SELECT id, code, name FROM campaigns ORDER BY name, id;

-- name: agent_history
-- The last calls of an agent.
SELECT a.id, a.connected_at AS at, c.name AS campaign, p.name AS person, a.number, a.outcome, d.code AS disposition,
    extract(epoch FROM coalesce(a.ended_at, $3) - a.connected_at)::float8 AS talk_seconds
FROM attempts a
JOIN campaigns c ON c.id = a.campaign_id
JOIN persons p ON p.id = a.person_id
LEFT JOIN LATERAL (
    SELECT code FROM call_dispositions WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1
) d ON true
WHERE a.agent_id = $1 AND a.connected_at IS NOT NULL
ORDER BY a.placed_at DESC LIMIT $2;

-- Campaigns --------------------------------------------------------------------------------------------------------

-- name: campaigns
-- Campaigns with their skills and counted leads; $1 null = all.
SELECT c.id, c.code, c.name, c.trunk, c.caller_id, c.status, c.settings::text AS settings, c.settings_version,
    coalesce((SELECT jsonb_object_agg(s.code, cs.min_level) FROM campaign_skills cs JOIN skills s ON s.id = cs.skill_id
        WHERE cs.campaign_id = c.id), '{}')::text AS required_skills,
    coalesce((SELECT jsonb_object_agg(n.status, n.count) FROM (
        SELECT status, sum(leads) AS count FROM lead_counts WHERE campaign_id = c.id
        GROUP BY status HAVING sum(leads) > 0) n), '{}')::text AS leads
FROM campaigns c WHERE $1::bigint IS NULL OR c.id = $1
ORDER BY c.name, c.id;

-- name: lock_campaign
-- A campaign's present version, held until the change is written.
SELECT id, status, settings::text AS settings, settings_version FROM campaigns WHERE id = $1 FOR UPDATE;

-- name: update_campaign
-- Put a new version in force.
UPDATE campaigns SET status = $2, settings = $3::text::jsonb, settings_version = $4 WHERE id = $1;

-- name: insert_version
-- Keep a version; the first one may be missing when the campaign was made by other means.
INSERT INTO campaign_versions (campaign_id, version, status, settings, author_id, reason, at)
VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7) ON CONFLICT (campaign_id, version) DO NOTHING;

-- name: versions
-- Versions of a campaign, newest first.
SELECT v.version, v.status, v.settings::text AS settings, u.name AS author, v.reason, v.at
FROM campaign_versions v LEFT JOIN users u ON u.id = v.author_id
WHERE v.campaign_id = $1 AND v.version < $2 ORDER BY v.version DESC LIMIT $3;

-- name: version
-- The settings of one version.
SELECT settings::text AS settings FROM campaign_versions WHERE campaign_id = $1 AND version = $2;

-- name: version_to_undo_to
-- The newest version whose settings differ from those in force.
SELECT version, settings::text AS settings FROM campaign_versions
WHERE campaign_id = $1 AND settings <> $2::text::jsonb ORDER BY version DESC LIMIT 1;

-- name: last_audit_of
-- The audit row of the last change of a subject.
SELECT max(id) FROM audit WHERE subject = $1 AND action = any($2);

-- name: insert_audit
-- Who did what to what, with before and after.
INSERT INTO audit (at, actor_id, action, subject, before, after, reason, undo_of)
VALUES ($1, $2, $3, $4, $5::text::jsonb, $6::text::jsonb, $7, $8);

-- name: asked_by_another
-- Who else, an administrator still, has asked for the same within so many hours, and nobody has agreed since.
SELECT a.actor_id FROM audit a JOIN users u ON u.id = a.actor_id AND u.role = 'admin' AND u.active
WHERE a.subject = $1 AND a.action = $2 AND a.actor_id <> $4
    AND a.after ->> 'rule_pack' = $5 AND a.after ->> 'for' = $6 AND a.at > now() - make_interval(hours => $7)
    AND a.id > coalesce((SELECT max(id) FROM audit WHERE subject = $1 AND action = $3), 0)
    AND a.id > coalesce((SELECT max(id) FROM audit WHERE subject = $1 AND action = $8
                         AND after ->> 'rule_pack' = $5 AND after ->> 'for' = $6), 0)
ORDER BY a.id DESC LIMIT 1;

-- name: looser_wishes
-- What an administrator, one still, has asked for within so many hours and nobody has answered; $1: this one only. Of one
-- that was repeated, the newest.
WITH asked AS (
    SELECT DISTINCT ON (a.subject, a.after ->> 'rule_pack', a.after ->> 'for', a.actor_id) a.*
    FROM audit a
    WHERE a.action = 'looser_rules.asked' AND a.at > now() - make_interval(hours => $2) AND a.after ? 'change'
    ORDER BY a.subject, a.after ->> 'rule_pack', a.after ->> 'for', a.actor_id, a.id DESC
)
SELECT a.id, a.at, a.actor_id, u.name AS asked_by, a.reason, a.subject, a.after::text AS after, c.id AS campaign_id,
    c.name AS campaign, c.settings::text AS settings
FROM asked a
JOIN users u ON u.id = a.actor_id AND u.role = 'admin' AND u.active
LEFT JOIN campaigns c ON a.subject = 'campaign:' || c.id
WHERE ($1::bigint IS NULL OR a.id = $1) AND (c.id IS NOT NULL OR a.subject LIKE 'rule_pack:%')
    AND NOT EXISTS (SELECT 1 FROM audit s WHERE s.subject = a.subject AND s.id > a.id
        AND (s.action = 'looser_rules.agreed' OR s.action = 'looser_rules.refused'
             AND s.after ->> 'rule_pack' = a.after ->> 'rule_pack' AND s.after ->> 'for' = a.after ->> 'for'))
ORDER BY a.id DESC LIMIT 100;

-- name: lock_looser_wishes
-- One answer at a time.
SELECT pg_advisory_xact_lock(hashtext($1));

-- name: campaign_settings
-- A campaign's settings in force, to look at only.
SELECT id, status, settings::text AS settings, settings_version FROM campaigns WHERE id = $1;

-- name: decisions
-- The last pacing decisions of a campaign; inputs, which are long, only where $3.
SELECT at, calls, cardinality(cancel) AS cancelled, reason, why::text AS why,
    coalesce(why ->> 'mode', inputs -> 'pace' ->> 'mode', '') AS mode, forecast::text AS forecast,
    CASE WHEN $3::boolean THEN inputs::text END AS inputs
FROM pacing_decisions
WHERE campaign_id = $1 ORDER BY at DESC, id DESC LIMIT $2;

-- name: newest_model
-- What the pacing last learned of a campaign.
SELECT epoch, version, at, content::text AS content FROM pacing_models
WHERE campaign_id = $1 ORDER BY epoch DESC, version DESC LIMIT 1;

-- name: agents_logged_in
-- Agents of a campaign whose last entry in the log is not the end of a shift.
SELECT count(*) FROM campaign_agents m
WHERE m.campaign_id = $1 AND (
    SELECT l.state FROM agent_log l WHERE l.agent_id = m.agent_id ORDER BY l.at DESC, l.id DESC LIMIT 1
) <> 'offline';

-- name: pacing_minutes
-- Per minute since $2: calls placed then, live answers and abandoned among them, and how many abandoned the decisions
-- of that minute expected (each call at the chance of the last one: no less than the sum); null without a forecast.
WITH minutes AS (
    SELECT generate_series(date_trunc('minute', $2::timestamptz), $3::timestamptz, interval '1 minute') AS at
),
came AS (
    SELECT date_trunc('minute', placed_at) AS at, count(*) AS placed, count(*) FILTER (WHERE live) AS live,
        count(*) FILTER (WHERE live AND outcome IN ('abandoned', 'unserved')) AS abandoned
    FROM (SELECT placed_at, outcome,
              connected_at IS NOT NULL OR outcome IN ('abandoned', 'unserved') AS live
          FROM attempts
          WHERE campaign_id = $1 AND direction = 'outbound'
            AND placed_at >= date_trunc('minute', $2::timestamptz) AND placed_at <= $3) AS recent
    GROUP BY 1
),
asked AS (
    SELECT date_trunc('minute', at) AS at, sum(calls * chance) AS expected,
        sum(calls * chance) / sum(calls) AS chance
    FROM (SELECT at, calls, (forecast ->> 'abandon_chance')::float8 AS chance FROM pacing_decisions
          WHERE campaign_id = $1 AND at >= date_trunc('minute', $2::timestamptz) AND at <= $3 AND calls > 0) AS made
    WHERE chance IS NOT NULL
    GROUP BY 1
)
SELECT minutes.at, coalesce(came.placed, 0) AS placed, coalesce(came.live, 0) AS live,
    coalesce(came.abandoned, 0) AS abandoned, asked.expected, asked.chance
FROM minutes LEFT JOIN came USING (at) LEFT JOIN asked USING (at)
ORDER BY minutes.at;

-- name: campaign_exists
-- Whether there is such a campaign.
SELECT true FROM campaigns WHERE id = $1;

-- Persons ----------------------------------------------------------------------------------------------------------

-- name: find_persons
-- By external id, by the line of any number that was meant, or by the number $4 of a case: a call that came in, a complaint.
SELECT p.id, p.external_id, p.name, p.language, p.flags, p.stopped_at,
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', f.id, 'number', f.number, 'status', f.status) ORDER BY f.position)
        FROM phones f WHERE f.person_id = p.id), '[]')::text AS phones
FROM (
    SELECT id FROM persons WHERE external_id = $1
    UNION SELECT h.person_id FROM unnest($2::text[]) AS asked JOIN phones h ON line_of(h.number) = line_of(asked)
    UNION SELECT person_id FROM attempts WHERE case_number = $4
    UNION SELECT person_id FROM complaints WHERE case_number = $4
) found JOIN persons p ON p.id = found.id
ORDER BY p.id LIMIT $3;

-- name: agents_last_person
-- The person of the call an agent is on, or had last.
SELECT person_id FROM attempts WHERE agent_id = $1 ORDER BY placed_at DESC LIMIT 1;

-- Users ------------------------------------------------------------------------------------------------------------

-- name: users
-- Users with their skills and campaigns; $1 null = all.
SELECT u.id, u.login, u.name, u.role, u.locale, u.active, u.created_at, a.endpoint,
    coalesce((SELECT jsonb_object_agg(s.code, k.level) FROM agent_skills k JOIN skills s ON s.id = k.skill_id
        WHERE k.agent_id = u.id), '{}')::text AS skills,
    coalesce((SELECT jsonb_agg(m.campaign_id ORDER BY m.campaign_id) FROM campaign_agents m
        WHERE m.agent_id = u.id), '[]')::text AS campaigns
FROM users u LEFT JOIN agents a ON a.id = u.id
WHERE $1::bigint IS NULL OR u.id = $1
ORDER BY u.login;

-- name: insert_user
-- A new account.
INSERT INTO users (login, name, role, password_hash, locale, active) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id;

-- name: lock_user
-- An account, held until the change is written.
SELECT id, login, role FROM users WHERE id = $1 FOR UPDATE;

-- name: update_user
-- Change an account; null leaves a field as it is.
UPDATE users SET name = coalesce($2, name), locale = coalesce($3, locale), active = coalesce($4, active),
    password_hash = coalesce($5, password_hash)
WHERE id = $1;

-- name: insert_agent
-- The telephone side of an agent.
INSERT INTO agents (id, endpoint, sip_user, sip_password) VALUES ($1, $2, $3, $4);

-- name: update_agent
-- Change the telephone side of an agent; null leaves a field as it is.
UPDATE agents SET endpoint = coalesce($2, endpoint), sip_user = coalesce($3, sip_user),
    sip_password = coalesce($4, sip_password)
WHERE id = $1;

-- name: ensure_skills
-- Make the skills that do not exist yet, named by their code.
INSERT INTO skills (code, name) SELECT code, code FROM unnest($1::text[]) AS code ON CONFLICT (code) DO NOTHING;

-- name: delete_agent_skills
-- Before new ones are set.
DELETE FROM agent_skills WHERE agent_id = $1;

-- name: insert_agent_skills
-- Skills of an agent, with levels.
INSERT INTO agent_skills (agent_id, skill_id, level)
SELECT $1::bigint, s.id, n.level FROM unnest($2::text[], $3::smallint[]) AS n (code, level) JOIN skills s ON s.code = n.code;

-- name: delete_agent_campaigns
-- Before new ones are set.
DELETE FROM campaign_agents WHERE agent_id = $1;

-- name: insert_agent_campaigns
-- Campaigns an agent works in.
INSERT INTO campaign_agents (campaign_id, agent_id) SELECT DISTINCT id, $1::bigint FROM unnest($2::bigint[]) AS id;

-- name: active_admins
-- How many may still administer.
SELECT count(*) FROM users WHERE role = 'admin' AND active;

-- name: agent_exists
-- Whether there is such an agent.
SELECT true FROM agents WHERE id = $1;

-- Alarms -----------------------------------------------------------------------------------------------------------

-- name: open_alarms
-- Alarms nobody has acknowledged, those that last before those that are over, what was raised last first; those that are
-- over only where they have been so since $2 or later. From a cursor: whether the last one seen lasts, its time and id.
SELECT id, at, kind, subject, detail, count, last_at, ended_at FROM alarms
WHERE acknowledged_at IS NULL AND (ended_at IS NULL OR ended_at >= $2)
    AND ($3::boolean IS NULL OR (ended_at IS NULL, last_at, id) < ($3, $4::timestamptz, $5::bigint))
ORDER BY (ended_at IS NULL) DESC, last_at DESC, id DESC LIMIT $1;

-- name: count_open_alarms
-- How many nobody has acknowledged are not over.
SELECT count(*) FROM alarms WHERE acknowledged_at IS NULL AND ended_at IS NULL;

-- name: acknowledge_alarm
-- Somebody has seen it; the first one counts.
UPDATE alarms SET acknowledged_at = coalesce(acknowledged_at, $2), acknowledged_by = coalesce(acknowledged_by, $3)
WHERE id = $1 RETURNING id;

-- Recordings -------------------------------------------------------------------------------------------------------

-- name: recordings
-- Recordings by whatever was asked; null = any. Newest call first, from a cursor: time and recording of the last row seen.
-- The first of the two conditions on the cursor is the one that an index can serve.
SELECT r.id, r.attempt_id, coalesce(a.answered_at, a.placed_at) AS at, r.duration_ms, r.status, r.path,
    c.id AS campaign_id, c.code AS campaign_code, c.name AS campaign_name, u.id AS agent_id, u.name AS agent_name,
    p.id AS person_id, p.name AS person_name, a.number, a.outcome, d.code AS disposition,
    (SELECT count(*) FROM qa_comments q WHERE q.recording_id = r.id) AS comments,
    e.score::float8 AS score, coalesce(e.failed, false) AS failed, a.placed_at
FROM recordings r
JOIN attempts a ON a.id = r.attempt_id
JOIN campaigns c ON c.id = a.campaign_id
JOIN persons p ON p.id = a.person_id
LEFT JOIN users u ON u.id = a.agent_id
LEFT JOIN LATERAL (
    SELECT code FROM call_dispositions WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1
) d ON true
LEFT JOIN LATERAL (
    SELECT score, failed FROM evaluations WHERE recording_id = r.id ORDER BY id DESC LIMIT 1
) e ON true
WHERE a.placed_at <= $1 AND (a.placed_at, r.id) < ($1, $2)
    AND ($3::bigint IS NULL OR a.agent_id = $3)
    AND ($4::bigint IS NULL OR a.campaign_id = $4)
    AND ($5::timestamptz IS NULL OR a.placed_at >= $5)
    AND ($6::timestamptz IS NULL OR a.placed_at < $6)
    AND ($7::bigint IS NULL OR r.duration_ms >= $7)
    AND ($8::bigint IS NULL OR r.duration_ms <= $8)
    AND ($9::text IS NULL OR d.code = $9)
    AND ($10::text IS NULL OR a.outcome = $10)
    AND ($11::text IS NULL OR strpos(lower(p.name), lower($11)) > 0 OR strpos(a.number, $11) > 0
        OR lower(p.external_id) = lower($11) OR line_of(a.number) = ANY ($14::text[]))
    AND ($12::bigint IS NULL OR r.id = $12)
ORDER BY a.placed_at DESC, r.id DESC LIMIT $13;

-- name: recording_call
-- The call behind a recording, and the peaks.
SELECT a.placed_at, a.ringing_at, a.answered_at, a.verdict_at, a.verdict, a.waiting_at, a.connected_at, a.ended_at,
    a.cause, a.reason, a.routing::text AS routing, a.gate::text AS gate, r.peaks::text AS peaks, r.attempt_id
FROM recordings r JOIN attempts a ON a.id = r.attempt_id WHERE r.id = $1;

-- name: attempt_events
-- The timeline of a call; of a handing over, whose it was.
SELECT e.version, e.at, e.event, e.from_state, e.to_state, e.detail::text AS detail, coalesce(u.name, '') AS handed_over_by
FROM attempt_events e
LEFT JOIN users u ON e.event = 'transferred' AND u.id = (e.detail -> 'handover' ->> 'by')::bigint
WHERE e.attempt_id = $1 ORDER BY e.version LIMIT 500;

-- name: attempt_dispositions
-- What agents said of a call. A promise is in the currency of the debt that leads the agent's screen.
SELECT d.at, d.code, d.notes, d.promise_minor, d.promise_on, d.callback_at, u.name AS agent,
    (SELECT b.currency FROM debts b WHERE b.person_id = a.person_id
     ORDER BY b.days_past_due DESC, b.id LIMIT 1) AS currency
FROM call_dispositions d JOIN users u ON u.id = d.agent_id JOIN attempts a ON a.id = d.attempt_id
WHERE d.attempt_id = $1 ORDER BY d.id LIMIT 100;

-- name: recording_marks
-- Where the recording was paused and resumed; milliseconds from the answer, where the recording begins.
SELECT m.at, m.kind, greatest(0, extract(epoch FROM m.at - a.answered_at) * 1000)::bigint AS offset_ms
FROM recording_marks m JOIN attempts a ON a.id = m.attempt_id WHERE m.attempt_id = $1 ORDER BY m.at, m.id LIMIT 500;

-- name: recording_comments
-- What was said of a recording; $2 null = all.
SELECT q.id, q.author_id, u.name AS author, q.offset_ms, q.body, q.created_at
FROM qa_comments q JOIN users u ON u.id = q.author_id
WHERE q.recording_id = $1 AND ($2::bigint IS NULL OR q.id = $2) ORDER BY q.offset_ms, q.id LIMIT 1000;

-- name: recording_evaluations
-- Grades of a recording; $2 null = all.
SELECT e.id, e.scorecard_id, e.grader_id, u.name AS grader, e.answers::text AS answers, e.score::float8 AS score,
    e.failed, e.comment, e.created_at
FROM evaluations e JOIN users u ON u.id = e.grader_id
WHERE e.recording_id = $1 AND ($2::bigint IS NULL OR e.id = $2) ORDER BY e.id LIMIT 200;

-- name: insert_comment
-- A remark at an instant, where there is such a recording.
INSERT INTO qa_comments (recording_id, author_id, offset_ms, body, created_at)
SELECT id, $2, $3, $4, $5 FROM recordings WHERE id = $1 RETURNING id;

-- name: delete_comment
-- Take back one's own remark.
DELETE FROM qa_comments WHERE id = $1 AND recording_id = $2 AND author_id = $3 RETURNING id;

-- name: recording_file
-- Where the file of a recording is.
SELECT path, status FROM recordings WHERE id = $1;

-- name: log_listening
-- Who listened; the many range requests of one listening make one row.
INSERT INTO listening_log (recording_id, user_id, at)
SELECT $1::bigint, $2::bigint, $3::timestamptz WHERE NOT EXISTS (
    SELECT 1 FROM listening_log WHERE recording_id = $1 AND user_id = $2 AND at > $3::timestamptz - interval '10 minutes'
);

-- name: audit_listening
-- Who listened to what is no recording; the many requests of one listening make one row.
INSERT INTO audit (at, actor_id, action, subject)
SELECT $1::timestamptz, $2::bigint, $3::text, $4::text WHERE NOT EXISTS (
    SELECT 1 FROM audit
    WHERE subject = $4 AND actor_id = $2 AND action = $3 AND at > $1::timestamptz - interval '10 minutes'
);

-- name: scorecards
-- Scorecards in use; $1 null = all of them.
SELECT id, code, version, title_es, title_en, items::text AS items FROM scorecards
WHERE active AND ($1::bigint IS NULL OR id = $1) ORDER BY code, version DESC;

-- name: insert_evaluation
-- A grade, once per grader and scorecard, where there is such a recording.
INSERT INTO evaluations (recording_id, scorecard_id, grader_id, answers, score, failed, comment, created_at)
SELECT id, $2, $3, $4::text::jsonb, $5::float8::numeric(5, 2), $6, $7, $8 FROM recordings WHERE id = $1
ON CONFLICT (recording_id, scorecard_id, grader_id) DO NOTHING RETURNING id;

-- name: recording_exists
-- Whether there is such a recording.
SELECT true FROM recordings WHERE id = $1;

-- Health -----------------------------------------------------------------------------------------------------------

-- name: alive
-- Whether the database answers.
SELECT 1;

-- Verdicts of call progress analysis ------------------------------------------------------------------------------

-- name: verdicts
-- Newest first; conditions that are null do not count. Truth: a correction, else what the agent said.
SELECT v.attempt_id, v.stage, v.campaign_id, c.name AS campaign, v.at, v.source, v.verdict, v.cause, v.outcome, v.p,
    v.after, v.model, v.features::text AS features, v.audio <> '' AS has_audio, v.correction, u.name AS corrected_by,
    v.corrected_at, p.name AS person, a.number, a.connected_at IS NOT NULL AS connected,
    CASE WHEN v.audited THEN said.code END AS audit_said, v.audited
FROM call_verdicts v
JOIN attempts a ON a.id = v.attempt_id JOIN campaigns c ON c.id = v.campaign_id JOIN persons p ON p.id = a.person_id
LEFT JOIN users u ON u.id = v.corrected_by
LEFT JOIN LATERAL (SELECT d.code FROM call_dispositions d WHERE d.attempt_id = v.attempt_id
                   ORDER BY d.at DESC LIMIT 1) AS said ON true
WHERE ($1::bigint IS NULL OR v.campaign_id = $1) AND ($2::text IS NULL OR v.verdict = $2)
  AND (NOT $3::boolean OR v.correction IS NULL) AND ($4::timestamptz IS NULL OR v.at < $4)
  AND ($5::uuid IS NULL OR v.attempt_id = $5)
ORDER BY v.at DESC LIMIT $6;

-- name: verdict_audio
-- Where the first seconds of a call are kept.
SELECT audio FROM call_verdicts WHERE attempt_id = $1 AND stage = $2 AND audio <> '';

-- name: correct_verdict
-- What really answered; null when there is no such verdict. Returns what was said before.
UPDATE call_verdicts v SET correction = $3, corrected_by = $4, corrected_at = $5
FROM (SELECT attempt_id, stage, correction FROM call_verdicts WHERE attempt_id = $1 AND stage = $2 FOR UPDATE) AS old
WHERE v.attempt_id = old.attempt_id AND v.stage = old.stage
RETURNING coalesce(old.correction, '') AS before;

-- name: progress_counts
-- How often each verdict was given since $2, and what corrections say of it.
SELECT source, stage, verdict, count(*)::int AS count, (avg(after) FILTER (WHERE stage = 'answer'))::float AS seconds,
    (count(*) FILTER (WHERE correction = 'person'))::int AS were_persons,
    (count(*) FILTER (WHERE correction = 'machine'))::int AS were_machines
FROM call_verdicts WHERE campaign_id = $1 AND at >= $2
GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;

-- name: progress_audits
-- As the engine's `audits`: machine verdicts that agents got unknowing, and how many were persons.
SELECT count(*)::int AS audited, (count(*) FILTER (WHERE truth = 'person'))::int AS wrong
FROM (SELECT coalesce(v.correction, CASE WHEN d.kind = 'no_contact' AND d.code = 'machine' THEN 'machine'
                                         WHEN d.kind IN ('right_party', 'third_party') THEN 'person' END) AS truth
      FROM call_verdicts v
      LEFT JOIN LATERAL (SELECT c.code FROM call_dispositions c WHERE c.attempt_id = v.attempt_id
                         ORDER BY c.at DESC LIMIT 1) AS said ON true
      LEFT JOIN dispositions d USING (code)
      WHERE v.campaign_id = $1 AND v.audited AND v.at >= $2) AS judged
WHERE truth IS NOT NULL;

-- name: agents_with_skills
-- Agents, their skills and the campaigns they work in.
SELECT u.id, u.name, u.active,
    coalesce((SELECT jsonb_object_agg(s.code, k.level) FROM agent_skills k JOIN skills s ON s.id = k.skill_id
        WHERE k.agent_id = u.id), '{}')::text AS skills,
    coalesce((SELECT jsonb_agg(campaign_id ORDER BY campaign_id) FROM campaign_agents WHERE agent_id = u.id), '[]')::text
        AS campaigns
FROM agents a JOIN users u ON u.id = a.id WHERE $1::bigint IS NULL OR u.id = $1 ORDER BY u.name, u.id;

-- name: delete_campaign_skills
-- What a campaign asks of agents is replaced.
DELETE FROM campaign_skills WHERE campaign_id = $1;

-- name: insert_campaign_skills
-- Skills that a campaign asks of agents, with their lowest level.
INSERT INTO campaign_skills (campaign_id, skill_id, min_level)
SELECT $1::bigint, s.id, n.level FROM unnest($2::text[], $3::smallint[]) AS n (code, level) JOIN skills s ON s.code = n.code;

-- name: callback_agent
-- Whether there is such an active agent in the callback's campaign.
SELECT EXISTS (SELECT 1 FROM users u JOIN agents a ON a.id = u.id WHERE u.id = $1 AND u.active);

-- name: engine_silent
-- The engine is not heard any more: one alarm, whoever notices first.
SELECT raise_alarm_once('engine_silent', 'engine', 'nothing is dialled; conversations go on', $1::timestamptz, 'infinity');

-- name: engine_still
-- One process hears nothing yet, though another has ended the alarm. What was acknowledged is not raised again.
SELECT raise_alarm_once('engine_silent', 'engine', 'nothing is dialled; conversations go on', $1::timestamptz, 'infinity')
FROM alarms WHERE kind = 'engine_silent' AND acknowledged_at IS NULL AND ended_at IS NOT NULL;

-- name: engine_back
-- The engine is heard again: its alarm is over.
UPDATE alarms SET ended_at = $1::timestamptz
WHERE kind = 'engine_silent' AND acknowledged_at IS NULL AND ended_at IS NULL;

-- name: settings_of_campaigns
-- Every campaign with its settings.
SELECT id, settings::text AS settings FROM campaigns ORDER BY id;

-- name: inbound_service
-- Calls that came into the campaigns $1, since their midnights $2 and since $4, by whether a person answered within the
-- seconds $3. A call that still waits in time at $5 is not counted yet.
WITH asked AS (
    SELECT * FROM unnest($1::bigint[], $2::timestamptz[], $3::float8[]) AS a (campaign_id, midnight, seconds)
), calls AS (
    SELECT c.campaign_id, t.placed_at >= c.midnight AS today,
        coalesce(t.connected_at - t.placed_at <= make_interval(secs => c.seconds), false) AS in_time,
        t.connected_at IS NULL AND t.outcome = 'gave_up' AND t.ended_at - t.placed_at <= make_interval(secs => c.seconds)
            AS gave_up,
        t.connected_at IS NULL AND t.outcome = 'callback_taken' AS taken
    FROM asked c JOIN attempts t ON t.campaign_id = c.campaign_id
    WHERE t.direction = 'inbound' AND t.placed_at >= least($4, c.midnight)
        AND (t.ended_at IS NOT NULL OR t.connected_at IS NOT NULL OR $5 - t.placed_at > make_interval(secs => c.seconds))
)
SELECT a.campaign_id,
    count(c.*) FILTER (WHERE c.today)::int AS day_calls,
    count(*) FILTER (WHERE c.today AND c.in_time)::int AS day_in_time,
    count(*) FILTER (WHERE c.today AND c.gave_up)::int AS day_gave_up,
    count(*) FILTER (WHERE c.today AND c.taken)::int AS day_callbacks,
    count(c.*)::int AS month_calls,
    count(*) FILTER (WHERE c.in_time)::int AS month_in_time,
    count(*) FILTER (WHERE c.gave_up)::int AS month_gave_up,
    count(*) FILTER (WHERE c.taken)::int AS month_callbacks
FROM asked a LEFT JOIN calls c USING (campaign_id) GROUP BY a.campaign_id;

-- Duties ------------------------------------------------------------------------------------------------------------

-- name: complaint_alarm
-- One for each complaint and kind, ever: who has acknowledged it has seen it.
SELECT raise_alarm_once($2::text, $3::text, $4::text, $1::timestamptz, '-infinity');

-- name: complaint_alarms_over
-- A complaint that was answered alarms nobody any more, and one that is overdue not as one that is due.
UPDATE alarms a SET ended_at = $1::timestamptz
WHERE a.kind IN ('complaint_undated', 'complaint_due', 'complaint_overdue')
  AND a.acknowledged_at IS NULL AND a.ended_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM complaints c WHERE c.case_number = replace(a.subject, ' ', '') AND c.state = 'open'
      AND (a.kind <> 'complaint_due' OR c.due_at > $1));

-- name: share_alarm
-- While one of this subject is open, or was raised since $5, no other.
SELECT raise_alarm_once($2::text, $3::text, $4::text, $1::timestamptz, $5::timestamptz);

-- name: share_alarms_last
-- One of these subjects that was over and is not: it goes on, be it too early to tell of it again.
UPDATE alarms a SET ended_at = NULL
WHERE a.kind = 'inbound_share_low' AND a.subject = ANY ($1::text[]) AND a.acknowledged_at IS NULL
    AND a.ended_at IS NOT NULL AND a.last_at >= $2;

-- name: share_alarms_over
-- In every other window the share is met again, or no law asks for one. A look that began before the alarm
-- was raised (another web process, or a clock behind) does not end it.
UPDATE alarms SET ended_at = $1::timestamptz
WHERE kind = 'inbound_share_low' AND subject <> ALL ($2::text[]) AND acknowledged_at IS NULL AND ended_at IS NULL
    AND last_at <= $1;

-- name: campaign_codes
-- Every campaign's code.
SELECT id, code FROM campaigns;

-- name: debt_of_person
-- Whether the debt is this person's.
SELECT EXISTS (SELECT 1 FROM debts WHERE id = $1 AND person_id = $2);

-- name: agents_call_with
-- A call of agent $1 with person $2, $3 before any other: the one it is on or had last, or one since $4.
SELECT id, campaign_id FROM attempts
WHERE agent_id = $1 AND person_id = $2
  AND (coalesce(ended_at, placed_at) > $4
       OR id = (SELECT id FROM attempts WHERE agent_id = $1 ORDER BY placed_at DESC LIMIT 1))
ORDER BY id = $3 DESC NULLS LAST, placed_at DESC LIMIT 1;

-- name: attempt_of_person
-- Whether this was a call with this person.
SELECT EXISTS (SELECT 1 FROM attempts WHERE id = $1 AND person_id = $2);

-- name: set_trunk
-- All of a trunk, in place of what was set of it.
INSERT INTO trunks (name, max_lines, max_cps, plus, strip, prefix) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (name) DO UPDATE SET max_lines = excluded.max_lines, max_cps = excluded.max_cps, plus = excluded.plus,
    strip = excluded.strip, prefix = excluded.prefix;

-- name: known_trunks
-- Trunks of which something was set, and those that are a campaign's own.
SELECT name FROM trunks UNION SELECT trunk FROM campaigns;

-- name: own_trunk
-- The trunk of a campaign.
SELECT trunk FROM campaigns WHERE id = $1;

-- name: trunks
-- What was set of trunks, and of those that a campaign names, that nothing was.
WITH used AS (
    SELECT name AS campaign, trunk FROM campaigns
    UNION ALL
    SELECT name, jsonb_array_elements_text(coalesce(settings -> 'spare_trunks', '[]')) FROM campaigns
)
SELECT coalesce(t.name, u.trunk) AS name, t.max_lines, t.max_cps, coalesce(t.plus, true) AS plus,
    coalesce(t.strip, '') AS strip, coalesce(t.prefix, '') AS prefix,
    coalesce(array_agg(u.campaign ORDER BY u.campaign) FILTER (WHERE u.campaign IS NOT NULL), '{}') AS campaigns
FROM trunks t FULL JOIN (SELECT DISTINCT campaign, trunk FROM used) u ON u.trunk = t.name
GROUP BY coalesce(t.name, u.trunk), t.name ORDER BY 1 LIMIT 200;

-- name: jobs_page
-- Jobs, the newest first, of all campaigns or of one, from before a number on.
SELECT j.id, j.kind, j.state, coalesce(j.args ->> 'file_name', '') AS file_name,
    c.id AS campaign_id, coalesce(c.name, '') AS campaign,
    coalesce((j.args ->> 'dry_run')::boolean, false) AS dry_run, coalesce(u.name, '') AS actor,
    j.actor_id IS NOT DISTINCT FROM $1 AS mine, j.created_at, j.started_at, j.finished_at,
    j.progress::text AS progress, j.tries, j.cancel_asked_at IS NOT NULL AS cancel_asked, j.error,
    j.actor_id = $1 AND EXISTS (SELECT FROM job_pieces AS p WHERE p.job_id = j.id AND p.file = 'rejects') AS rejects
FROM jobs AS j
LEFT JOIN users AS u ON u.id = j.actor_id
LEFT JOIN campaigns AS c ON c.id = (j.args ->> 'campaign_id')::bigint
WHERE ($2::bigint IS NULL OR j.id < $2) AND ($3::bigint IS NULL OR j.subject = 'campaign:' || $3)
ORDER BY j.id DESC LIMIT $4;

-- name: job_one
-- One job, and once it ended what came of it; whether there are rejects for this user.
SELECT j.id, j.kind, j.state, coalesce(j.args ->> 'file_name', '') AS file_name,
    c.id AS campaign_id, coalesce(c.name, '') AS campaign,
    coalesce((j.args ->> 'dry_run')::boolean, false) AS dry_run, coalesce(u.name, '') AS actor,
    j.actor_id IS NOT DISTINCT FROM $1 AS mine, j.created_at, j.started_at, j.finished_at,
    j.progress::text AS progress, j.tries, j.cancel_asked_at IS NOT NULL AS cancel_asked, j.error,
    CASE WHEN j.finished_at IS NOT NULL THEN j.result::text END AS result,
    j.actor_id = $1 AND EXISTS (SELECT FROM job_pieces AS p WHERE p.job_id = j.id AND p.file = 'rejects') AS rejects
FROM jobs AS j
LEFT JOIN users AS u ON u.id = j.actor_id
LEFT JOIN campaigns AS c ON c.id = (j.args ->> 'campaign_id')::bigint
WHERE j.id = $2;
