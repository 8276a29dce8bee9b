-- Statements of portfolio; each has a name and says in one sentence what it does.

-- name: import_tables
-- Staging of one import, private to its connection.
CREATE TEMP TABLE import_rows (
    row int PRIMARY KEY, key text NOT NULL, external_id text, name text NOT NULL, language text, country text,
    region text, zone text, priority smallint NOT NULL, reference text NOT NULL,
    person_id bigint, first_row boolean NOT NULL DEFAULT false, repeats int
);
CREATE TEMP TABLE import_phones (
    row int NOT NULL, number text NOT NULL, kind text NOT NULL, zones text[] NOT NULL, position smallint NOT NULL
);
CREATE TEMP TABLE import_debts (
    row int NOT NULL, reference text NOT NULL, creditor text NOT NULL, currency text NOT NULL,
    balance_minor bigint NOT NULL, days_past_due int NOT NULL
);
CREATE TEMP TABLE import_seen (key text NOT NULL, reference text NOT NULL, row int NOT NULL, PRIMARY KEY (key, reference));

-- name: import_drop
-- The staging tables go with the import.
DROP TABLE IF EXISTS import_rows, import_phones, import_debts, import_seen;

-- name: import_clear
-- Empty the staging tables for the next batch; what was seen in the file is kept.
TRUNCATE import_rows, import_phones, import_debts;

-- name: import_measure
-- Tell the planner what is in the staging tables: without it, it joins them row against row.
ANALYZE import_rows, import_phones, import_debts;

-- name: import_lock
-- One batch of one import at a time, so that nobody is entered twice.
SELECT pg_advisory_xact_lock(hashtext('portfolio.import'));

-- name: import_see
-- Remember each person and debt of the file at its first row.
INSERT INTO import_seen (key, reference, row)
SELECT DISTINCT ON (key, reference) key, reference, row FROM import_rows ORDER BY key, reference, row
ON CONFLICT DO NOTHING;

-- name: import_mark_repeats
-- Mark rows that say again what an earlier row of the file said.
UPDATE import_rows r SET repeats = s.row
FROM import_seen s WHERE s.key = r.key AND s.reference = r.reference AND s.row <> r.row;

-- name: import_repeats
-- Rows that repeat an earlier one.
SELECT row, repeats FROM import_rows WHERE repeats IS NOT NULL ORDER BY row;

-- name: import_match_id
-- Persons we have under the same outside id.
UPDATE import_rows r SET person_id = p.id
FROM persons p WHERE r.external_id IS NOT NULL AND p.external_id = r.external_id AND r.repeats IS NULL;

-- name: import_match_phone
-- Without an outside id: persons we have by the same name on one of the same numbers.
UPDATE import_rows r SET person_id = m.id
FROM (
    SELECT DISTINCT ON (i.row) i.row, p.id
    FROM import_rows i
    JOIN import_phones n ON n.row = i.row
    JOIN phones h ON h.number = n.number
    JOIN persons p ON p.id = h.person_id
    WHERE i.external_id IS NULL AND i.repeats IS NULL AND lower(p.name) = lower(i.name)
    ORDER BY i.row, p.id
) m
WHERE m.row = r.row;

-- name: import_counts
-- How many rows bring somebody new, how many somebody known (by us, or from an earlier row), how many persons are new.
SELECT count(*) FILTER (WHERE fresh) AS imported, count(*) FILTER (WHERE NOT fresh) AS updated
FROM (
    SELECT r.person_id IS NULL AND NOT EXISTS (
        SELECT 1 FROM import_seen s WHERE s.key = r.key AND s.row < r.row
    ) AS fresh
    FROM import_rows r WHERE r.repeats IS NULL
) counted;

-- name: import_number_persons
-- Give each new person an id, the same to all rows of that person.
WITH fresh AS (
    SELECT key, min(row) AS row, nextval(pg_get_serial_sequence('persons', 'id')) AS id
    FROM import_rows WHERE person_id IS NULL AND repeats IS NULL GROUP BY key
)
UPDATE import_rows r SET person_id = f.id, first_row = (r.row = f.row)
FROM fresh f WHERE f.key = r.key AND r.person_id IS NULL AND r.repeats IS NULL;

-- name: import_new_persons
-- Enter the new persons.
INSERT INTO persons (id, external_id, name, language, country, region, zone)
OVERRIDING SYSTEM VALUE
SELECT person_id, external_id, name, coalesce(language, 'es'), country, region, zone
FROM import_rows WHERE first_row;

-- name: import_known_persons
-- Bring the known persons up to date with the last row about them; what the file leaves out stays.
UPDATE persons p SET name = r.name, language = coalesce(r.language, p.language), country = coalesce(r.country, p.country),
    region = coalesce(r.region, p.region), zone = coalesce(r.zone, p.zone)
FROM (
    SELECT DISTINCT ON (person_id) * FROM import_rows
    WHERE person_id IS NOT NULL AND repeats IS NULL AND NOT first_row ORDER BY person_id, row DESC
) r
WHERE p.id = r.person_id
  AND (p.name, p.language, p.country, p.region, p.zone) IS DISTINCT FROM
      (r.name, coalesce(r.language, p.language), coalesce(r.country, p.country), coalesce(r.region, p.region), coalesce(r.zone, p.zone));

