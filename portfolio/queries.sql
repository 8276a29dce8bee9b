-- Statements of portfolio; each has a name and says in one sentence what it does.

-- name: import_tables
-- Staging of one import, private to its connection.
CREATE TEMP TABLE import_rows (
    row int NOT NULL, key text NOT NULL, external_id text, name text NOT NULL, language text, country text,
    region text, zone text, priority smallint NOT NULL, reference text NOT NULL,
    granted text[] NOT NULL, refused text[] NOT NULL, flags text[] NOT NULL, creditor text NOT NULL, numbers text[] NOT NULL,
    revive boolean NOT NULL, person_id bigint, first_row boolean NOT NULL DEFAULT false, repeats int
);
CREATE TEMP TABLE import_phones (
    row int NOT NULL, number text NOT NULL, kind text NOT NULL, zones text[] NOT NULL, position smallint NOT NULL
);
CREATE TEMP TABLE import_debts (
    row int NOT NULL, reference text NOT NULL, creditor text NOT NULL, currency text NOT NULL,
    balance_minor bigint NOT NULL, days_past_due int NOT NULL, stage text NOT NULL,
    creditor_key text GENERATED ALWAYS AS (creditor_key(creditor)) STORED
);
CREATE TEMP TABLE import_seen (
    key text NOT NULL, reference text NOT NULL, row int NOT NULL, name text NOT NULL, numbers text[] NOT NULL,
    PRIMARY KEY (key, reference)
);

-- name: import_drop
-- The staging tables go with the import.
DROP TABLE IF EXISTS import_rows, import_phones, import_debts, import_seen;

-- name: import_clear
-- Empty the staging tables for the next batch; what was seen in the file is kept.
TRUNCATE import_rows, import_phones, import_debts;

-- name: import_measure
-- Tell the planner what is in the staging tables: without it, it joins them row against row.
ANALYZE import_rows (row, key, reference, external_id, person_id), import_phones (row, number), import_debts (row, reference);

-- name: import_lock
-- One batch of one import at a time, so that nobody is entered twice.
SELECT pg_advisory_xact_lock(hashtext('portfolio.import'));

-- name: import_see
-- Remember each person and debt of the file at its first row.
INSERT INTO import_seen (key, reference, row, name, numbers)
SELECT key, reference, row, name, numbers FROM import_rows ORDER BY row
ON CONFLICT DO NOTHING;

-- name: import_mark_repeats
-- Mark rows that say again what an earlier row of the file said.
UPDATE import_rows r SET repeats = s.row
FROM import_seen s WHERE s.key = r.key AND s.reference = r.reference AND s.row <> r.row;

-- name: import_repeats
-- Rows that repeat an earlier one.
SELECT row, repeats FROM import_rows WHERE repeats IS NOT NULL ORDER BY row;

-- name: import_match_id
-- Persons we have under the same number of the same creditor.
UPDATE import_rows r SET person_id = p.id
FROM persons p WHERE r.external_id IS NOT NULL AND p.external_id = r.external_id AND p.creditor = r.creditor;

-- name: import_match_unclaimed
-- Persons whose number was kept before creditors were asked: known by the name or a telephone. The first creditor that
-- names one has them.
UPDATE import_rows r SET person_id = m.id
FROM (
    SELECT DISTINCT ON (p.id) p.id, i.external_id, i.creditor
    FROM import_rows i JOIN persons p ON p.external_id = i.external_id AND p.creditor = ''
    WHERE i.person_id IS NULL AND i.creditor <> '' AND (lower(p.name) = lower(i.name) OR EXISTS (
        SELECT 1 FROM phones h WHERE h.person_id = p.id AND h.number = ANY (i.numbers)))
    ORDER BY p.id, i.row
) m
WHERE r.person_id IS NULL AND r.external_id = m.external_id AND r.creditor = m.creditor;

-- name: import_doubtful
-- Rows whose customer number is known, by the file or by us, under another name and with no telephone in common.
SELECT i.row, i.key, i.name, k.name AS known
FROM import_rows i CROSS JOIN LATERAL (
    SELECT s.name, s.numbers FROM import_seen s WHERE s.key = i.key ORDER BY s.row LIMIT 1
) k
WHERE i.external_id IS NOT NULL AND lower(k.name) <> lower(i.name) AND NOT k.numbers && i.numbers
UNION ALL
SELECT i.row, i.key, i.name, p.name FROM import_rows i JOIN persons p ON p.id = i.person_id
WHERE lower(p.name) <> lower(i.name)
  AND NOT EXISTS (SELECT 1 FROM phones h WHERE h.person_id = p.id AND h.number = ANY (i.numbers))
  AND NOT EXISTS (SELECT 1 FROM import_seen s WHERE s.key = i.key)
UNION ALL
SELECT i.row, i.key, i.name, f.name
FROM import_rows i JOIN (
    SELECT DISTINCT ON (key) key, row, name, numbers FROM import_rows WHERE external_id IS NOT NULL ORDER BY key, row
) f ON f.key = i.key AND f.row < i.row
WHERE i.person_id IS NULL AND lower(f.name) <> lower(i.name) AND NOT f.numbers && i.numbers
  AND NOT EXISTS (SELECT 1 FROM import_seen s WHERE s.key = i.key)
ORDER BY 1;

-- name: import_set_aside
-- Rows that wait for a decision are not entered.
DELETE FROM import_rows WHERE row = ANY ($1::int[]);

