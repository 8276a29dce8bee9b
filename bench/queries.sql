-- name: settled
SELECT count(*) FILTER (WHERE connected_at IS NOT NULL AND ended_at IS NOT NULL) AS conversations,
    count(*) FILTER (WHERE ended_at IS NULL) AS open
FROM attempts

-- name: attempts
SELECT a.number, a.placed_at, a.answered_at, a.verdict_at, a.connected_at, a.ended_at, a.outcome, a.agent_id,
    g.endpoint
FROM attempts a LEFT JOIN agents g ON g.id = a.agent_id
ORDER BY a.placed_at

-- name: ended_between
SELECT placed_at, answered_at, verdict_at, connected_at, outcome FROM attempts WHERE ended_at >= $1 AND ended_at < $2
