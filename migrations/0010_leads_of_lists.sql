-- migrate:up

-- A lead belongs to the campaign of its list: one constraint says so, where two let them differ and cost every
-- imported row two look-ups.
ALTER TABLE lists ADD CONSTRAINT lists_id_campaign_id_key UNIQUE (id, campaign_id);
ALTER TABLE leads DROP CONSTRAINT leads_list_id_fkey, DROP CONSTRAINT leads_campaign_id_fkey;
ALTER TABLE leads ADD CONSTRAINT leads_list_id_campaign_id_fkey FOREIGN KEY (list_id, campaign_id)
    REFERENCES lists (id, campaign_id) ON DELETE CASCADE;

-- migrate:down

ALTER TABLE leads DROP CONSTRAINT leads_list_id_campaign_id_fkey;
ALTER TABLE leads ADD CONSTRAINT leads_list_id_fkey FOREIGN KEY (list_id) REFERENCES lists ON DELETE CASCADE;
ALTER TABLE leads ADD CONSTRAINT leads_campaign_id_fkey FOREIGN KEY (campaign_id) REFERENCES campaigns ON DELETE CASCADE;
ALTER TABLE lists DROP CONSTRAINT lists_id_campaign_id_key;