-- name: import_match_phone
-- Without an outside id: persons we have by the same name on one of the same numbers.
UPDATE import_rows r SET person_id = m.id
FROM (
    SELECT DISTINCT ON (i.row) i.row, p.id
    FROM import_rows i
    JOIN import_phones n ON n.row = i.row
    JOIN phones h ON line_of(h.number) = line_of(n.number)
    JOIN persons p ON p.id = h.person_id
    WHERE i.external_id IS NULL AND i.repeats IS NULL AND lower(p.name) = lower(i.name)
    ORDER BY i.row, p.id
) m
WHERE m.row = r.row;

-- name: import_counts
-- How many rows of a dry run bring somebody new, not known by us nor from an earlier row.
SELECT count(*)::int FROM import_rows r
WHERE r.repeats IS NULL AND r.person_id IS NULL
  AND NOT EXISTS (SELECT 1 FROM import_seen s WHERE s.key = r.key AND s.row < r.row);

-- name: import_number_persons
-- Give each new person an id, the same to all rows of that person.
WITH fresh AS (
    SELECT key, min(row) AS row, nextval('persons_id_seq') AS id
    FROM import_rows WHERE person_id IS NULL AND repeats IS NULL GROUP BY key
)
UPDATE import_rows r SET person_id = f.id, first_row = (r.row = f.row)
FROM fresh f WHERE f.key = r.key AND r.person_id IS NULL AND r.repeats IS NULL;

-- name: import_new_persons
-- Enter the new persons.
INSERT INTO persons (id, external_id, creditor, name, language, country, region, zone, flags)
OVERRIDING SYSTEM VALUE
SELECT person_id, external_id, creditor, name, coalesce(language, 'es'), country, region, zone, flags
FROM import_rows WHERE first_row;

-- name: import_consents_in
-- What the file says of channels, into the log and onto the person; flags it raises stay, none is lowered.
WITH said AS (
    SELECT DISTINCT ON (person_id) person_id, granted, refused, flags FROM import_rows
    WHERE person_id IS NOT NULL AND repeats IS NULL AND (granted <> '{}' OR refused <> '{}' OR flags <> '{}')
    ORDER BY person_id, row DESC
),
logged AS (
    INSERT INTO person_consents (person_id, channel, state, source, at)
    SELECT s.person_id, c.channel, c.state, 'import', now()
    FROM said s JOIN persons p ON p.id = s.person_id
    CROSS JOIN LATERAL (SELECT unnest(s.granted) AS channel, 'granted' AS state
                        UNION ALL SELECT unnest(s.refused), 'refused') AS c
    WHERE NOT c.channel = ANY (CASE c.state WHEN 'granted' THEN p.granted ELSE p.refused END)
)
UPDATE persons p SET
    granted = ARRAY(SELECT DISTINCT c FROM unnest(p.granted || s.granted) AS c WHERE NOT c = ANY (s.refused) ORDER BY c),
    refused = ARRAY(SELECT DISTINCT c FROM unnest(p.refused || s.refused) AS c WHERE NOT c = ANY (s.granted) ORDER BY c),
    flags = ARRAY(SELECT DISTINCT f FROM unnest(p.flags || s.flags) AS f ORDER BY f)
FROM said s WHERE p.id = s.person_id
  AND NOT (p.granted @> s.granted AND p.refused @> s.refused AND p.flags @> s.flags);

-- name: import_known_persons
-- Bring the known persons up to date with the last row about them; what the file leaves out stays.
UPDATE persons p SET name = r.name, creditor = CASE WHEN p.external_id = r.external_id THEN r.creditor ELSE p.creditor END, language = coalesce(r.language, p.language), country = coalesce(r.country, p.country),
    region = coalesce(r.region, p.region), zone = coalesce(r.zone, p.zone)
FROM (
    SELECT DISTINCT ON (person_id) * FROM import_rows
    WHERE person_id IS NOT NULL AND repeats IS NULL AND NOT first_row ORDER BY person_id, row DESC
) r
WHERE p.id = r.person_id
  AND (p.name, p.creditor, p.language, p.country, p.region, p.zone) IS DISTINCT FROM
      (r.name, CASE WHEN p.external_id = r.external_id THEN r.creditor ELSE p.creditor END, coalesce(r.language, p.language), coalesce(r.country, p.country), coalesce(r.region, p.region), coalesce(r.zone, p.zone));

-- name: import_phones_in
-- Add numbers; a known number keeps what we learnt of it.
INSERT INTO phones AS h (person_id, number, kind, zones, position)
SELECT DISTINCT ON (r.person_id, n.number COLLATE "C") r.person_id, n.number, n.kind, n.zones, n.position
FROM import_phones n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL ORDER BY r.person_id, n.number COLLATE "C", r.row DESC
ON CONFLICT (person_id, number) DO UPDATE SET kind = EXCLUDED.kind, zones = EXCLUDED.zones, position = EXCLUDED.position
WHERE (h.kind, h.zones, h.position) IS DISTINCT FROM (EXCLUDED.kind, EXCLUDED.zones, EXCLUDED.position);

-- name: import_revivable
-- Dead numbers of rows that ask for them again, unless a file, or a person, has asked for them since $1: they died again.
SELECT DISTINCT h.id, coalesce(h.revived_at > $1, false) AS again
FROM import_phones n JOIN import_rows r ON r.row = n.row JOIN phones h ON h.person_id = r.person_id AND h.number = n.number
WHERE r.revive AND r.repeats IS NULL AND NOT r.first_row AND h.status = 'dead'
ORDER BY h.id;