-- name: import_phones_in
-- Add numbers; a known number keeps what we learnt of it.
INSERT INTO phones AS h (person_id, number, kind, zones, position)
SELECT DISTINCT ON (r.person_id, n.number) r.person_id, n.number, n.kind, n.zones, n.position
FROM import_phones n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL ORDER BY r.person_id, n.number, r.row DESC
ON CONFLICT (person_id, number) DO UPDATE SET kind = EXCLUDED.kind, zones = EXCLUDED.zones, position = EXCLUDED.position
WHERE (h.kind, h.zones, h.position) IS DISTINCT FROM (EXCLUDED.kind, EXCLUDED.zones, EXCLUDED.position);

-- name: import_debts_in
-- Add debts, or bring them up to date.
INSERT INTO debts AS d (person_id, reference, creditor, currency, balance_minor, days_past_due)
SELECT DISTINCT ON (r.person_id, n.reference)
    r.person_id, n.reference, n.creditor, n.currency, n.balance_minor, n.days_past_due
FROM import_debts n JOIN import_rows r ON r.row = n.row
WHERE r.repeats IS NULL ORDER BY r.person_id, n.reference, r.row DESC
ON CONFLICT (person_id, reference) DO UPDATE SET creditor = EXCLUDED.creditor, currency = EXCLUDED.currency,
    balance_minor = EXCLUDED.balance_minor, days_past_due = EXCLUDED.days_past_due
WHERE (d.creditor, d.currency, d.balance_minor, d.days_past_due) IS DISTINCT FROM
      (EXCLUDED.creditor, EXCLUDED.currency, EXCLUDED.balance_minor, EXCLUDED.days_past_due);

-- name: import_leads_in
-- Put everybody on the list once; who said stop is withdrawn from the first, and a known lead stays as it is.
INSERT INTO leads (list_id, campaign_id, person_id, status, priority)
SELECT DISTINCT ON (r.person_id) $1, $2, r.person_id,
    CASE WHEN p.stopped_at IS NULL THEN 'open' ELSE 'withdrawn' END, r.priority
FROM import_rows r JOIN persons p ON p.id = r.person_id
WHERE r.repeats IS NULL ORDER BY r.person_id, r.row DESC
ON CONFLICT (list_id, person_id) DO NOTHING;

-- name: campaign_exists
-- Whether there is such a campaign.
SELECT EXISTS (SELECT 1 FROM campaigns WHERE id = $1);

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
SELECT id, external_id, name, language, country, region, zone, flags, stopped_at, stop_reason, created_at
FROM persons WHERE id = $1;

-- name: person_phones
-- A person's numbers in the order in which they are tried.
SELECT h.id, h.number, h.kind, h.status, h.zones, h.position, d.number IS NOT NULL AS do_not_call
FROM phones h LEFT JOIN do_not_call d ON d.number = h.number
WHERE h.person_id = $1 ORDER BY h.position, h.id LIMIT 50;

-- name: person_debts
-- A person's debts.
SELECT id, reference, creditor, currency, balance_minor, days_past_due
FROM debts WHERE person_id = $1 ORDER BY id LIMIT 200;

-- name: person_ledger
-- Contacts of a person since an instant, and those of others on the person's numbers.
SELECT kind, at, channel, number, true AS same_person
FROM contacts WHERE person_id = $1 AND (at > $2 OR kind = 'stop')
UNION ALL
SELECT c.kind, c.at, c.channel, c.number, false
FROM phones mine
JOIN phones theirs ON theirs.number = mine.number AND theirs.person_id <> mine.person_id
JOIN contacts c ON c.person_id = theirs.person_id AND c.number = mine.number AND c.at > $2
WHERE mine.person_id = $1;

-- name: person_reserved
-- Open attempts of a person, and of others on the person's numbers, that the ledger does not have yet.
SELECT 'reserved' AS kind, a.placed_at AS at, 'voice' AS channel, a.number, a.person_id = $1 AS same_person
FROM attempts a
WHERE a.state <> 'ended'
  AND (a.person_id = $1 OR a.number IN (SELECT number FROM phones WHERE person_id = $1))
  AND NOT EXISTS (
      SELECT 1 FROM contacts c WHERE c.person_id = a.person_id AND c.attempt_id = a.id AND c.kind = 'attempt'
  );

-- name: person_leads
-- A person's places on lists, with the rule pack of each campaign.
SELECT l.id, c.id AS campaign_id, c.name AS campaign, l.status, l.attempts, l.next_at, l.held_by,
    coalesce(c.settings ->> 'rule_pack', 'default-strict') AS rule_pack
FROM leads l JOIN campaigns c ON c.id = l.campaign_id
WHERE l.person_id = $1 ORDER BY l.id DESC LIMIT 50;

-- name: person_attempts
-- The last attempts of a person, with what the gate said.
SELECT a.id, a.placed_at, c.name AS campaign, a.number, a.state, a.outcome, a.cause, a.reason, a.gate::text AS gate
FROM attempts a JOIN campaigns c ON c.id = a.campaign_id
WHERE a.person_id = $1 ORDER BY a.placed_at DESC LIMIT 20;
