-- Migrations -----------------------------------------------------------------------------------------------------

-- name: migration_lock
-- One at a time; the lock ends with the connection. Asked for again and again: a statement that waited would be waited for by
-- an index that is made beside writers, for ever.
SELECT pg_try_advisory_lock($1::bigint);

-- name: migration_over
-- Whether nobody migrates; the lock ends with the connection.
SELECT pg_try_advisory_lock_shared($1::bigint);

-- name: roles_at_work
-- Connections of engine, web and archive to this database, by role.
SELECT application_name AS role, count(*) FROM pg_stat_activity
WHERE datname = current_database() AND application_name LIKE 'cadencia %' GROUP BY 1 ORDER BY 1;

-- name: has_versions
-- Whether anything was ever migrated here.
SELECT to_regclass('schema_migrations') IS NOT NULL;

-- name: migration_table
-- Where the versions that were migrated to are written down.
CREATE TABLE IF NOT EXISTS schema_migrations (version varchar(128) PRIMARY KEY);

-- name: migrations_applied
-- Versions that this database has been migrated to.
SELECT version FROM schema_migrations ORDER BY version;

-- name: migration_done
-- A version was migrated to.
INSERT INTO schema_migrations (version) VALUES ($1);

-- name: migration_undone
-- A version was migrated back from.
DELETE FROM schema_migrations WHERE version = $1;

-- name: migration_patience
-- How long each statement of this connection waits for a lock.
SELECT set_config('lock_timeout', $1, false);

-- name: step_table
-- Steps of migrations that ran outside their transaction.
CREATE TABLE IF NOT EXISTS schema_steps (version varchar(128), step text, PRIMARY KEY (version, step));

-- name: step_is_done
-- Whether a step was run to its end.
SELECT EXISTS (SELECT 1 FROM schema_steps WHERE version = $1 AND step = $2);

-- name: step_done
-- Note a step that was run to its end.
INSERT INTO schema_steps (version, step) VALUES ($1, $2);

-- name: steps_undone
-- A migration that is taken back runs its steps again.
DELETE FROM schema_steps WHERE version = $1;

-- name: invalid_indexes
-- Indexes whose making beside writers was broken off.
SELECT c.relname AS name, i.indexrelid::regclass::text AS quoted FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
WHERE NOT i.indisvalid AND c.relnamespace = 'public'::regnamespace;

-- name: drop_index
-- Take it away beside writers; the name comes quoted from the catalog.
DROP INDEX CONCURRENTLY IF EXISTS {name};

-- name: schema_facts
-- Everything of the public schema that a migration can make, one line each.
WITH relations AS (
    SELECT c.oid, c.relname AS name, c.relkind, c.reloptions
    FROM pg_class c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relname NOT IN ('schema_migrations', 'schema_migrations_pkey', 'schema_steps', 'schema_steps_pkey')
),
facts AS (
    SELECT format('table %s%s', name, coalesce(' with ' || array_to_string(reloptions, ','), '')) AS fact
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm')
    UNION ALL
    SELECT format('column %s.%s #%s %s%s%s%s', r.name, a.attname, row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum),
        format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN ' not null' ELSE '' END,
        coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), ''),
        CASE a.attidentity WHEN 'a' THEN ' identity always' WHEN 'd' THEN ' identity' ELSE '' END)
    FROM relations r
    JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE r.relkind IN ('r', 'p', 'v', 'm')
    UNION ALL
    SELECT format('constraint %s.%s %s', r.name, k.conname, pg_get_constraintdef(k.oid))
    FROM relations r JOIN pg_constraint k ON k.conrelid = r.oid
    WHERE k.contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT 'index ' || pg_get_indexdef(oid) FROM relations WHERE relkind IN ('i', 'I')
    UNION ALL
    SELECT 'sequence ' || name FROM relations WHERE relkind = 'S'
    UNION ALL
    SELECT 'view ' || name || ' ' || pg_get_viewdef(oid) FROM relations WHERE relkind IN ('v', 'm')
    UNION ALL
    SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc p
    WHERE p.pronamespace = 'public'::regnamespace
      AND NOT EXISTS (SELECT 1 FROM pg_depend e WHERE e.objid = p.oid AND e.deptype = 'e')
    UNION ALL
    SELECT 'trigger ' || pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN relations r ON r.oid = t.tgrelid
    WHERE NOT t.tgisinternal
    UNION ALL
    SELECT format('comment %s.%s %s', r.name, coalesce(a.attname, ''), d.description)
    FROM relations r
    JOIN pg_description d ON d.objoid = r.oid AND d.classoid = 'pg_class'::regclass
    LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.objsubid AND d.objsubid > 0
    UNION ALL
    SELECT format('type %s %s', t.typname, (SELECT string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
                                            FROM pg_enum e WHERE e.enumtypid = t.oid))
    FROM pg_type t WHERE t.typnamespace = 'public'::regnamespace AND t.typtype IN ('e', 'd')
)
SELECT fact FROM facts ORDER BY fact COLLATE "C";

-- Reading --------------------------------------------------------------------------------------------------------

