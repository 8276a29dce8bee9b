-- The register of complaints. Written here and nowhere else.

-- name: case_number_take
-- None where it was given before.
INSERT INTO case_numbers (number, drawn_at) VALUES ($1, $2) ON CONFLICT (number) DO NOTHING RETURNING number;

-- name: case_numbers_used
-- How many were given, as autovacuum found; -1 before it has looked.
SELECT reltuples::bigint FROM pg_class WHERE oid = 'case_numbers'::regclass;

-- name: case_number_of_call
-- What the person was told in this call, which came in, unless a complaint has it already.
SELECT a.case_number FROM attempts a
WHERE a.id = $1 AND a.case_number IS NOT NULL
  AND NOT EXISTS (SELECT 1 FROM complaints c WHERE c.case_number = a.case_number);

-- name: complaints
-- One page of the register: open ones first, by their deadline, then the newest.
-- In state $2 (null = any); with case number $3, words $4 or a telephone that ends in $5; or the one of id $6; $7: overdue,
-- near, late (answered late, or overdue), undated; after the line with the keys $8 to $11.
WITH found AS (
    SELECT c.*, c.state <> 'open' AS done,
        CASE WHEN c.state = 'open' THEN coalesce(c.due_at, 'infinity') ELSE 'infinity' END AS turn,
        coalesce(coalesce(c.answered_at, $1) >= c.due_at, false) AS late,
        c.state = 'open' AND coalesce(c.near_at <= $1 AND c.due_at > $1, false) AS near
    FROM complaints c
)
SELECT c.id, c.case_number, c.state, c.via, c.complainant, c.person_id, p.name AS person, k.name AS campaign,
    d.reference AS debt, coalesce(nullif(c.creditor, ''), d.creditor, '') AS creditor, c.body AS text,
    c.opened_at, o.name AS opened_by, c.due_on, c.due_at, c.rule_source, c.answer, c.answered_at, a.name AS answered_by,
    c.closed_at, z.name AS closed_by, c.close_reason, c.late, c.near
FROM found c
LEFT JOIN persons p ON p.id = c.person_id
LEFT JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN debts d ON d.id = c.debt_id
LEFT JOIN users o ON o.id = c.opened_by
LEFT JOIN users a ON a.id = c.answered_by
LEFT JOIN users z ON z.id = c.closed_by
WHERE ($2::text IS NULL OR c.state = $2) AND ($6::bigint IS NULL OR c.id = $6)
  AND (($3::text IS NULL AND $4::text IS NULL AND $5::text IS NULL) OR c.case_number = $3
       OR concat_ws(' ', c.complainant, p.name, c.creditor, d.creditor) ILIKE $4
       OR EXISTS (SELECT 1 FROM phones f WHERE f.person_id = c.person_id AND f.number LIKE '%' || $5)
       OR EXISTS (SELECT 1 FROM attempts t WHERE t.id = c.attempt_id AND t.number LIKE '%' || $5))
  AND CASE $7::text WHEN 'overdue' THEN c.late AND c.state = 'open' WHEN 'near' THEN c.near WHEN 'late' THEN c.late
      WHEN 'undated' THEN c.due_at IS NULL ELSE true END
  AND ($11::bigint IS NULL OR (c.done, c.turn) > ($8::bool, coalesce($9::timestamptz, 'infinity'))
       OR (c.done, c.turn) = ($8, coalesce($9, 'infinity')) AND (c.opened_at < $10 OR c.opened_at = $10 AND c.id > $11))
ORDER BY c.done, c.turn, c.opened_at DESC, c.id
LIMIT $12;

-- name: complaint_add
-- A complaint as it comes; none is written where another has the case number.
INSERT INTO complaints (case_number, person_id, complainant, campaign_id, attempt_id, debt_id, creditor, via, body,
    opened_at, opened_by, due_on, due_at, near_at, rule_source, rule_pack, pack_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (case_number) DO NOTHING RETURNING id, case_number;

-- name: complaint_answer
-- Only what is open is answered, once.
UPDATE complaints SET state = 'answered', answer = $2, answered_at = $3, answered_by = $4
WHERE id = $1 AND state = 'open' RETURNING id;

-- name: complaint_close
-- Only what was answered is closed.
UPDATE complaints SET state = 'closed', closed_at = $2, closed_by = $3, close_reason = $4
WHERE id = $1 AND state = 'answered' RETURNING id;

-- name: complaint_known
-- Whether there is one.
SELECT 1 FROM complaints WHERE id = $1;

-- name: complaint_pressing
-- Open complaints whose deadline is over or near at $1, by the rules of the day they came, of which no alarm tells yet.
SELECT case_number, due_on, due_at <= $1 AS overdue FROM complaints c
WHERE state = 'open' AND near_at <= $1
  AND NOT EXISTS (SELECT 1 FROM alarms a
      WHERE a.kind = CASE WHEN c.due_at <= $1 THEN 'complaint_overdue' ELSE 'complaint_due' END
        AND a.subject = left(c.case_number, 4) || ' ' || substr(c.case_number, 5))
ORDER BY due_at LIMIT 200;

-- name: complaint_undated_campaigns
-- Those with open complaints that have no deadline; null = of no campaign.
SELECT DISTINCT campaign_id FROM complaints WHERE state = 'open' AND due_at IS NULL;

-- name: complaint_undated
-- Open complaints of campaign $1 without a deadline that came since $2.
SELECT id, case_number, opened_at FROM complaints
WHERE state = 'open' AND due_at IS NULL AND campaign_id IS NOT DISTINCT FROM $1::bigint AND opened_at >= $2
ORDER BY opened_at LIMIT 200;

-- name: complaint_set_deadline
-- Only where there is none, while it is open.
UPDATE complaints SET due_on = $2, due_at = $3, near_at = $4, rule_source = $5, rule_pack = $6, pack_version = $7
WHERE id = $1 AND state = 'open' AND due_at IS NULL RETURNING id;
