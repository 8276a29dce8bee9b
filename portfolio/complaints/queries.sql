-- The register of complaints. Written here and nowhere else.

-- name: complaints
-- In state $2 (null = any), with case number $3 or words $4, or the one of id $6: open ones first, by their deadline.
SELECT c.id, c.case_number, c.state, c.via, c.complainant, c.person_id, p.name AS person, k.name AS campaign,
    d.reference AS debt, coalesce(nullif(c.creditor, ''), d.creditor, '') AS creditor, c.body AS text,
    c.opened_at, o.name AS opened_by, c.due_on, c.due_at, c.rule_source, c.answer, c.answered_at, a.name AS answered_by,
    c.closed_at, z.name AS closed_by, c.close_reason, coalesce(coalesce(c.answered_at, $1) >= c.due_at, false) AS late
FROM complaints c
LEFT JOIN persons p ON p.id = c.person_id
LEFT JOIN campaigns k ON k.id = c.campaign_id
LEFT JOIN debts d ON d.id = c.debt_id
LEFT JOIN users o ON o.id = c.opened_by
LEFT JOIN users a ON a.id = c.answered_by
LEFT JOIN users z ON z.id = c.closed_by
WHERE ($2::text IS NULL OR c.state = $2) AND ($6::bigint IS NULL OR c.id = $6)
  AND (($3::text IS NULL AND $4::text IS NULL) OR c.case_number = $3
       OR concat_ws(' ', c.complainant, p.name, c.creditor, d.creditor) ILIKE $4)
ORDER BY c.state <> 'open', CASE WHEN c.state = 'open' THEN c.due_at END NULLS LAST, c.opened_at DESC, c.id
LIMIT $5;

-- name: complaint_add
-- A complaint as it comes; none is written where the case number is taken.
INSERT INTO complaints (case_number, person_id, complainant, campaign_id, attempt_id, debt_id, creditor, via, body,
    opened_at, opened_by, due_on, due_at, rule_source, rule_pack, pack_version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
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
-- Open complaints whose deadline is over at $1, or near, of which no alarm tells yet.
SELECT case_number, due_on, due_at <= $1 AS overdue FROM complaints c
WHERE state = 'open' AND due_at <= $2
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
UPDATE complaints SET due_on = $2, due_at = $3, rule_source = $4, rule_pack = $5, pack_version = $6
WHERE id = $1 AND state = 'open' AND due_at IS NULL RETURNING id;
