-- What the doctor asks the database, loaded by name (dialer/store/sql.py).

-- name: version
SHOW server_version;

-- name: clock
SELECT clock_timestamp();

-- name: trunks
-- Trunks of all campaigns.
SELECT DISTINCT trunk FROM campaigns ORDER BY trunk LIMIT 100;
