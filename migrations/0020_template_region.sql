-- migrate:up

-- A template need not say the country of its numbers: the campaign may, or the form. The console and the interface took
-- such a template, the table refused it.
ALTER TABLE import_templates DROP CONSTRAINT import_templates_default_region_check;
ALTER TABLE import_templates ADD CONSTRAINT import_templates_default_region_check CHECK (default_region ~ '^([A-Z]{2})?$');
COMMENT ON COLUMN import_templates.default_region IS 'of numbers without prefix; empty = as the campaign says';

-- migrate:down

UPDATE import_templates SET default_region = 'ES' WHERE default_region = '';
COMMENT ON COLUMN import_templates.default_region IS NULL;
ALTER TABLE import_templates DROP CONSTRAINT import_templates_default_region_check;
ALTER TABLE import_templates ADD CONSTRAINT import_templates_default_region_check CHECK (default_region ~ '^[A-Z]{2}$');