-- name: campaigns
-- Every campaign with what the engine must know of it: settings, skills, whether its caller id is registered, what changed its rules.
SELECT ARRAY(SELECT DISTINCT s.code FROM campaign_agents m JOIN users u ON u.id = m.agent_id AND u.active
             JOIN agent_skills k ON k.agent_id = m.agent_id JOIN skills s ON s.id = k.skill_id
             WHERE m.campaign_id = c.id) AS staffed,
    c.id, c.code, c.name, c.trunk, c.caller_id, c.status, c.settings, c.settings_version,
    EXISTS (SELECT 1 FROM caller_ids i
            WHERE i.number = c.caller_id AND (now() AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date
                BETWEEN i.starts_on AND i.ends_on) AS caller_registered,
    (SELECT coalesce(sum(r.times), 0)::bigint FROM rule_changes r WHERE r.campaign_id = c.id OR r.campaign_id IS NULL) AS rules,
    coalesce((SELECT r.digest FROM rule_changes r WHERE r.campaign_id = c.id ORDER BY r.id DESC LIMIT 1), '') AS digest,
    coalesce((SELECT jsonb_object_agg(s.code, cs.min_level)
              FROM campaign_skills cs JOIN skills s ON s.id = cs.skill_id
              WHERE cs.campaign_id = c.id), '{}') AS required_skills
FROM campaigns c
ORDER BY c.id;

-- name: rules_change
-- A campaign is judged by something else from now on; how often that was so, with this time.
WITH noted AS (
    INSERT INTO rule_changes (campaign_id, what, digest) VALUES ($1, 'rules', $2)
    ON CONFLICT (at, xact, coalesce(campaign_id, 0), what) DO UPDATE SET digest = EXCLUDED.digest
)
SELECT coalesce(sum(times), 0)::bigint + 1 FROM rule_changes WHERE campaign_id = $1 OR campaign_id IS NULL;

-- name: agents
-- Agents who may work, and those with a call that is still open, with skills and campaigns.
SELECT a.id, u.name, a.endpoint,
    coalesce((SELECT jsonb_object_agg(s.code, k.level)
              FROM agent_skills k JOIN skills s ON s.id = k.skill_id
              WHERE k.agent_id = a.id), '{}') AS skills,
    ARRAY(SELECT campaign_id FROM campaign_agents WHERE agent_id = a.id AND u.active) AS campaigns
FROM agents a JOIN users u ON u.id = a.id
WHERE u.active OR a.id IN (SELECT agent_id FROM attempts WHERE ended_at IS NULL)
ORDER BY a.id;

-- name: open_calls
-- Calls that have not ended, oldest first.
SELECT * FROM attempts WHERE ended_at IS NULL ORDER BY placed_at, id;

-- name: shown_calls
-- These calls, in the order in which they are asked for.
SELECT a.* FROM attempts a JOIN unnest($1::uuid[]) WITH ORDINALITY AS wanted (id, place) ON a.id = wanted.id
ORDER BY wanted.place;

-- name: marked
-- What was marked in these calls: the agent knows who speaks; the recording is paused.
SELECT attempt_id, bool_or(kind = 'verified') AS verified,
    coalesce((array_agg(kind = 'paused' ORDER BY at DESC, id DESC) FILTER (WHERE kind <> 'verified'))[1], false) AS paused
FROM recording_marks
WHERE attempt_id = ANY($1::uuid[])
GROUP BY attempt_id;

-- name: handed_over
-- What went along when an agent handed the person of these calls on last.
SELECT DISTINCT ON (attempt_id) attempt_id, detail -> 'handover' AS handover
FROM attempt_events WHERE attempt_id = ANY($1::uuid[]) AND event = 'transferred'
ORDER BY attempt_id, version DESC;

-- name: cards
-- What the screen shows of a person; the call itself adds its number.
SELECT p.id, p.name, p.language, p.zone, p.flags,
    ARRAY(SELECT jsonb_build_object('creditor', d.creditor, 'currency', d.currency, 'balance_minor', d.balance_minor,
                                    'days_past_due', d.days_past_due, 'reference', d.reference,
                                    'stage', d.stage, 'status', d.status)
          FROM debts d WHERE d.person_id = p.id ORDER BY d.days_past_due DESC, d.id LIMIT 20) AS debts,
    ARRAY(SELECT jsonb_build_object('at', a.placed_at, 'outcome', a.outcome,
                                    'disposition', coalesce(made.code, ''), 'agent', coalesce(u.name, ''))
          FROM attempts a
          LEFT JOIN LATERAL (SELECT code FROM call_dispositions WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1) made
              ON true
          LEFT JOIN users u ON u.id = a.agent_id
          WHERE a.person_id = p.id AND a.ended_at IS NOT NULL
          ORDER BY a.placed_at DESC LIMIT 5) AS last_contacts,
    (SELECT a.agent_id FROM attempts a
     WHERE a.person_id = p.id AND a.connected_at IS NOT NULL AND a.placed_at > now() - interval '90 days'
       AND coalesce(a.outcome, 'conversation') = 'conversation'
     ORDER BY a.placed_at DESC LIMIT 1) AS last_agent
FROM persons p
WHERE p.id = ANY($1::bigint[]);

-- name: counts
-- Results of these campaigns by the minute in which they were settled: by the first bridge, or by the end without one. An attempt rings
-- ninety seconds at most: what was settled since $2 was called ten minutes before at the earliest. A call that an agent
-- started waits for nobody: its answer may not dilute the share, but who got nobody counts.
SELECT campaign_id, date_trunc('minute', settled_at) AS at,
    -- What the network or we broke ($4) before anything rang was no call; without a codec in common it tells of nobody.
    count(*) FILTER (WHERE coalesce(outcome, '') NOT IN ('cancelled', 'lost')
                     AND (rang OR coalesce(outcome, '') <> ALL ($4::text[])))::int AS dialed,
    count(*) FILTER (WHERE person AND (connected_at IS NOT NULL AND verdict <> 'doubted' OR outcome IN ('abandoned', 'unserved')))::int AS live,
    count(*) FILTER (WHERE outcome = 'abandoned')::int AS abandoned,
    count(*) FILTER (WHERE verdict = 'machine' OR outcome = 'machine')::int AS machines,
    count(*) FILTER (WHERE outcome = 'unserved')::int AS unserved,
    count(*) FILTER (WHERE verdict <> 'audit' AND outcome = 'hung_up_early' AND waiting_at IS NOT NULL
                           OR verdict = 'doubted' AND connected_at IS NOT NULL)::int AS early,
    -- Calls of before this was kept with them were screened as well as is known of the detector ($5).
    coalesce(sum(round(1000000 * coalesce((limits ->> 'machine_error')::numeric, $5::numeric)))
             FILTER (WHERE verdict = 'machine' OR outcome = 'machine'), 0)::int AS suspected
FROM (SELECT campaign_id, coalesce(connected_at, ended_at) AS settled_at, connected_at, waiting_at, outcome, verdict, limits,
          coalesce(ringing_at, answered_at) IS NOT NULL AND outcome IS DISTINCT FROM 'no_media' AS rang,
          -- An audited machine dilutes nothing, nor does one that was recognised when an agent had it, or that an agent got
          -- because screening is stopped (doubted): that one counts where nobody came.
          verdict <> 'audit' AND coalesce(outcome, 'conversation') IN
              ('conversation', 'abandoned', 'unserved') AS person
      FROM attempts
      WHERE campaign_id = ANY ($1::bigint[]) AND placed_at >= $2::timestamptz - interval '10 minutes' AND placed_at < $3
        AND direction = 'outbound' AND (reserved_for IS NULL OR outcome IN ('abandoned', 'unserved'))) AS recent
WHERE settled_at >= $2 AND settled_at < $3
GROUP BY 1, 2
ORDER BY 1, 2;

-- name: past_calls
-- Newest first. The wrap-up lasts from the end of the call until the agent is logged in another state. How long an agent
-- had a machine, until it was found out, is no talk. What the network or we broke ($3) tells of nobody.
SELECT date_part('epoch', coalesce(a.answered_at, a.ended_at) - a.placed_at) AS ring,
    CASE WHEN a.verdict IN ('machine', 'audit') THEN 'machine' WHEN a.waiting_at IS NOT NULL THEN 'human'
         WHEN a.outcome = 'cancelled' THEN 'cancelled' ELSE 'other' END AS "end",
    CASE WHEN a.waiting_at IS NOT NULL OR a.verdict IN ('machine', 'audit')
         THEN date_part('epoch', a.verdict_at - a.answered_at) END AS screening,
    CASE WHEN a.outcome = 'conversation' THEN date_part('epoch', a.ended_at - a.connected_at) END AS talk,
    CASE WHEN a.outcome = 'conversation' THEN a.agent_id END AS agent_id,
    CASE WHEN after_it.state <> 'offline' THEN date_part('epoch', after_it.at - a.ended_at) END AS wrap
FROM attempts a
LEFT JOIN LATERAL (SELECT l.at, l.state FROM agent_log l
                   WHERE a.outcome = 'conversation' AND l.agent_id = a.agent_id AND l.at >= a.ended_at
                     AND l.at < a.ended_at + interval '1 hour' AND l.state NOT IN ('wrap_up', 'on_call')
                   ORDER BY l.at LIMIT 1) AS after_it ON true
WHERE a.campaign_id = $1 AND a.ended_at IS NOT NULL AND a.outcome <> 'lost' AND a.reserved_for IS NULL
  AND a.direction = 'outbound'
  AND (coalesce(a.ringing_at, a.answered_at) IS NOT NULL AND a.outcome <> 'no_media' OR a.outcome <> ALL ($3::text[]))
ORDER BY a.placed_at DESC
LIMIT $2;

-- name: audits
-- Machine verdicts of 30 days whose call an agent got unknowing, as far as somebody judged them: a correction first,
-- then the agent's disposition. Who hung up without a word, or was never disposed of, says nothing.
SELECT count(*)::int AS audited, (count(*) FILTER (WHERE truth = 'person'))::int AS wrong
FROM (SELECT coalesce(v.correction, CASE WHEN d.kind = 'no_contact' AND d.code = 'machine' THEN 'machine'
                                         WHEN d.kind IN ('right_party', 'third_party') THEN 'person' END) AS truth
      FROM call_verdicts v
      LEFT JOIN LATERAL (SELECT c.code FROM call_dispositions c WHERE c.attempt_id = v.attempt_id
                         ORDER BY c.at DESC LIMIT 1) AS said ON true
      LEFT JOIN dispositions d USING (code)
      WHERE v.campaign_id = $1 AND v.audited AND v.at >= $2) AS judged
WHERE truth IS NOT NULL;

-- name: verdict_audio_rules
-- Which rule pack each campaign with kept audio is under.
SELECT c.id, coalesce(c.settings ->> 'rule_pack', '') AS pack FROM campaigns c
WHERE EXISTS (SELECT 1 FROM call_verdicts v WHERE v.campaign_id = c.id AND v.audio <> '');

-- name: forget_verdict_audio
-- Audio of a campaign from before $2, at most $3 verdicts; the files are the caller's to delete.
WITH due AS (
    SELECT attempt_id, stage, audio FROM call_verdicts
    WHERE campaign_id = $1 AND at < $2 AND audio <> '' ORDER BY at LIMIT $3 FOR UPDATE SKIP LOCKED
)
UPDATE call_verdicts v SET audio = '' FROM due d
WHERE v.attempt_id = d.attempt_id AND v.stage = d.stage
RETURNING d.audio;

-- name: learners
-- What the pacing had learned of each campaign.
SELECT campaign_id, content FROM pacing_learners;

-- name: trunks
-- What trunks carry, and how they want numbers.
SELECT name, max_lines, max_cps, plus, strip, prefix FROM trunks ORDER BY name;

-- name: stopped
-- Of these persons, those who must not be called any more.
SELECT p.id FROM persons p
WHERE p.id = ANY($1::bigint[])
  AND (p.stopped_at IS NOT NULL
       OR p.flags && '{paid,deceased,lawyer,minor}'
       OR EXISTS (SELECT 1 FROM attempts a
                  WHERE a.person_id = p.id AND a.ended_at IS NULL AND is_suppressed(a.number, now())));

-- name: live_news
-- Persons with open calls of whom something was learnt since the reservation, beyond what was told ($1, $2), and those who
-- are rung on a number that is suppressed by now. What is compared was written under the lock of the person: no commit slips by.
SELECT p.id AS person_id, p.news,
    p.flags || CASE WHEN p.stopped_at IS NULL THEN '{}'::text[] ELSE '{stopped}' END AS flags,
    ARRAY(SELECT jsonb_build_object('creditor', d.creditor, 'currency', d.currency, 'balance_minor', d.balance_minor,
                                    'days_past_due', d.days_past_due, 'reference', d.reference,
                                    'stage', d.stage, 'status', d.status)
          FROM debts d WHERE d.person_id = p.id ORDER BY d.days_past_due DESC, d.id LIMIT 20) AS debts
FROM attempts a JOIN persons p ON p.id = a.person_id
LEFT JOIN unnest($1::uuid[], $2::bigint[]) AS told (attempt_id, news) ON told.attempt_id = a.id
WHERE a.ended_at IS NULL
  AND (p.news > coalesce(told.news, a.news, p.news)
       OR a.direction = 'outbound' AND a.state IN ('dialing', 'ringing') AND is_suppressed(a.number, now()));

-- name: person_news
-- What the screens show of these persons, as it is now.
SELECT p.id AS person_id, p.news,
    p.flags || CASE WHEN p.stopped_at IS NULL THEN '{}'::text[] ELSE '{stopped}' END AS flags,
    ARRAY(SELECT jsonb_build_object('creditor', d.creditor, 'currency', d.currency, 'balance_minor', d.balance_minor,
                                    'days_past_due', d.days_past_due, 'reference', d.reference,
                                    'stage', d.stage, 'status', d.status)
          FROM debts d WHERE d.person_id = p.id ORDER BY d.days_past_due DESC, d.id LIMIT 20) AS debts
FROM persons p WHERE p.id = ANY ($1::bigint[]);

-- name: agent_results
-- Per agent since $1: conversations with the right person, and those that ended in a promise or a payment.
SELECT d.agent_id, count(*) FILTER (WHERE c.kind = 'right_party')::int AS spoken,
    count(*) FILTER (WHERE d.code IN ('promise', 'paid'))::int AS good
FROM call_dispositions d JOIN dispositions c USING (code)
WHERE d.at >= $1 GROUP BY 1;

-- name: clock
-- The time by the database.
SELECT clock_timestamp() AS at;

-- name: open_alarms
-- How many alarms are open.
SELECT count(*) FROM alarms WHERE acknowledged_at IS NULL AND ended_at IS NULL;

-- name: alarms_of_settings
-- Open alarms of these kinds.
SELECT kind, subject FROM alarms
WHERE kind = ANY ($1::text[]) AND acknowledged_at IS NULL AND ended_at IS NULL ORDER BY kind, subject LIMIT 1000;

-- name: leads_left
-- Open leads, as they are counted, and of these such as are not to be called before a time of their own. By their times, not by their marks:
-- a lead that was entered with a time to come has none, and the marks of those whose time has come stand until the next claim.
-- Of those that rest, how many wake in each of the first $3 seconds in which any does.
WITH seconds AS (
    SELECT max(next_at) AS at, count(*)::int AS leads
    FROM leads
    WHERE campaign_id = $1 AND status = 'open' AND resting IN (true, false) AND next_at > $2 AND next_at > '-infinity'
    GROUP BY date_trunc('second', next_at)
), soonest AS (
    SELECT at, leads FROM seconds ORDER BY at LIMIT $3
)
SELECT (SELECT coalesce(sum(leads), 0) FROM lead_counts WHERE campaign_id = $1 AND status = 'open')::int AS open,
    (SELECT coalesce(sum(leads), 0) FROM seconds)::int AS resting,
    coalesce((SELECT array_agg(at ORDER BY at) FROM soonest), '{}') AS at,
    coalesce((SELECT array_agg(leads ORDER BY at) FROM soonest), '{}') AS leads;

-- name: calls_today
-- Conversations of each agent since $1.
SELECT agent_id, count(*)::int AS calls FROM attempts
WHERE agent_id IS NOT NULL AND placed_at >= $1::timestamptz - interval '10 minutes' AND connected_at >= $1
GROUP BY agent_id;

-- name: presences
-- What each agent did last since $1.
SELECT DISTINCT ON (agent_id) agent_id, at, state, code, call_id FROM agent_log
WHERE at >= $1
ORDER BY agent_id, at DESC, id DESC;

-- name: disposition_codes
-- Every disposition and what it requires.
SELECT code, requires FROM dispositions;

-- name: pause_codes
-- Every pause code.
SELECT code FROM pause_codes;

-- Fence ----------------------------------------------------------------------------------------------------------

-- name: fence_take
-- A new fence: whoever holds an older one can write no more.
INSERT INTO engine_fence (name, fence) VALUES ('engine', 1)
ON CONFLICT (name) DO UPDATE SET fence = engine_fence.fence + 1
RETURNING fence;

-- name: fence_now
-- The fence in force.
SELECT fence FROM engine_fence WHERE name = 'engine';

-- name: fence_hold
-- No newer engine can take over before the transaction that holds it has ended.
SELECT fence FROM engine_fence WHERE name = 'engine' FOR SHARE;

-- Reserving ------------------------------------------------------------------------------------------------------

-- name: wake_leads
-- Rests that are over: back into the indexes that leads are claimed by.
UPDATE leads SET resting = false
WHERE id IN (SELECT id FROM leads WHERE campaign_id = $1 AND status = 'open' AND resting AND next_at <= $2
               AND next_at > '-infinity'
             ORDER BY next_at LIMIT $3 FOR NO KEY UPDATE SKIP LOCKED);

-- name: wake_held
-- Leads that the gate refused by rules that have changed since ($3 = how often they have): into the hands of the next
-- claim, a callback not before its time. Whom the gate withdrew for good comes back where that reason may be gone, and
-- whom a stop or care did, at the time that was planned (a care campaign is there for those who need care); they are
-- looked at when all are that rest: however many cannot come back, they stand before nobody who can.
WITH rests AS (
    SELECT id, person_id, status FROM leads WHERE campaign_id = $1 AND status = 'open' AND held_rules < $3
    ORDER BY held_rules LIMIT $4 FOR NO KEY UPDATE SKIP LOCKED
),
withdrawn AS (
    SELECT id, person_id, status FROM leads WHERE campaign_id = $1 AND status = 'withdrawn' AND held_rules < $3
    ORDER BY held_rules LIMIT $4 - (SELECT count(*) FROM rests) FOR NO KEY UPDATE SKIP LOCKED
),
held AS (SELECT * FROM rests UNION ALL SELECT * FROM withdrawn),
judged AS (
    SELECT h.id,
        h.status = 'open' OR may_come_back(h.person_id, coalesce((c.settings ->> 'care')::boolean, false), $2) AS again,
        greatest($2, (SELECT CASE WHEN b.agent_id IS NULL AND b.place_since IS NULL THEN b.at ELSE b.open_at END
                      FROM callbacks b WHERE b.lead_id = h.id AND b.status = 'scheduled')) AS at
    FROM held h JOIN campaigns c ON c.id = $1
)
UPDATE leads l SET
    status = CASE WHEN j.again THEN 'open' ELSE l.status END,
    held_by = CASE WHEN j.again THEN '' ELSE l.held_by END,
    next_at = CASE WHEN j.again AND l.held_by NOT IN ('stop', 'care') THEN least(l.next_at, j.at) ELSE l.next_at END,
    held_rules = CASE WHEN j.again THEN NULL WHEN l.held_by IN ('stop', 'care') THEN 9223372036854775807 ELSE greatest($3, 0) END
FROM judged j WHERE l.id = j.id;

-- name: waiting
-- What holds the next $4 leads that rest, rule by rule, and when the first of each is looked at again: those of lists that
-- may give leads on this day ($3). Among so many times ten it is looked for them. And how many open ones ($4 at most) stand
-- on lists that are paused, or that have had what a day may give them, until the next day begins ($5). Those that rest
-- are read by their index, so are the others, list by list: of a list that has none left nothing is read.
WITH able AS (
    SELECT i.id FROM lists i LEFT JOIN list_days d ON d.list_id = i.id AND d.day = $3
    WHERE i.campaign_id = $1 AND i.status = 'active'
      AND (i.daily_attempts IS NULL OR coalesce(d.attempts, 0) < i.daily_attempts)
      AND (i.daily_conversations IS NULL OR coalesce(d.conversations, 0) < i.daily_conversations)
),
shut AS (
    SELECT id, CASE status WHEN 'active' THEN 'quota_full' ELSE 'list_paused' END AS rule
    FROM lists WHERE campaign_id = $1 AND id NOT IN (SELECT id FROM able)
),
rests AS MATERIALIZED (
    SELECT list_id, held_by, next_at FROM leads
    WHERE campaign_id = $1 AND status = 'open' AND resting AND next_at > $2 AND next_at > '-infinity'
    ORDER BY next_at LIMIT 10 * $4::int
)
SELECT rule, count(*)::int AS leads, CASE rule WHEN 'quota_full' THEN $5::timestamptz END AS until
FROM (SELECT rule FROM (SELECT s.rule FROM shut s CROSS JOIN LATERAL (
                            SELECT FROM leads l WHERE l.list_id = s.id AND l.status = 'open' AND NOT l.resting
                            LIMIT $4::int) AS awake
                        LIMIT $4::int) AS awake
      UNION ALL
      SELECT s.rule FROM rests r JOIN shut s ON s.id = r.list_id
      LIMIT $4::int) AS held
GROUP BY rule
UNION ALL
SELECT held_by AS rule, count(*)::int AS leads, min(next_at) AS until
FROM (SELECT held_by, next_at FROM rests WHERE list_id IN (SELECT id FROM able) ORDER BY next_at LIMIT $4::int) AS next
GROUP BY 1;

-- name: lists_at_work
-- Lists that may give leads now, how many calls they had today, and how many their quota leaves them.
SELECT i.id, i.priority, i.weight, i.fresh_share, coalesce(d.attempts, 0) AS given,
    CASE WHEN i.daily_attempts IS NOT NULL THEN greatest(0, i.daily_attempts - coalesce(d.attempts, 0)) END AS room
FROM lists i JOIN campaigns c ON c.id = i.campaign_id
LEFT JOIN list_days d ON d.list_id = i.id AND d.day = $2
WHERE i.campaign_id = $1 AND i.status = 'active' AND c.status = 'running'
  AND (i.daily_conversations IS NULL OR coalesce(d.conversations, 0) < i.daily_conversations)
ORDER BY i.id;

-- part: candidate
-- What the gate must know of the lead l's person p; of the debts those of the creditor $1, or all where none is named.
l.id AS lead_id, p.id AS person_id, p.name, p.language, p.country, p.region, p.zone, p.flags,
    p.stopped_at IS NOT NULL AS stopped, p.granted, p.refused, p.preferred,
    ARRAY(SELECT d.id FROM debts d
          WHERE d.person_id = p.id AND d.status = 'open'
            AND d.creditor_key = coalesce(nullif((SELECT creditor_key($1::text)), ''), d.creditor_key)) AS debts,
    (SELECT bool_and(d.status = 'paid') FROM debts d
     WHERE d.person_id = p.id
       AND d.creditor_key = coalesce(nullif((SELECT creditor_key($1::text)), ''), d.creditor_key)) IS TRUE AS settled,
    ARRAY(SELECT DISTINCT d.creditor FROM debts d WHERE d.person_id = p.id AND d.status = 'open') AS creditors

-- part: invited
-- Whether the lead l's person agreed to be called by now ($1).
l.urgent AND EXISTS (SELECT 1 FROM callbacks b
                     WHERE b.lead_id = l.id AND b.status = 'scheduled' AND b.at <= $1) AS invited

-- part: in_the_queue
-- The place of the lead l among those that wait.
l.list_id, l.priority, l.urgent, l.sort, l.attempts, greatest(l.next_at, 'epoch') AS next_at

-- name: claim_leads
-- The first leads of each list, fresh ones and others apart, with what the gate must know of their persons. Locks leads
-- and persons. A stop takes the person's row as well: it comes wholly before or wholly after.
-- NO KEY UPDATE, because rows that merely point at the person must not wait for us. The open attempt is looked up
-- lead by lead, never joined: with the statistics of a fresh table a join reads all of them for every lead.
SELECT one.*
FROM (SELECT * FROM unnest($2::bigint[], $3::int[]) AS wanted (list_id, most), (VALUES (false), (true)) AS of (again)) AS asked
CROSS JOIN LATERAL (
    SELECT {candidate($4)}, {invited($1)}, {in_the_queue()}
    FROM leads l JOIN persons p ON p.id = l.person_id
    WHERE l.list_id = asked.list_id AND l.status = 'open' AND NOT l.resting AND (l.attempts > 0) = asked.again
      AND l.next_at <= $1 AND l.id <> ALL ($5::bigint[])
      AND (SELECT a.id FROM attempts a WHERE a.person_id = l.person_id AND a.ended_at IS NULL LIMIT 1) IS NULL
    ORDER BY l.urgent DESC, l.priority DESC, l.sort, l.next_at, l.attempts, l.id
    LIMIT asked.most
    FOR NO KEY UPDATE OF l, p SKIP LOCKED
) AS one;

-- name: claim_callback
-- The callback of this agent that is due longest, or that of the lead $5 who keeps a place in the queue of callers;
-- with the same locks as in claim_leads.
SELECT {candidate($4)}, true AS invited, {in_the_queue()}
FROM callbacks own JOIN leads l ON l.id = own.lead_id JOIN persons p ON p.id = l.person_id
WHERE (own.agent_id = $2 OR (own.place_since IS NOT NULL AND own.lead_id = $5)) AND own.campaign_id = $1 AND own.status = 'scheduled' AND own.at <= $3
  AND l.status = 'open' AND (l.held_by <> 'preview' OR l.next_at <= $3)
  AND EXISTS (SELECT 1 FROM campaigns c WHERE c.id = $1 AND c.status = 'running')
  AND (SELECT a.id FROM attempts a WHERE a.person_id = l.person_id AND a.ended_at IS NULL LIMIT 1) IS NULL
ORDER BY own.lead_id = $5 DESC NULLS LAST, own.at
LIMIT 5
FOR NO KEY UPDATE OF l, p SKIP LOCKED;

-- name: claim_held
-- A lead that is held for a preview, with the same locks as in claim_leads.
SELECT {candidate($4)}, {invited($3)}, {in_the_queue()}
FROM leads l JOIN persons p ON p.id = l.person_id
WHERE l.id = $2 AND l.campaign_id = $1 AND l.status = 'open' AND l.held_by = 'preview'
  AND EXISTS (SELECT 1 FROM campaigns c WHERE c.id = $1 AND c.status = 'running')
  AND (SELECT a.id FROM attempts a WHERE a.person_id = l.person_id AND a.ended_at IS NULL LIMIT 1) IS NULL
FOR NO KEY UPDATE OF l, p SKIP LOCKED;

-- name: callbacks_due
-- Callbacks that belong to an agent and are due before $1, with their campaign; and everybody who keeps a place in the
-- queue of callers, is not held for an agent yet, and was not refused by the gate until later.
SELECT b.agent_id, b.campaign_id, min(b.at) AS at, NULL::bigint AS lead_id, NULL::timestamptz AS place_since
FROM callbacks b JOIN leads l ON l.id = b.lead_id
WHERE b.status = 'scheduled' AND b.agent_id IS NOT NULL AND b.at <= $1 AND l.status = 'open'
GROUP BY 1, 2
UNION ALL
SELECT NULL, b.campaign_id, b.at, b.lead_id, b.place_since
FROM callbacks b JOIN leads l ON l.id = b.lead_id
WHERE b.status = 'scheduled' AND b.agent_id IS NULL AND b.place_since IS NOT NULL AND b.at <= $1
  AND l.status = 'open' AND (l.held_by = '' OR l.next_at <= $1)
  AND NOT EXISTS (SELECT 1 FROM attempts a WHERE a.person_id = l.person_id AND a.ended_at IS NULL)
ORDER BY place_since NULLS FIRST;

-- name: hold_preview
-- Held by its next_at alone: whatever becomes of the engine, the lead is free when the time is over.
UPDATE leads SET held_by = 'preview', next_at = $2 WHERE id = $1;

-- name: return_lead
-- A previewed lead goes back, if the fence still holds.
UPDATE leads l SET held_by = '', next_at = $2
WHERE l.id = $1 AND l.status = 'open' AND l.held_by = 'preview'
  AND $3 = (SELECT fence FROM engine_fence WHERE name = 'engine' FOR SHARE);

-- name: candidate_phones
-- Also takes each line for this transaction, where it is free: two persons may share one, and its cap.
SELECT f.person_id, f.id, f.number, f.kind, f.status, f.zones,
    is_suppressed(f.number, $2) AS do_not_call, suppressed_until(f.number, $2) AS do_not_call_until, f.rests_until,
    pg_try_advisory_xact_lock(hashtextextended(line_of(f.number), 0)) AS ours
FROM phones f
WHERE f.person_id = ANY($1::bigint[])
ORDER BY f.person_id, f.position, f.id;

-- name: candidate_ledger
-- Read after the locks are held. Contacts of others on the same line count for the line. A stop counts until it is lifted.
SELECT c.person_id, true AS same_person, c.kind, c.channel, c.number, c.at, c.attempt_id, c.debt_ids
FROM contacts c JOIN persons p ON p.id = c.person_id
WHERE c.person_id = ANY($1::bigint[]) AND (CASE c.kind WHEN 'stop' THEN c.at > coalesce(p.unstopped_at, '-infinity') ELSE c.at > $2 END)
UNION ALL
SELECT f.person_id, false, c.kind, c.channel, c.number, c.at, c.attempt_id, c.debt_ids
FROM (SELECT DISTINCT person_id, line_of(number) AS line FROM phones WHERE person_id = ANY($1::bigint[])) AS f
JOIN contacts c ON line_of(c.number) = f.line AND c.person_id <> f.person_id
WHERE c.at > $2
UNION ALL
-- Whoever is being spoken to on the line: in the ledger only at the end. (Nobody calls a person who is in a call.)
SELECT f.person_id, false, 'conversation', 'voice', a.number, a.connected_at, a.id, NULL
FROM phones f JOIN attempts a ON a.line = line_of(f.number) AND a.person_id <> f.person_id
WHERE f.person_id = ANY($1::bigint[]) AND a.ended_at IS NULL AND a.connected_at > $2;

-- name: candidate_history
-- What the answer model asks of each lead and the telephone it would be called on; attempts since $3 count.
SELECT l.list_id, f.kind, f.known_at, past.phone_attempts, past.lead_attempts, past.last_outcome, past.answered_at
FROM unnest($1::bigint[], $2::bigint[]) WITH ORDINALITY AS wanted (lead_id, phone_id, place)
JOIN leads l ON l.id = wanted.lead_id
LEFT JOIN phones f ON f.id = wanted.phone_id
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.phone_id = wanted.phone_id)::int AS phone_attempts,
        count(*) FILTER (WHERE a.lead_id = l.id)::int AS lead_attempts,
        (array_agg(a.outcome ORDER BY a.placed_at DESC) FILTER (WHERE a.phone_id = wanted.phone_id))[1]
            AS last_outcome,
        max(a.placed_at) FILTER (WHERE a.phone_id = wanted.phone_id AND a.waiting_at IS NOT NULL
                                       AND a.verdict NOT IN ('audit', 'doubted')) AS answered_at
    FROM attempts a
    WHERE a.person_id = l.person_id AND a.placed_at >= $3 AND a.direction = 'outbound'
) past
ORDER BY wanted.place;

