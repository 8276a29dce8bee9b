-- migrate:up

-- A machine is told by its speech from 5.5 s on (docs/adr/0037): the limits that were possible would make persons of
-- those who are recognised later, or of all. AMD() has a clock of its own.
WITH longer AS (
    UPDATE campaigns SET settings = jsonb_set(settings, '{screening_limit}', '9.25'),
        settings_version = settings_version + 1
    WHERE (settings ->> 'screening_limit')::float8 <= 8 AND coalesce(settings ->> 'screening', 'progress') <> 'amd'
    RETURNING id, settings_version, status, settings
)
INSERT INTO campaign_versions (campaign_id, version, status, settings, reason)
SELECT id, settings_version, status, settings, 'screening limit: the new default' FROM longer;

-- migrate:down

-- The version before knows of no limit above 8 s.
WITH shorter AS (
    UPDATE campaigns SET settings = jsonb_set(settings, '{screening_limit}', '7.0'),
        settings_version = settings_version + 1
    WHERE (settings ->> 'screening_limit')::float8 > 8
    RETURNING id, settings_version, status, settings
)
INSERT INTO campaign_versions (campaign_id, version, status, settings, reason)
SELECT id, settings_version, status, settings, 'screening limit: as before' FROM shorter;
