-- After a restore, before an engine runs: every campaign stands still, as if a supervisor had stopped it.
WITH stopped AS (
    UPDATE campaigns SET status = 'stopped', settings_version = settings_version + 1
    WHERE status <> 'stopped'
    RETURNING id, status, settings, settings_version
), versions AS (
    INSERT INTO campaign_versions (campaign_id, version, status, settings, reason)
    SELECT id, settings_version, status, settings, 'restored from a backup' FROM stopped
)
INSERT INTO audit (action, subject, after, reason)
SELECT 'campaign.stop', 'campaign:' || id,
    jsonb_build_object('status', status, 'version', settings_version, 'settings', settings), 'restored from a backup'
FROM stopped;
SELECT count(*) || ' campaigns, ' || count(*) FILTER (WHERE status <> 'stopped') || ' that dial' AS campaigns
FROM campaigns;