-- name: on_the_line
-- Which of these persons are in a call (no phone), and which of their phones are, with whomever: in a statement after the
-- one that took the lines, so that it sees what was committed while that one waited. Line by line, as in claim_leads.
SELECT person_id, NULL::bigint AS phone_id FROM attempts WHERE person_id = ANY($1::bigint[]) AND ended_at IS NULL
UNION ALL
SELECT f.person_id, f.id FROM phones f
WHERE f.person_id = ANY($1::bigint[])
  AND (SELECT a.id FROM attempts a WHERE a.line = line_of(f.number) AND a.ended_at IS NULL LIMIT 1) IS NOT NULL;

-- name: reserve
-- The attempts, their first event, their place in the ledger and in the day of their list, and the leads that are now in
-- a call: a callback that was agreed is kept by it.
WITH wanted AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS r (
        id uuid, campaign_id bigint, lead_id bigint, person_id bigint, phone_id bigint, number text, limits jsonb,
        screened boolean, reserved_for bigint, gate jsonb, placed_at timestamptz, deadline_at timestamptz, chance real,
        debt_ids bigint[])
),
placed AS (
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, reserved_for, gate,
                          placed_at, deadline_at, chance)
    SELECT id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, reserved_for, gate, placed_at,
        deadline_at, chance
    FROM wanted
),
noted AS (
    INSERT INTO attempt_events (attempt_id, version, at, event, to_state)
    SELECT id, 1, placed_at, 'placed', 'dialing' FROM wanted
),
booked AS (
    INSERT INTO contacts (person_id, attempt_id, number, kind, at, debt_ids)
    SELECT person_id, id, number, 'attempt', placed_at, debt_ids FROM wanted
),
counted AS (
    INSERT INTO list_days AS d (list_id, day, attempts)
    SELECT l.list_id, (w.placed_at AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date, count(*)
    FROM wanted w JOIN leads l ON l.id = w.lead_id JOIN campaigns c ON c.id = w.campaign_id
    GROUP BY 1, 2
    ON CONFLICT (list_id, day) DO UPDATE SET attempts = d.attempts + EXCLUDED.attempts
),
kept AS (
    UPDATE callbacks b SET status = 'called', done_at = w.placed_at
    FROM wanted w WHERE b.lead_id = w.lead_id AND b.status = 'scheduled' AND b.at <= w.placed_at
)
UPDATE leads l SET status = 'in_call', held_by = '', urgent = false, attempts = l.attempts + 1
FROM wanted WHERE l.id = wanted.lead_id;

-- name: hold_leads
-- $4 = how often the rules had changed, as far as who judged knew.
UPDATE leads l
SET held_by = r.rule, next_at = coalesce(r.until, l.next_at),
    status = CASE WHEN r.until IS NULL THEN 'withdrawn' ELSE 'open' END,
    held_rules = $4, held_at = clock_timestamp()
FROM unnest($1::bigint[], $2::text[], $3::timestamptz[]) AS r (id, rule, until)
WHERE l.id = r.id;

-- Committing -----------------------------------------------------------------------------------------------------

-- name: write_turn
-- Everything of one turn that hangs on nothing else, in one statement, so that it needs no transaction around it:
-- where the fence is not ours, or a single step finds its attempt elsewhere, `fit` is false and nothing is written.
WITH holder AS MATERIALIZED (
    SELECT fence FROM engine_fence WHERE name = 'engine' FOR SHARE
),
step AS (
    SELECT * FROM jsonb_to_recordset($2::jsonb) AS r (
        id uuid, before text, state text, version int, ringing_at timestamptz, answered_at timestamptz,
        verdict_at timestamptz, verdict text, waiting_at timestamptz, connected_at timestamptz, ended_at timestamptz,
        deadline_at timestamptz, agent_id bigint, outcome text, cause int, reason text, routing jsonb,
        at timestamptz, event text, detail jsonb, contact text, dead boolean, silenced boolean,
        rests_until timestamptz, refused_on date, refused_trunk text, there boolean)
),
launch AS (
    SELECT * FROM jsonb_to_recordset($10::jsonb) AS r (attempt_id uuid, trunk text)
),
found AS (
    SELECT a.id FROM attempts a JOIN step s ON a.id = s.id AND a.version = s.version - 1 AND a.state = s.before
    FOR NO KEY UPDATE OF a
),
fit AS MATERIALIZED (
    SELECT coalesce((SELECT fence FROM holder) = $1, false)
        AND (SELECT count(*) FROM found) = (SELECT count(*) FROM step) AS yes
),
moved AS (
    UPDATE attempts a SET
        state = s.state, version = s.version, ringing_at = s.ringing_at, answered_at = s.answered_at,
        verdict_at = s.verdict_at, verdict = s.verdict, waiting_at = s.waiting_at, connected_at = s.connected_at,
        ended_at = s.ended_at, deadline_at = s.deadline_at, agent_id = s.agent_id, outcome = s.outcome,
        cause = s.cause, reason = s.reason, routing = coalesce(s.routing, a.routing),
        trunk = coalesce((SELECT n.trunk FROM launch n WHERE n.attempt_id = a.id), a.trunk)
    FROM step s
    WHERE a.id = s.id AND a.version = s.version - 1 AND (SELECT yes FROM fit)
    RETURNING a.id, a.person_id, a.phone_id, a.number, a.version, a.state, s.before, s.at, s.event, s.detail,
        s.contact, s.dead, s.silenced, s.rests_until, s.refused_on, s.refused_trunk, s.there, a.connected_at
),
sent AS (
    UPDATE attempts a SET trunk = n.trunk FROM launch n
    WHERE a.id = n.attempt_id AND NOT EXISTS (SELECT 1 FROM step s WHERE s.id = n.attempt_id) AND (SELECT yes FROM fit)
),
noted AS (
    INSERT INTO attempt_events (attempt_id, version, at, event, from_state, to_state, detail)
    SELECT id, version, at, event, before, state, detail FROM moved
),
booked AS (
    INSERT INTO contacts (person_id, attempt_id, number, kind, at, debt_ids)
    -- A conversation is known as one at its end; it counts from when it began.
    SELECT m.person_id, m.id, m.number, m.contact,
        CASE m.contact WHEN 'conversation' THEN m.connected_at ELSE m.at END,
        (SELECT c.debt_ids FROM contacts c WHERE c.attempt_id = m.id AND c.kind = 'attempt')
    FROM moved m WHERE m.contact <> ''
    ON CONFLICT DO NOTHING
    RETURNING attempt_id, kind, at
),
conversed AS (
    INSERT INTO list_days AS d (list_id, day, conversations)
    SELECT l.list_id, (b.at AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date, count(*)
    FROM booked b JOIN attempts a ON a.id = b.attempt_id JOIN leads l ON l.id = a.lead_id
    JOIN campaigns c ON c.id = a.campaign_id
    WHERE b.kind = 'conversation'
    GROUP BY 1, 2
    ON CONFLICT (list_id, day) DO UPDATE SET conversations = d.conversations + EXCLUDED.conversations
),
buried AS (
    -- A number rests, and is known as refused, for everybody who has it; it is dead as the telephone of the person who
    -- was called: by an information tone, or by a second day of refusals (dialer.model.number).
    UPDATE phones f SET
        status = CASE WHEN f.id = m.phone_id AND (m.dead OR f.refused_on < m.refused_on AND m.refused_on <= f.refused_on + $11::int)
                      THEN 'dead' ELSE f.status END,
        rests_until = greatest(m.rests_until, f.rests_until),
        refused_on = CASE WHEN m.there THEN NULL
                          WHEN f.refused_on >= m.refused_on - $11::int THEN f.refused_on
                          ELSE coalesce(m.refused_on, f.refused_on) END,
        refused_trunk = CASE WHEN m.there THEN ''
                             WHEN m.refused_on IS NULL OR f.refused_on >= m.refused_on - $11::int THEN f.refused_trunk
                             ELSE m.refused_trunk END
    FROM moved m
    WHERE (m.dead AND f.id = m.phone_id)
       OR ((m.rests_until IS NOT NULL OR m.there AND f.refused_on IS NOT NULL) AND line_of(f.number) = line_of(m.number)
           AND f.number = m.number)
),
silenced AS (
    INSERT INTO do_not_call (number, reason) SELECT DISTINCT number, 'unwanted' FROM moved WHERE silenced
    ON CONFLICT DO NOTHING
),
logged AS (
    INSERT INTO agent_log (agent_id, at, state, code, call_id)
    SELECT agent_id, at, state, code, call_id
    FROM jsonb_to_recordset($3::jsonb) AS r (agent_id bigint, at timestamptz, state text, code text, call_id uuid)
    WHERE (SELECT yes FROM fit)
    ON CONFLICT DO NOTHING
),
paced AS (
    INSERT INTO pacing_decisions (campaign_id, at, calls, reason, inputs, cancel, forecast, epoch, model, why)
    SELECT campaign_id, at, calls, reason, inputs, cancel, forecast, epoch, model, why
    FROM jsonb_to_recordset($4::jsonb) AS r (
        campaign_id bigint, at timestamptz, calls int, reason text, inputs jsonb, cancel int[], forecast jsonb,
        epoch bigint, model int, why jsonb)
    WHERE (SELECT yes FROM fit)
    ON CONFLICT DO NOTHING
),
modelled AS (
    INSERT INTO pacing_models (campaign_id, epoch, version, at, content)
    SELECT campaign_id, epoch, version, at, content
    FROM jsonb_to_recordset($7::jsonb)
        AS r (campaign_id bigint, epoch bigint, version int, at timestamptz, content jsonb)
    WHERE (SELECT yes FROM fit)
    ON CONFLICT DO NOTHING
),
learned AS (
    INSERT INTO pacing_learners (campaign_id, at, content)
    SELECT campaign_id, at, content
    FROM jsonb_to_recordset($8::jsonb) AS r (campaign_id bigint, at timestamptz, content jsonb)
    WHERE (SELECT yes FROM fit)
    ON CONFLICT (campaign_id) DO UPDATE SET at = excluded.at, content = excluded.content
),
alarmed AS (
    -- One line for each kind and subject, told as it was said last.
    SELECT raise_alarm(kind, subject, detail, at, times)
    FROM (SELECT kind, subject, (array_agg(detail ORDER BY place DESC))[1] AS detail, max(at) AS at, count(*)::int AS times
          FROM ROWS FROM (jsonb_to_recordset($5::jsonb) AS (kind text, subject text, detail text, at timestamptz))
              WITH ORDINALITY AS r (kind, subject, detail, at, place)
          GROUP BY kind, subject ORDER BY kind, subject) AS said
    WHERE (SELECT yes FROM fit)
),
screened AS (
    INSERT INTO call_verdicts (attempt_id, stage, campaign_id, at, source, verdict, cause, outcome, p, after, model,
        features, audio, audited)
    SELECT attempt_id, stage, campaign_id, at, source, verdict, cause, outcome, p, after, model, features, audio, audited
    FROM jsonb_to_recordset($9::jsonb) AS r (
        attempt_id uuid, stage text, campaign_id bigint, at timestamptz, source text, verdict text, cause text,
        outcome text, p real, after real, model text, features jsonb, audio text, audited boolean)
    WHERE (SELECT yes FROM fit)
    ON CONFLICT DO NOTHING
),
marked AS (
    INSERT INTO recording_marks (attempt_id, at, kind, actor_id)
    SELECT attempt_id, at, kind, actor_id
    FROM jsonb_to_recordset($6::jsonb) AS r (attempt_id uuid, at timestamptz, kind text, actor_id bigint)
    WHERE (SELECT yes FROM fit)
    ON CONFLICT DO NOTHING
)
SELECT (SELECT fence FROM holder) AS fence, (SELECT yes FROM fit) AS written, (SELECT count(*) FROM alarmed) AS alarms;

-- name: alarms_over
-- What these alarms told of is over: they alarm nobody any more.
UPDATE alarms a SET ended_at = now()
FROM unnest($1::text[], $2::text[]) AS o (kind, subject)
WHERE (a.kind, a.subject) = (o.kind, o.subject) AND a.acknowledged_at IS NULL AND a.ended_at IS NULL;

-- name: set_aside
-- What was refused of a turn, and an alarm for each.
WITH holder AS MATERIALIZED (
    SELECT coalesce((SELECT fence FROM engine_fence WHERE name = 'engine' FOR SHARE) = $1, false) AS ours
),
record AS (
    SELECT * FROM ROWS FROM (jsonb_to_recordset($2::jsonb) AS (kind text, subject text, payload text, error text))
        WITH ORDINALITY AS r (kind, subject, payload, error, place)
),
kept AS (
    INSERT INTO quarantine (at, kind, subject, payload, error)
    SELECT $3::timestamptz, kind, subject, payload, error FROM record r
    WHERE (SELECT ours FROM holder)
      -- Given again after a lost answer.
      AND NOT EXISTS (SELECT FROM quarantine q
                      WHERE q.at = $3 AND (q.kind, q.subject, q.payload) = (r.kind, r.subject, r.payload))
    ORDER BY place
),
alarmed AS (
    SELECT raise_alarm('quarantined', about, error, $3, times)
    FROM (SELECT concat_ws(' ', kind, nullif(subject, '')) AS about, max(error) AS error, count(*)::int AS times
          FROM record GROUP BY 1 ORDER BY 1) AS said
    WHERE (SELECT ours FROM holder)
)
SELECT ours, (SELECT count(*) FROM alarmed) AS alarms FROM holder;

-- name: keep_places
-- Who chose to be called back, in these calls, keeps the place in the queue; should no agent come free for so long, the
-- dialer calls them before everybody else.
WITH asked AS (
    SELECT a.lead_id, a.campaign_id, a.person_id, a.id, a.ended_at AS at, a.placed_at,
        a.ended_at + make_interval(secs => (a.limits ->> 'queue')::float8) AS open_at
    FROM attempts a JOIN leads l ON l.id = a.lead_id
    WHERE a.id = ANY ($1::uuid[]) AND a.outcome = 'callback_taken' AND l.status IN ('open', 'in_call')
),
kept AS (
    INSERT INTO callbacks AS b (lead_id, campaign_id, person_id, attempt_id, agent_id, at, open_at, made_at, place_since)
    SELECT lead_id, campaign_id, person_id, id, NULL, at, open_at, at, placed_at FROM asked
    ON CONFLICT (lead_id) WHERE status = 'scheduled' DO UPDATE SET attempt_id = EXCLUDED.attempt_id, agent_id = NULL,
        at = EXCLUDED.at, open_at = EXCLUDED.open_at, made_at = EXCLUDED.made_at, place_since = EXCLUDED.place_since
)
UPDATE leads l SET status = 'open', urgent = true, held_by = '', next_at = asked.open_at
FROM asked WHERE l.id = asked.lead_id;

-- name: written_already
-- How many of these steps stand in the events just so: a commit given again after a lost answer.
SELECT count(*)::int FROM attempt_events e
JOIN jsonb_to_recordset($1::jsonb) AS s (id uuid, version int, at timestamptz, event text, before text, state text)
  ON e.attempt_id = s.id AND e.version = s.version AND e.at = s.at AND e.event = s.event
 AND e.from_state = s.before AND e.to_state = s.state;

-- name: answer_late
-- Who picked up a call that we had given up heard a click: abandoned, whatever the attempt ended as.
WITH late AS (
    UPDATE attempts a SET outcome = 'abandoned', answered_at = r.at, reason = a.reason || ' · answered as we gave up'
    FROM jsonb_to_recordset($1::jsonb) AS r (attempt_id uuid, at timestamptz)
    WHERE a.id = r.attempt_id AND a.state = 'ended' AND a.answered_at IS NULL
    RETURNING a.id, a.person_id, a.number, r.at
)
INSERT INTO contacts (person_id, attempt_id, number, kind, at, debt_ids)
SELECT l.person_id, l.id, l.number, 'abandoned', l.at,
    (SELECT c.debt_ids FROM contacts c WHERE c.attempt_id = l.id AND c.kind = 'attempt')
FROM late l
ON CONFLICT DO NOTHING;

-- name: dispose_persons
-- Whom these calls were with, before anything of theirs is written: a claim has the person when it judges, and so has
-- whoever changes numbers.
SELECT id FROM persons WHERE id IN (SELECT person_id FROM attempts WHERE id = ANY ($1::uuid[])) ORDER BY id FOR NO KEY UPDATE;

-- name: dispose
-- What agents said of calls, and what follows at once for the person, the number and their other leads.
WITH made AS (
    INSERT INTO call_dispositions (attempt_id, agent_id, at, code, notes, promise_minor, promise_on, callback_at,
                                   callback_mine)
    SELECT attempt_id, agent_id, at, code, notes, promise_minor, promise_on, callback_at, callback_mine
    FROM jsonb_to_recordset($1::jsonb) AS r (
        attempt_id uuid, agent_id bigint, at timestamptz, code text, notes text, promise_minor bigint,
        promise_on date, callback_at timestamptz, callback_mine boolean)
    ON CONFLICT DO NOTHING
    RETURNING attempt_id, at, code
),
said AS (
    SELECT made.*, d.effect, d.kind, d.flag, a.person_id, a.phone_id, a.number
    FROM made JOIN dispositions d USING (code) JOIN attempts a ON a.id = made.attempt_id
),
stopped AS (
    UPDATE persons p SET stopped_at = s.at, stop_reason = s.code,
        flags = CASE WHEN s.flag = '' OR s.flag = ANY (p.flags) THEN p.flags ELSE array_append(p.flags, s.flag) END
    FROM said s WHERE p.id = s.person_id AND s.effect IN ('stop', 'do_not_call') AND p.stopped_at IS NULL
),
flagged AS (
    UPDATE persons p SET flags = array_append(p.flags, s.flag)
    FROM said s WHERE p.id = s.person_id AND s.flag <> '' AND s.effect = '' AND NOT s.flag = ANY (p.flags)
),
listed AS (
    INSERT INTO do_not_call (number, reason) SELECT DISTINCT number, code FROM said WHERE effect = 'do_not_call'
    ON CONFLICT DO NOTHING
),
booked AS (
    INSERT INTO contacts (person_id, attempt_id, number, kind, at)
    SELECT person_id, attempt_id, number, CASE code WHEN 'machine' THEN code ELSE 'stop' END, at
    FROM said WHERE effect IN ('stop', 'do_not_call') OR code = 'machine'
    ON CONFLICT DO NOTHING
),
known AS (
    UPDATE phones f SET status = CASE WHEN s.effect = 'wrong_party' THEN 'wrong_party' ELSE 'right_party' END
    FROM said s WHERE f.id = s.phone_id AND (s.effect = 'wrong_party' OR s.kind = 'right_party')
)
UPDATE leads l SET status = 'withdrawn', held_by = 'stop'
FROM said s WHERE l.person_id = s.person_id AND l.status = 'open' AND s.effect IN ('stop', 'do_not_call');

-- name: withdraw_callbacks
-- Nobody calls back a person who is stopped, or a lead that was withdrawn.
UPDATE callbacks b SET status = 'withdrawn', done_at = $2
FROM attempts a JOIN persons p ON p.id = a.person_id JOIN leads l ON l.id = a.lead_id
WHERE a.id = ANY ($1::uuid[]) AND b.person_id = a.person_id AND b.status = 'scheduled'
  AND (p.stopped_at IS NOT NULL OR (b.lead_id = l.id AND l.status IN ('withdrawn', 'done')));

-- name: spare_leads
-- What the network or we broke was no try of the lead, and no call of its list's day.
WITH failed AS (
    SELECT a.lead_id, l.list_id,
        (a.placed_at AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date AS day
    FROM attempts a JOIN leads l ON l.id = a.lead_id JOIN campaigns c ON c.id = a.campaign_id
    WHERE a.id = ANY ($1::uuid[])
),
given_back AS (
    UPDATE list_days d SET attempts = greatest(0, d.attempts - f.calls)
    FROM (SELECT list_id, day, count(*) AS calls FROM failed GROUP BY 1, 2) f
    WHERE d.list_id = f.list_id AND d.day = f.day
)
UPDATE leads l SET attempts = greatest(0, l.attempts - f.calls)
FROM (SELECT lead_id, count(*) AS calls FROM failed GROUP BY 1) f
WHERE l.id = f.lead_id;

-- name: settle_leads
-- What becomes of the leads of ended attempts: the stop first, then payment, then care, then the agent's word, then the campaign's own
-- rule for the outcome, then the outcome's advice.
WITH fate AS (
    SELECT a.lead_id, a.ended_at, a.id AS attempt_id, a.campaign_id, a.person_id, made.at AS said_at,
        a.direction = 'inbound' AND a.connected_at IS NULL AS unspoken, p.stopped_at IS NOT NULL AS stopped,
        'paid' = ANY (p.flags) OR (
            SELECT bool_and(d.status = 'paid') FROM debts d
            WHERE d.person_id = p.id AND d.creditor_key = coalesce(nullif(creditor_key(c.settings ->> 'creditor'), ''), d.creditor_key)
        ) IS TRUE AS paid,
        p.flags && '{vulnerable,dispute}' AND NOT coalesce((c.settings ->> 'care')::boolean, false) AS cared,
        made.callback_at, CASE WHEN made.callback_mine THEN made.agent_id END AS own,
        made.callback_at + make_interval(mins => coalesce((c.settings ->> 'callback_grace')::float, 10)::int) AS open_at,
        v.unfit OR coalesce(d.effect, '') = 'wrong_party'
            OR v.refused AND EXISTS (SELECT 1 FROM phones f WHERE f.id = a.phone_id AND f.status = 'dead') AS unfit,
        v.refused,
        EXISTS (SELECT 1 FROM phones f
                WHERE f.person_id = a.person_id AND f.status NOT IN ('dead', 'wrong_party')
                  -- A list with an end is no end: the gate waits for it.
                  AND (NOT is_suppressed(f.number, a.ended_at) OR suppressed_until(f.number, a.ended_at) IS NOT NULL)) AS other_phone,
        EXISTS (SELECT 1 FROM phones f
                WHERE f.person_id = a.person_id AND f.status NOT IN ('dead', 'wrong_party')
                  AND coalesce(f.rests_until <= a.ended_at, true)
                  AND NOT is_suppressed(f.number, a.ended_at)) AS awake_phone,
        -- The callback that this call kept: a call that was none has not kept it.
        (SELECT b.id FROM callbacks b
         WHERE b.lead_id = a.lead_id AND b.status = 'called' AND b.done_at = a.placed_at
           AND EXISTS (SELECT 1 FROM contacts y WHERE y.attempt_id = a.id AND y.kind = 'failed')
           AND NOT EXISTS (SELECT 1 FROM callbacks o WHERE o.lead_id = a.lead_id AND o.status = 'scheduled')
         LIMIT 1) AS owed,
        (SELECT count(*) FROM attempts o JOIN contacts x ON x.attempt_id = o.id AND x.kind = 'failed'
         WHERE o.lead_id = a.lead_id AND o.placed_at > a.ended_at - interval '1 day'
           AND EXISTS (SELECT 1 FROM contacts y WHERE y.attempt_id = a.id AND y.kind = 'failed')) AS failures,
        l.attempts >= (c.settings ->> 'max_attempts')::int
            OR (SELECT count(*) FROM attempts o WHERE o.lead_id = a.lead_id AND o.outcome = a.outcome)
               >= (c.settings #>> ARRAY['retry', a.outcome, 'most'])::int AS enough,
        CASE WHEN d.kind IN ('no_contact', 'third_party') THEN $3
             ELSE (c.settings #>> ARRAY['retry', a.outcome, 'minutes'])::float * 60 END AS ruled, v.delay AS advised
    FROM attempts a
    JOIN jsonb_to_recordset($2::jsonb) AS v (outcome text, delay double precision, unfit boolean, refused boolean)
        ON v.outcome = a.outcome
    JOIN persons p ON p.id = a.person_id
    JOIN campaigns c ON c.id = a.campaign_id
    JOIN leads l ON l.id = a.lead_id
    LEFT JOIN LATERAL (SELECT code, at, agent_id, callback_at, callback_mine FROM call_dispositions
                       WHERE attempt_id = a.id ORDER BY id DESC LIMIT 1) made ON true
    LEFT JOIN dispositions d ON d.code = made.code
    WHERE a.id = ANY($1::uuid[]) AND a.ended_at IS NOT NULL
),
rested AS (
    -- What the network or we broke is tried again soon, later each time, a day later at most.
    SELECT *, coalesce(ruled, CASE WHEN failures > 0 THEN least($4, $5::float8 * 2 ^ least(failures - 1, 10))
                                   ELSE advised END) AS delay
    FROM fate
),
settled AS (
    SELECT *,
        CASE WHEN stopped OR paid OR cared THEN 'withdrawn'
             WHEN callback_at IS NOT NULL OR owed IS NOT NULL THEN 'open'
             WHEN enough THEN 'done'
             WHEN unfit THEN CASE WHEN other_phone THEN 'open' ELSE 'done' END
             WHEN delay IS NULL THEN 'done'
             ELSE 'open' END AS status,
        CASE WHEN callback_at IS NOT NULL THEN CASE WHEN own IS NULL THEN callback_at ELSE open_at END
             WHEN unfit OR refused AND awake_phone THEN ended_at
             ELSE ended_at + make_interval(secs => delay) END AS next_at
    FROM rested
),
owing AS (
    -- Due again when the lead is; whose it is, and how long it stays theirs, is as it was.
    UPDATE callbacks b SET status = 'scheduled', done_at = NULL, at = s.next_at,
        open_at = s.next_at + greatest(b.open_at - b.at, interval '0')
    FROM settled s JOIN leads l ON l.id = s.lead_id
    WHERE b.id = s.owed AND s.status = 'open' AND s.callback_at IS NULL AND l.status <> 'withdrawn'
    RETURNING b.lead_id, CASE WHEN b.agent_id IS NULL AND b.place_since IS NULL THEN b.at ELSE b.open_at END AS next_at
),
agreed AS (
    INSERT INTO callbacks AS b (lead_id, campaign_id, person_id, attempt_id, agent_id, at, open_at, made_at)
    SELECT lead_id, campaign_id, person_id, attempt_id, own, callback_at, open_at, said_at
    FROM settled WHERE callback_at IS NOT NULL AND status = 'open'
    ON CONFLICT (lead_id) WHERE status = 'scheduled' DO UPDATE SET attempt_id = EXCLUDED.attempt_id,
        agent_id = EXCLUDED.agent_id, at = EXCLUDED.at, open_at = EXCLUDED.open_at, made_at = EXCLUDED.made_at
)
UPDATE leads l
SET status = s.status, next_at = CASE WHEN s.status = 'open' THEN coalesce(w.next_at, s.next_at) ELSE l.next_at END,
    urgent = s.status = 'open' AND (s.callback_at IS NOT NULL OR w.lead_id IS NOT NULL),
    held_by = CASE WHEN s.stopped THEN 'stop' WHEN s.paid THEN 'paid' WHEN s.cared THEN 'care' WHEN s.enough AND s.status = 'done' THEN 'attempts'
                   ELSE l.held_by END
FROM settled s LEFT JOIN owing w USING (lead_id)
WHERE l.id = s.lead_id AND l.status <> 'withdrawn'
  -- Who called in and reached nobody changes no plan of ours, unless a call of ours gave way to theirs.
  AND (NOT s.unspoken OR l.status = 'in_call')
  AND NOT EXISTS (SELECT 1 FROM attempts o WHERE o.lead_id = l.id AND o.ended_at IS NULL);

-- Learning who answers -------------------------------------------------------------------------------------------

-- name: past_attempts
-- The newest $3 attempts since $1 whose outcome says something of the person, each with what was known when it was
-- placed: only attempts of the $4 before it count, as in candidate_history.
WITH past AS (
    SELECT campaign_id, lead_id, person_id, phone_id, placed_at, outcome,
        waiting_at IS NOT NULL AND verdict NOT IN ('audit', 'doubted') AS answered
    FROM attempts
    WHERE placed_at >= $1::timestamptz - $4::interval AND ended_at IS NOT NULL AND direction = 'outbound'
),
known AS (
    SELECT *,
        count(*) OVER phone AS phone_attempts,
        count(*) OVER lead AS lead_attempts,
        last_value(outcome) OVER phone AS last_outcome,
        max(placed_at) FILTER (WHERE answered) OVER phone AS answered_at
    FROM past
    WINDOW phone AS (PARTITION BY phone_id ORDER BY placed_at
                     RANGE BETWEEN $4::interval PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW),
        lead AS (PARTITION BY lead_id ORDER BY placed_at
                 RANGE BETWEEN $4::interval PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW)
)
SELECT k.campaign_id, l.list_id, k.placed_at, coalesce(p.zone, f.zones[1]) AS zone, f.kind, f.known_at,
    k.phone_attempts::int, k.lead_attempts::int, k.last_outcome, k.answered_at, k.answered
FROM known k
JOIN leads l ON l.id = k.lead_id
JOIN persons p ON p.id = k.person_id
JOIN phones f ON f.id = k.phone_id
WHERE k.placed_at >= $1 AND k.outcome = ANY($2::text[])
ORDER BY k.placed_at DESC
LIMIT $3;

-- name: save_lead_model
-- The newest fifty are kept.
WITH old AS (
    DELETE FROM lead_models WHERE id <= (SELECT id FROM lead_models ORDER BY id DESC OFFSET 49 LIMIT 1)
)
INSERT INTO lead_models (at, attempts, metrics, content) VALUES ($1, $2, $3, $4::text::jsonb);

-- name: newest_lead_model
-- The newest model of who answers when.
SELECT at, content FROM lead_models ORDER BY id DESC LIMIT 1;

-- name: forget_decisions
-- The oldest of each campaign first, by its index; few at a time, so that nobody waits.
DELETE FROM pacing_decisions
WHERE id IN (SELECT old.id FROM campaigns c CROSS JOIN LATERAL (
                 SELECT d.id FROM pacing_decisions d WHERE d.campaign_id = c.id AND d.at < $1
                 ORDER BY d.at LIMIT $2::int) AS old
             LIMIT $2::int);

-- name: forget_models
-- A model is in force until the next one, so no decision since $1 can name one whose successor is older than that.
-- The newest of each campaign stays: a running engine may decide with it again.
DELETE FROM pacing_models
WHERE (campaign_id, epoch, version) IN (
    SELECT campaign_id, epoch, version
    FROM (SELECT campaign_id, epoch, version, lead(at) OVER (PARTITION BY campaign_id ORDER BY at, epoch, version) AS next_at
          FROM pacing_models WHERE at <= $1) AS known
    WHERE next_at IS NOT NULL
    LIMIT $2::int);

-- name: forget_learners
-- What was learned of campaigns that have not dialled since $1.
DELETE FROM pacing_learners WHERE at < $1;

-- name: forget_rule_changes
-- Their sum is what the gate's refusals are compared with, so what goes is counted by the newest of its kind, which stays
-- (it has the fingerprint as well): in one statement, so that whoever reads meanwhile finds the same sum.
WITH newest AS (
    SELECT max(id) AS id, campaign_id, what FROM rule_changes GROUP BY campaign_id, what
),
old AS (
    DELETE FROM rule_changes WHERE at < $1 AND id NOT IN (SELECT id FROM newest) RETURNING campaign_id, what, times
)
UPDATE rule_changes r SET times = r.times + gone.times
FROM newest n
JOIN (SELECT campaign_id, what, sum(times)::bigint AS times FROM old GROUP BY 1, 2) AS gone
    ON gone.campaign_id IS NOT DISTINCT FROM n.campaign_id AND gone.what = n.what
WHERE r.id = n.id;

-- name: forget_quarantine
-- What was set aside before $1.
DELETE FROM quarantine WHERE at < $1;

-- Calls that come in ---------------------------------------------------------------------------------------------

-- name: inbound_known
-- The call of this id, if it was taken in already.
SELECT * FROM attempts WHERE id = $1;

-- name: inbound_caller
-- Whose number this is, best first: who is on a list of one of these campaigns, and of these whom we called last.
SELECT p.id AS person_id, f.id AS phone_id, l.id AS lead_id, l.campaign_id
FROM phones f JOIN persons p ON p.id = f.person_id
LEFT JOIN leads l ON l.person_id = p.id AND l.campaign_id = ANY ($2::bigint[])
WHERE line_of(f.number) = line_of($1) AND f.status <> 'wrong_party'
ORDER BY l.id IS NULL, l.status IN ('open', 'in_call') DESC,
    (SELECT max(a.placed_at) FROM attempts a WHERE a.lead_id = l.id) DESC NULLS LAST, l.id DESC NULLS LAST, p.id
LIMIT 1;

-- name: inbound_stranger
-- Somebody whom we do not know; the same number is the same stranger. A stranger's row holds no more than the number.
INSERT INTO persons (external_id, name, language) VALUES ('inbound:' || $1::text, $2, $3)
ON CONFLICT (external_id, creditor) DO UPDATE SET name = persons.name RETURNING id;

-- name: inbound_number
-- A number of a person, new or known.
INSERT INTO phones (person_id, number) VALUES ($1, $2)
ON CONFLICT (person_id, number) DO UPDATE SET number = EXCLUDED.number RETURNING id;

-- name: inbound_lead
-- A place on a list of its own that nobody dials, for who is on no list of the campaign.
WITH shelf AS (
    INSERT INTO lists (campaign_id, name, status) VALUES ($1, 'inbound', 'paused')
    ON CONFLICT (campaign_id, name) DO UPDATE SET name = EXCLUDED.name RETURNING id
)
INSERT INTO leads (list_id, campaign_id, person_id, status) SELECT id, $1, $2, 'done' FROM shelf
ON CONFLICT (list_id, person_id) DO UPDATE SET person_id = EXCLUDED.person_id RETURNING id;

-- name: inbound_taken
-- A call that came in becomes an attempt, with its first event.
WITH made AS (
    INSERT INTO attempts (id, campaign_id, lead_id, person_id, phone_id, number, limits, screened, placed_at,
                          deadline_at, answered_at, state, direction, case_number)
    VALUES ($1, $2, $3, $4, $5, $6, $7, false, $8, $9, $8, 'screening', 'inbound', $10)
    RETURNING id
)
INSERT INTO attempt_events (attempt_id, version, at, event, to_state) SELECT id, 1, $8, 'arrived', 'screening' FROM made;

-- name: inbound_candidate
-- What the gate must know of who called in, as in claim_callback but without a lock: nothing is decided, only foreseen.
-- Only who is on a list that dials can keep the place without waiting.
SELECT {candidate($2)}, true AS invited
FROM leads l JOIN persons p ON p.id = l.person_id
WHERE l.id = $1 AND l.status IN ('open', 'in_call');

-- name: inbound_phones
-- As in candidate_phones; the lines are taken from nobody.
SELECT f.person_id, f.id, f.number, f.kind, f.status, f.zones,
    is_suppressed(f.number, $2) AS do_not_call, suppressed_until(f.number, $2) AS do_not_call_until, f.rests_until,
    true AS ours
FROM phones f
WHERE f.person_id = ANY($1::bigint[])
ORDER BY f.person_id, f.position, f.id;
