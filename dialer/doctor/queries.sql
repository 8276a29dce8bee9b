-- What the doctor asks the database, loaded by name (dialer/store/sql.py).

-- name: version
SHOW server_version;

-- name: clock
SELECT clock_timestamp();

-- name: trunks
-- Trunks of all campaigns, those that only take over, too.
SELECT DISTINCT trunk FROM (
    SELECT trunk FROM campaigns
    UNION ALL
    SELECT jsonb_array_elements_text(coalesce(settings -> 'spare_trunks', '[]')) FROM campaigns
) AS used
ORDER BY trunk LIMIT 100;