-- name: import_take_persons
-- Persons of whom the piece brings a number, tells more of it, or asks for a dead one: before their numbers, so that a
-- claim judges them wholly before or wholly after.
SELECT id FROM persons WHERE id IN (
    SELECT r.person_id FROM import_phones n JOIN import_rows r ON r.row = n.row
    LEFT JOIN phones h ON h.person_id = r.person_id AND h.number = n.number
    WHERE r.repeats IS NULL AND NOT r.first_row AND (r.revive OR h.zones IS DISTINCT FROM n.zones)
) ORDER BY id FOR NO KEY UPDATE;

-- name: phones_take_persons
-- Whose numbers these are, locked before them: a claim that judges a person has the person's row.
SELECT id FROM persons WHERE id IN (SELECT person_id FROM phones WHERE id = ANY ($1::bigint[])) ORDER BY id
FOR NO KEY UPDATE;

-- name: phone_lock
-- A number of a person, locked until the end of the transaction.
SELECT number, status, refused_on, refused_trunk FROM phones WHERE person_id = $1 AND id = $2 FOR UPDATE;

-- name: phones_revive
-- Call these dead numbers again as if nothing were known of them, and the leads that ended, or were withdrawn, for want of
-- a number; not of who said stop, nor where the campaign's tries are used up.
WITH revived AS (
    UPDATE phones SET status = 'unknown', rests_until = NULL, refused_on = NULL, refused_trunk = '', revived_at = $2
    WHERE id = ANY ($1::bigint[]) AND status = 'dead' RETURNING person_id
),
woken AS (
    SELECT reopen_for_number(person_id, least($2, now())) AS leads FROM (SELECT DISTINCT person_id FROM revived) AS persons
)
SELECT (SELECT count(*) FROM revived)::int AS phones, coalesce((SELECT sum(leads) FROM woken), 0)::int AS leads;

-- name: import_debts_claim
-- A debt whose creditor is only the name of a list, from before creditors were asked, is that of the creditor who names it.
UPDATE debts d SET creditor = n.creditor
FROM import_debts n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL AND d.person_id = r.person_id AND d.reference = n.reference AND d.creditor_key <> n.creditor_key
  AND EXISTS (SELECT 1 FROM leads l JOIN lists i ON i.id = l.list_id WHERE l.person_id = d.person_id AND i.name = d.creditor)
  AND NOT EXISTS (SELECT 1 FROM debts o WHERE o.person_id = d.person_id AND o.reference = d.reference
                    AND o.creditor_key = n.creditor_key);

-- name: import_debts_in
-- Add debts, or bring them up to date. The creditor keeps the name under which it came first.
INSERT INTO debts AS d (person_id, reference, creditor, currency, balance_minor, days_past_due, stage)
SELECT DISTINCT ON (r.person_id, n.creditor_key, n.reference COLLATE "C")
    r.person_id, n.reference, n.creditor, n.currency, n.balance_minor, n.days_past_due, n.stage
FROM import_debts n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL ORDER BY r.person_id, n.creditor_key, n.reference COLLATE "C", r.row DESC
ON CONFLICT (person_id, creditor_key, reference) DO UPDATE SET currency = EXCLUDED.currency,
    balance_minor = EXCLUDED.balance_minor, days_past_due = EXCLUDED.days_past_due,
    stage = coalesce(nullif(EXCLUDED.stage, ''), d.stage),
    status = CASE WHEN EXCLUDED.balance_minor = 0 THEN 'paid' ELSE d.status END
WHERE (d.currency, d.balance_minor, d.days_past_due) IS DISTINCT FROM
      (EXCLUDED.currency, EXCLUDED.balance_minor, EXCLUDED.days_past_due);

-- name: import_leads_in
-- Put everybody on the list once; who said stop is withdrawn from the first, and a known lead stays as it is. Who is on
-- another list of the campaign, or of any, is left out where $3 asks for it; how many they are is the answer.
-- Whom the file brings has said nothing yet; persons are looked up one by one, never joined: a join reads them all.
WITH wanted AS (
    SELECT DISTINCT ON (r.person_id) r.person_id, r.priority,
        CASE WHEN NOT r.first_row THEN (SELECT p.stopped_at FROM persons p WHERE p.id = r.person_id) END AS stopped_at,
        $3::text <> 'list' AND EXISTS (
            SELECT 1 FROM leads o WHERE o.person_id = r.person_id AND o.list_id <> $1
                AND ($3::text = 'system' OR o.campaign_id = $2)) AS elsewhere
    FROM import_rows r
    WHERE r.repeats IS NULL ORDER BY r.person_id, r.row DESC
),
entered AS (
    INSERT INTO leads (list_id, campaign_id, person_id, priority, status, held_by, held_rules)
    SELECT $1, $2, person_id, priority, CASE WHEN stopped_at IS NULL THEN 'open' ELSE 'withdrawn' END,
        CASE WHEN stopped_at IS NULL THEN '' ELSE 'stop' END, CASE WHEN stopped_at IS NOT NULL THEN 9223372036854775807 END
    FROM wanted WHERE NOT elsewhere
    ON CONFLICT (list_id, person_id) DO NOTHING
)
SELECT count(*)::int FROM wanted WHERE elsewhere;

-- name: import_phones_new
-- The numbers of persons who are all new.
INSERT INTO phones (person_id, number, kind, zones, position)
SELECT DISTINCT ON (r.person_id, n.number COLLATE "C") r.person_id, n.number, n.kind, n.zones, n.position
FROM import_phones n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL ORDER BY r.person_id, n.number COLLATE "C", r.row DESC;

-- name: import_debts_new
-- The debts of persons who are all new.
INSERT INTO debts (person_id, reference, creditor, currency, balance_minor, days_past_due, stage)
SELECT DISTINCT ON (r.person_id, n.creditor_key, n.reference COLLATE "C")
    r.person_id, n.reference, n.creditor, n.currency, n.balance_minor, n.days_past_due, n.stage
FROM import_debts n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL ORDER BY r.person_id, n.creditor_key, n.reference COLLATE "C", r.row DESC;

-- name: import_leads_new
-- Persons who are all new, onto the list; nobody of them is on another.
INSERT INTO leads (list_id, campaign_id, person_id, priority)
SELECT DISTINCT ON (person_id) $1::bigint, $2::bigint, person_id, priority FROM import_rows
WHERE repeats IS NULL ORDER BY person_id, row DESC;

-- name: import_care
-- Who is on the file as somebody who needs care waits for a trained agent from the first.
SELECT enlist_for_care(person_id)
FROM (SELECT DISTINCT person_id FROM import_rows r
      WHERE repeats IS NULL
        AND CASE WHEN first_row THEN flags ELSE (SELECT p.flags FROM persons p WHERE p.id = r.person_id) END
            && '{vulnerable,dispute}') AS these;

-- name: import_log
-- What came of a file.
INSERT INTO imports (list_id, file_name, sha256, summary, actor_id) VALUES ($1, $2, $3, $4::text::jsonb, $5);

-- name: campaign_exists
-- Whether there is such a campaign.
SELECT EXISTS (SELECT 1 FROM campaigns WHERE id = $1);

-- name: campaign_reads
-- What a campaign says of files that do not say: the country of numbers without prefix, and the creditor.
SELECT coalesce(settings ->> 'region', '') AS region, coalesce(settings ->> 'creditor', '') AS creditor
FROM campaigns WHERE id = $1;

-- name: campaign_rules
-- By which rules a campaign calls, and what it is called.
SELECT name, coalesce(settings ->> 'rule_pack', 'default-strict') AS rule_pack, now() AS at FROM campaigns WHERE id = $1;

-- name: list_for
-- The list of that name in a campaign, made when it is not there.
INSERT INTO lists (campaign_id, name) VALUES ($1, $2)
ON CONFLICT (campaign_id, name) DO UPDATE SET name = EXCLUDED.name RETURNING id;

-- name: list_imported
-- Note what file a list was last filled from.
UPDATE lists SET source_hash = $2 WHERE id = $1;

-- name: audit_add
-- One line of the audit.
INSERT INTO audit (actor_id, action, subject, before, after, reason) 
VALUES ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6);

-- name: person_lock
-- The person, locked until the end of the transaction.
SELECT id, stopped_at FROM persons WHERE id = $1 FOR UPDATE;

-- name: person_stop
-- Nobody calls this person any more; the first stop stays.
UPDATE persons SET stopped_at = $2, stop_reason = $3 WHERE id = $1 AND stopped_at IS NULL;

-- name: person_stop_contact
-- The stop in the ledger of contacts.
INSERT INTO contacts (person_id, kind, at) VALUES ($1, 'stop', $2);

-- name: person_withdraw_leads
-- No list calls this person any more; a lead in a call is ended by the engine.
UPDATE leads SET status = 'withdrawn', held_by = 'stop' WHERE person_id = $1 AND status = 'open' RETURNING id;

-- name: person_by_id
-- One person.
SELECT id, external_id, name, language, country, region, zone, flags, stopped_at, stop_reason, created_at,
    granted, refused, preferred::text AS preferred
FROM persons WHERE id = $1;

-- name: person_phones
-- A person's numbers in the order in which they are tried.
SELECT h.id, h.number, h.kind, h.status, h.zones, h.position, is_suppressed(h.number, $2) AS do_not_call,
    suppressed_until(h.number, $2) AS do_not_call_until,
    h.rests_until, h.refused_on, h.refused_trunk, h.revived_at,
    (SELECT a.id FROM attempts a WHERE a.line = line_of(h.number) AND a.ended_at IS NULL LIMIT 1) IS NOT NULL AS busy
FROM phones h
WHERE h.person_id = $1 ORDER BY h.position, h.id LIMIT 50;

-- name: person_debts
-- A person's debts.
SELECT id, reference, creditor, currency, balance_minor, days_past_due, stage, status
FROM debts WHERE person_id = $1 ORDER BY id LIMIT 200;

-- name: person_ledger
-- Contacts of a person since an instant, and those of others on the person's lines; a stop until it is lifted.
SELECT c.kind, c.at, c.channel, c.number, true AS same_person, c.debt_ids, c.attempt_id
FROM contacts c JOIN persons p ON p.id = c.person_id
WHERE c.person_id = $1 AND (CASE c.kind WHEN 'stop' THEN c.at > coalesce(p.unstopped_at, '-infinity') ELSE c.at > $2 END)
UNION ALL
SELECT c.kind, c.at, c.channel, c.number, false, c.debt_ids, c.attempt_id
FROM (SELECT DISTINCT line_of(number) AS line FROM phones WHERE person_id = $1) AS mine
JOIN contacts c ON line_of(c.number) = mine.line AND c.person_id <> $1 AND c.at > $2;

-- name: person_reserved
-- Open attempts of a person, and of others on the person's lines, that the ledger does not have yet: two look-ups, since
-- one for both reads every open attempt of the house. What has ended has its end, a constraint says so. Who called us was
-- not attempted.
SELECT 'reserved' AS kind, a.placed_at AS at, 'voice' AS channel, a.number, a.person_id = $1 AS same_person,
    NULL::bigint[] AS debt_ids, a.id AS attempt_id
FROM (SELECT * FROM attempts WHERE person_id = $1 AND ended_at IS NULL
      UNION
      SELECT o.* FROM (SELECT DISTINCT line_of(number) AS line FROM phones WHERE person_id = $1) mine
      JOIN attempts o ON o.line = mine.line AND o.ended_at IS NULL) AS a
WHERE a.direction = 'outbound' AND NOT EXISTS (
      SELECT 1 FROM contacts c WHERE c.person_id = a.person_id AND c.attempt_id = a.id AND c.kind = 'attempt'
  );

-- name: person_leads
-- A person's places on lists, with all of campaign, list and callback that decides about a call.
SELECT l.id, c.id AS campaign_id, c.name AS campaign, l.status, l.attempts, l.next_at, l.held_by, i.name AS list,
    coalesce(c.settings ->> 'rule_pack', 'default-strict') AS rule_pack, c.caller_id, c.status AS campaign_status,
    coalesce(c.settings ->> 'mode', 'progressive') AS mode, coalesce((c.settings ->> 'care')::boolean, false) AS care,
    coalesce(c.settings ->> 'creditor', '') AS creditor, i.status AS list_status,
    EXISTS (SELECT 1 FROM caller_ids n
            WHERE n.number = c.caller_id AND ($2::timestamptz AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date
                BETWEEN n.starts_on AND n.ends_on) AS registered,
    coalesce(coalesce(d.attempts, 0) >= i.daily_attempts, false)
        OR coalesce(coalesce(d.conversations, 0) >= i.daily_conversations, false) AS quota_full,
    coalesce(c.settings ->> 'language', 'es') AS language,
    coalesce((c.settings ->> 'match_language')::boolean, false) AS match_language,
    coalesce((c.settings ->> 'creditor_licence')::boolean, false) AS creditor_licence,
    ARRAY(SELECT DISTINCT s.code FROM campaign_agents m JOIN users a ON a.id = m.agent_id AND a.active
          JOIN agent_skills k ON k.agent_id = m.agent_id JOIN skills s ON s.id = k.skill_id
          WHERE m.campaign_id = c.id) AS staffed,
    EXISTS (SELECT 1 FROM attempts o WHERE o.person_id = l.person_id AND o.ended_at IS NULL) AS talking,
    l.urgent, b.at AS callback_at, u.name AS callback_agent
FROM leads l JOIN campaigns c ON c.id = l.campaign_id JOIN lists i ON i.id = l.list_id
LEFT JOIN list_days d ON d.list_id = i.id
    AND d.day = ($2::timestamptz AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date
LEFT JOIN callbacks b ON b.lead_id = l.id AND b.status = 'scheduled'
LEFT JOIN users u ON u.id = b.agent_id
WHERE l.person_id = $1 ORDER BY l.id DESC LIMIT 50;

-- name: person_attempts
-- The last attempts of a person, with what the gate said.
SELECT a.id, a.placed_at, c.name AS campaign, a.number, a.state, a.outcome, a.cause, a.reason, a.trunk,
    coalesce(a.case_number, '') AS case_number, a.gate::text AS gate
FROM attempts a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.person_id = $1 ORDER BY a.placed_at DESC LIMIT 20;

-- name: newest_packs
-- The newest version of every pack the firm has published.
SELECT DISTINCT ON (name) name, version, body FROM rule_packs ORDER BY name, version DESC;

-- name: pack_versions
-- Every published version of a pack, the newest first.
SELECT r.version, r.published_at, coalesce(u.name, '') AS author
FROM rule_packs r LEFT JOIN users u ON u.id = r.author_id WHERE r.name = $1 ORDER BY r.version DESC;

-- name: pack_body
-- One published version.
SELECT body FROM rule_packs WHERE name = $1 AND version = $2;

-- name: pack_publish
-- Publish a version; none is ever changed.
INSERT INTO rule_packs (name, version, body, author_id, published_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING version;

-- name: person_flags
-- A person's flags, locked: what follows from a change happens in the same transaction.
SELECT flags FROM persons WHERE id = $1 FOR UPDATE;

-- name: person_set_flags
-- Put other flags; a trigger takes who needs care out of the dialer's lists.
UPDATE persons SET flags = $2 WHERE id = $1;

-- name: person_prefer
-- The hours a person asked for.
UPDATE persons SET preferred = $2::text::jsonb WHERE id = $1;

-- name: person_consent_add
-- One line of the consent log.
INSERT INTO person_consents (person_id, channel, state, source, at, actor_id) VALUES ($1, $2, $3, $4, $5, $6);

-- name: person_consent_set
-- The channels as the log has them now.
UPDATE persons p SET granted = now.granted, refused = now.refused
FROM (
    SELECT coalesce(array_agg(channel ORDER BY channel) FILTER (WHERE state = 'granted'), '{}') AS granted,
        coalesce(array_agg(channel ORDER BY channel) FILTER (WHERE state = 'refused'), '{}') AS refused
    FROM (SELECT DISTINCT ON (channel) channel, state FROM person_consents
          WHERE person_id = $1 ORDER BY channel, at DESC, id DESC) newest
) AS now
WHERE p.id = $1;

-- name: payment_seen
-- What we know of an event.
SELECT body_hash, person_id, debt_id, settled FROM payment_events WHERE id = $1;

-- name: payment_debts
-- Debts that a payment may be for.
SELECT d.id, d.person_id, d.currency, d.balance_minor, d.status
FROM debts d JOIN persons p ON p.id = d.person_id
WHERE d.reference = $1 AND d.creditor_key = coalesce(creditor_key($2), d.creditor_key) AND p.external_id IS NOT DISTINCT FROM coalesce($3, p.external_id)
LIMIT 2;

-- name: payment_note
-- Keep an event; nothing when it is known already.
INSERT INTO payment_events (id, body_hash, kind, person_id, debt_id, amount_minor, currency, settled, received_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING RETURNING id;

-- name: payment_reduce
-- Less is owed; nothing more when the creditor says so.
UPDATE debts SET balance_minor = CASE WHEN $3 THEN 0 ELSE greatest(0, balance_minor - $2) END,
    status = CASE WHEN $3 OR balance_minor <= $2 THEN 'paid' ELSE 'open' END
WHERE id = $1 RETURNING status, balance_minor;

-- name: payment_restore
-- A payment was taken back: it is owed again.
UPDATE debts SET balance_minor = balance_minor + $2, status = 'open' WHERE id = $1 RETURNING status, balance_minor;

-- name: payment_settles_person
-- Whether nothing is owed any more.
SELECT bool_and(status = 'paid') FROM debts WHERE person_id = $1;

-- name: payment_flag
-- Nobody calls who owes nothing; who owes again may be called.
UPDATE persons SET flags = CASE WHEN $2 AND NOT 'paid' = ANY (flags) THEN array_append(flags, 'paid')
                                WHEN NOT $2 THEN array_remove(flags, 'paid') ELSE flags END
WHERE id = $1;

-- name: payment_withdraw
-- Leads of campaigns for which nothing is owed any more; the others rest until $2.
UPDATE leads l SET
    status = CASE WHEN owed.owing THEN l.status ELSE 'withdrawn' END,
    held_by = CASE WHEN owed.owing THEN 'partly_paid' ELSE 'paid' END,
    urgent = l.urgent AND owed.owing,
    next_at = CASE WHEN owed.owing THEN greatest(l.next_at, $2) ELSE l.next_at END
FROM campaigns c
CROSS JOIN LATERAL (
    SELECT EXISTS (SELECT 1 FROM debts d WHERE d.person_id = $1 AND d.status = 'open'
                     AND d.creditor_key = coalesce(nullif(creditor_key(c.settings ->> 'creditor'), ''), d.creditor_key)) AS owing
) AS owed
WHERE l.person_id = $1 AND l.status = 'open' AND c.id = l.campaign_id
RETURNING l.id, l.status;

-- name: payment_withdraw_callbacks
-- Nobody is called back about what is paid.
UPDATE callbacks b SET status = 'withdrawn', done_at = $2
FROM leads l WHERE b.person_id = $1 AND b.status = 'scheduled' AND l.id = b.lead_id AND l.status = 'withdrawn';

-- name: payment_reopen
-- Leads that a payment had withdrawn, where something is owed again: back, after a time of grace.
UPDATE leads l SET status = 'open', held_by = '', next_at = $2
FROM campaigns c
WHERE l.person_id = $1 AND l.status = 'withdrawn' AND l.held_by = 'paid' AND c.id = l.campaign_id
  AND EXISTS (SELECT 1 FROM debts d WHERE d.person_id = $1 AND d.status = 'open'
                AND d.creditor_key = coalesce(nullif(creditor_key(c.settings ->> 'creditor'), ''), d.creditor_key))
RETURNING l.id;

-- name: lists_of
-- Lists of a campaign with their counted leads and what they had today; $1 null = all campaigns.
SELECT i.id, i.campaign_id, i.name, i.status, i.priority, i.weight, i.order_by, i.fresh_share, i.daily_attempts,
    i.daily_conversations, i.created_at, coalesce(d.attempts, 0) AS attempts_today,
    coalesce(d.conversations, 0) AS conversations_today,
    coalesce((SELECT jsonb_object_agg(n.status, n.count)
              FROM (SELECT status, count(*) AS count FROM leads WHERE list_id = i.id GROUP BY status) n), '{}')::text AS leads,
    (SELECT count(*) FROM leads f WHERE f.list_id = i.id AND f.status = 'open' AND f.attempts = 0) AS fresh,
    r.resting, r.resting_until
FROM lists i JOIN campaigns c ON c.id = i.campaign_id
CROSS JOIN LATERAL (SELECT count(*)::int AS resting, min(l.next_at) AS resting_until FROM leads l
                    WHERE l.list_id = i.id AND l.status = 'open' AND l.next_at > $2) r
LEFT JOIN list_days d ON d.list_id = i.id
    AND d.day = ($2::timestamptz AT TIME ZONE coalesce(c.settings ->> 'zone', 'Europe/Madrid'))::date
WHERE ($1::bigint IS NULL OR i.campaign_id = $1) AND ($3::bigint IS NULL OR i.id = $3)
ORDER BY i.campaign_id, i.priority DESC, i.name;

-- name: list_lock
-- A list as it is, held until the change is written.
SELECT id, campaign_id, name, status, priority, weight, order_by, fresh_share, daily_attempts, daily_conversations
FROM lists WHERE id = $1 FOR UPDATE;

-- name: list_change
-- How a list works from now on.
UPDATE lists SET status = $2, priority = $3, weight = $4, order_by = $5, fresh_share = $6, daily_attempts = $7,
    daily_conversations = $8 WHERE id = $1;

-- name: list_sort
-- Give the next leads of a list, by id, their place in its order; few at a time, so that nobody waits.
WITH next AS (
    SELECT l.id, l.person_id FROM leads l WHERE l.list_id = $1 AND l.id > $3 ORDER BY l.id LIMIT $4
),
moved AS (
    UPDATE leads l SET sort = CASE $2
        WHEN 'newest' THEN -l.id
        WHEN 'oldest' THEN l.id
        WHEN 'random' THEN hashint8(l.id)
        WHEN 'balance' THEN -coalesce((SELECT max(d.balance_minor) FROM debts d
                                       WHERE d.person_id = l.person_id AND d.status = 'open'), 0)
        WHEN 'days_past_due' THEN -coalesce((SELECT max(d.days_past_due) FROM debts d
                                             WHERE d.person_id = l.person_id AND d.status = 'open'), 0)
        ELSE 0 END
    FROM next n WHERE l.id = n.id
)
SELECT max(id) FROM next;

-- name: campaign_held
-- How many leads each rule holds back, and when the first of them is looked at again.
SELECT l.held_by AS rule, l.status, count(*) AS leads, min(l.next_at) FILTER (WHERE l.next_at > $2) AS next_at
FROM leads l WHERE l.campaign_id = $1 AND l.held_by NOT IN ('', 'preview') AND l.status IN ('open', 'withdrawn', 'done')
GROUP BY 1, 2 ORDER BY 3 DESC, 1;

-- name: held_persons
-- Some of the persons that a rule holds back in a campaign.
SELECT l.person_id, p.name, l.status, greatest(l.next_at, 'epoch') AS next_at
FROM leads l JOIN persons p ON p.id = l.person_id
WHERE l.campaign_id = $1 AND l.held_by = $2 AND l.held_by NOT IN ('', 'preview')
ORDER BY l.next_at, l.id LIMIT $3;

-- name: callbacks_of
-- Callbacks of a campaign or an agent that lie ahead or were missed; null = all.
SELECT b.id, b.campaign_id, c.name AS campaign, b.person_id, p.name AS person, p.zone, b.agent_id,
    coalesce(u.name, '') AS agent, b.at, b.open_at, b.status, b.made_at
FROM callbacks b JOIN campaigns c ON c.id = b.campaign_id JOIN persons p ON p.id = b.person_id
LEFT JOIN users u ON u.id = b.agent_id
WHERE b.status = 'scheduled' AND ($1::bigint IS NULL OR b.campaign_id = $1) AND ($2::bigint IS NULL OR b.agent_id = $2)
ORDER BY b.at, b.id LIMIT $3;

-- name: agreed_in
-- An agent's call in which a callback is agreed, and whether the ledger knows already what it was.
SELECT lead_id, person_id, number, connected_at, ended_at IS NOT NULL AS written
FROM attempts WHERE id = $1 AND agent_id = $2;

-- name: callback_to_move
-- Whose callback it is, while it is still to be made.
SELECT lead_id, person_id FROM callbacks WHERE id = $1 AND status = 'scheduled';

-- name: callback_lock
-- One callback that is still to be made, held until the change is written.
SELECT id, lead_id, campaign_id, person_id, agent_id, at, open_at FROM callbacks
WHERE id = $1 AND status = 'scheduled' FOR UPDATE;

-- name: callback_move
-- Another time or another agent.
UPDATE callbacks SET agent_id = $2, at = $3, open_at = $4 WHERE id = $1;

-- name: callback_move_lead
-- The lead rests until its callback is anybody's.
UPDATE leads SET next_at = $2, urgent = true WHERE id = $1 AND status = 'open' AND held_by <> 'preview';

-- name: callback_withdraw
-- It is not made any more; the lead stays in its list.
UPDATE callbacks SET status = 'withdrawn', done_at = $2 WHERE id = $1;

-- name: callback_free_lead
-- Without its callback a lead is one among the others.
UPDATE leads SET urgent = false WHERE id = $1;

-- name: caller_ids
-- The numbers the firm may show.
SELECT number, label, registry, nullif(starts_on, '-infinity')::text AS starts_on, nullif(ends_on, 'infinity')::text AS ends_on
FROM caller_ids ORDER BY number;

-- name: caller_id_put
-- Add a number to the registry, or change it.
INSERT INTO caller_ids (number, label, registry, starts_on, ends_on)
VALUES ($1, $2, $3, coalesce($4::date, '-infinity'), coalesce($5::date, 'infinity'))
ON CONFLICT (number) DO UPDATE SET label = EXCLUDED.label, registry = EXCLUDED.registry, starts_on = EXCLUDED.starts_on,
    ends_on = EXCLUDED.ends_on;

-- name: caller_id_drop
-- Take a number out of the registry.
DELETE FROM caller_ids WHERE number = $1 RETURNING number;

-- name: suppression_lists
-- Lists of numbers that are not called, with their size.
SELECT l.id, l.name, l.source, l.created_at, (SELECT count(*) FROM suppressed_numbers n WHERE n.list_id = l.id) AS numbers
FROM suppression_lists l ORDER BY l.name;

-- name: suppression_list_put
-- The list of that name, made when it is not there.
INSERT INTO suppression_lists (name, source) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET source = EXCLUDED.source RETURNING id;

-- name: suppression_kept
-- The numbers of the file that replaces a list, until its transaction ends.
CREATE TEMPORARY TABLE suppression_kept (
    number text PRIMARY KEY, line text GENERATED ALWAYS AS (line_of(number)) STORED
) ON COMMIT DROP;

-- name: suppression_kept_lines
-- Numbers of the file are looked up in whatever spelling.
CREATE INDEX ON suppression_kept (line);

-- name: suppression_comes
-- How many of these numbers are neither on the list nor earlier in the file.
SELECT count(DISTINCT line_of(asked)) FROM unnest($1::text[]) AS asked
WHERE NOT EXISTS (SELECT 1 FROM suppressed_numbers s WHERE line_of(s.number) = line_of(asked) AND s.list_id = $2)
  AND NOT EXISTS (SELECT 1 FROM suppression_kept k WHERE k.line = line_of(asked));

-- name: suppression_leaves
-- How many numbers the file names, how many of the list it does not, and how many of those something else forbids.
SELECT (SELECT count(DISTINCT line) FROM suppression_kept) AS named, count(*) AS leaves,
    count(*) FILTER (WHERE EXISTS (SELECT 1 FROM do_not_call d WHERE line_of(d.number) = gone.line) OR EXISTS (
        SELECT 1 FROM suppressed_numbers o WHERE line_of(o.number) = gone.line AND o.list_id <> $1
          AND now() >= o.starts_at AND now() < o.ends_at)) AS still
FROM (
    SELECT DISTINCT line_of(s.number) AS line FROM suppressed_numbers s WHERE s.list_id = $1
    EXCEPT SELECT k.line FROM suppression_kept k
) gone;

-- name: suppression_keep
-- These are in the file.
INSERT INTO suppression_kept (number) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING;

-- name: suppression_leave
-- What the file does not name is on this list no more.
DELETE FROM suppressed_numbers s
WHERE list_id = $1 AND NOT EXISTS (SELECT 1 FROM suppression_kept k WHERE k.number = s.number);

-- name: suppress_numbers
-- Numbers that are not called until an instant, or for good; in one order, so that two files cannot wait for each other.
INSERT INTO suppressed_numbers (number, list_id, ends_at)
SELECT number, $2, coalesce($3, 'infinity'::timestamptz) FROM unnest($1::text[]) AS number ORDER BY number
ON CONFLICT (number, list_id) DO UPDATE SET ends_at = EXCLUDED.ends_at
WHERE suppressed_numbers.ends_at <> EXCLUDED.ends_at;

-- name: suppression_list_named
-- The list of that name.
SELECT id FROM suppression_lists WHERE name = $1;

-- name: suppression_known
-- How many of these numbers are on the list, in whatever spelling.
SELECT count(*) FROM unnest($1::text[]) AS asked
WHERE EXISTS (SELECT 1 FROM suppressed_numbers s WHERE line_of(s.number) = line_of(asked) AND s.list_id = $2);

-- name: suppression_remove
-- Numbers leave the list, in whatever spelling they are on it.
DELETE FROM suppressed_numbers
WHERE list_id = $2 AND line_of(suppressed_numbers.number) = ANY (SELECT line_of(one) FROM unnest($1::text[]) AS one);

-- name: suppression_still
-- How many of these numbers are on the list, and not called for another reason too.
SELECT count(*) FROM unnest($1::text[]) AS asked
WHERE EXISTS (SELECT 1 FROM suppressed_numbers s WHERE line_of(s.number) = line_of(asked) AND s.list_id = $2)
  AND (EXISTS (SELECT 1 FROM do_not_call d WHERE line_of(d.number) = line_of(asked)) OR EXISTS (
    SELECT 1 FROM suppressed_numbers o WHERE line_of(o.number) = line_of(asked) AND o.list_id <> $2
      AND now() >= o.starts_at AND now() < o.ends_at));

-- name: suppressed_ringing
-- Persons who are rung now on a number that is not to be called.
SELECT DISTINCT person_id FROM attempts
WHERE ended_at IS NULL AND direction = 'outbound' AND state IN ('dialing', 'ringing') AND is_suppressed(number, now());

-- name: suppression_drop
-- A list goes with its numbers.
DELETE FROM suppression_lists WHERE id = $1 RETURNING name;

-- name: packs_in_use
-- How many campaigns are under each pack.
SELECT coalesce(settings ->> 'rule_pack', 'default-strict') AS pack, count(*) FROM campaigns GROUP BY 1;

-- name: import_lightly
-- A piece that a crash of the server takes back is imported again by importing the file again.
SET LOCAL synchronous_commit = off;
SET LOCAL default_statistics_target = 10;

-- name: templates
-- Saved ways to read files.
SELECT id, name, columns::text AS columns, default_region, dedupe, creditor, sheet, header_row, at
FROM import_templates ORDER BY name;

-- name: template_put
-- Save a way to read files under its name.
INSERT INTO import_templates (name, columns, default_region, dedupe, creditor, sheet, header_row, author_id, at)
VALUES ($1, $2::text::jsonb, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (name) DO UPDATE SET columns = EXCLUDED.columns, default_region = EXCLUDED.default_region,
    dedupe = EXCLUDED.dedupe, creditor = EXCLUDED.creditor, sheet = EXCLUDED.sheet, header_row = EXCLUDED.header_row,
    author_id = EXCLUDED.author_id, at = EXCLUDED.at
RETURNING id;

-- name: template_drop
-- Forget a way to read files.
DELETE FROM import_templates WHERE id = $1 RETURNING id;

-- name: template_named
-- One way to read files.
SELECT columns::text AS columns, default_region, dedupe, creditor, sheet, header_row FROM import_templates WHERE name = $1;

-- name: imports_of
-- What came of the files of a campaign, the newest first.
SELECT m.id, i.name AS list, m.file_name, m.summary::text AS summary, m.at, coalesce(u.name, '') AS actor
FROM imports m JOIN lists i ON i.id = m.list_id LEFT JOIN users u ON u.id = m.actor_id
WHERE i.campaign_id = $1 ORDER BY m.at DESC, m.id DESC LIMIT 50;
