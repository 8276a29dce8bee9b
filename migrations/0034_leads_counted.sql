-- migrate:up

-- How many leads a campaign has in each status is asked every 15 s by the engine and by each page of campaigns, and read
-- from every lead of the house: it is kept instead. Several rows may share a status (their sum counts): a writer takes one
-- that nobody holds, so that an import of minutes keeps no claim waiting.
CREATE TABLE lead_counts (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    campaign_id bigint NOT NULL,
    status      text NOT NULL,
    leads       bigint NOT NULL
) WITH (fillfactor = 50);
COMMENT ON TABLE lead_counts IS 'leads of each campaign by status: the sum over its rows; no foreign key, so that no count waits for a change of the campaign';
CREATE INDEX lead_counts_campaign ON lead_counts (campaign_id, status);

CREATE FUNCTION count_leads_by(campaign bigint, stands text, more bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE lead_counts SET leads = leads + more
    WHERE id = (SELECT id FROM lead_counts WHERE campaign_id = campaign AND status = stands
                LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED);
    IF NOT FOUND THEN
        INSERT INTO lead_counts (campaign_id, status, leads) VALUES (campaign, stands, more);
    END IF;
END $$;
CREATE FUNCTION count_leads() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    CASE TG_OP
    WHEN 'INSERT' THEN
        PERFORM count_leads_by(campaign_id, status, count(*)) FROM came GROUP BY campaign_id, status;
    WHEN 'UPDATE' THEN
        PERFORM count_leads_by(campaign_id, status, sum(one)) FROM (
            SELECT campaign_id, status, 1 AS one FROM came UNION ALL SELECT campaign_id, status, -1 FROM went) AS moves
        GROUP BY campaign_id, status HAVING sum(one) <> 0;
    WHEN 'DELETE' THEN
        PERFORM count_leads_by(campaign_id, status, -count(*)) FROM went GROUP BY campaign_id, status;
    ELSE
        DELETE FROM lead_counts;
    END CASE;
    RETURN NULL;
END $$;
CREATE TRIGGER leads_came AFTER INSERT ON leads
    REFERENCING NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION count_leads();
CREATE TRIGGER leads_changed AFTER UPDATE ON leads
    REFERENCING OLD TABLE AS went NEW TABLE AS came FOR EACH STATEMENT EXECUTE FUNCTION count_leads();
CREATE TRIGGER leads_went AFTER DELETE ON leads
    REFERENCING OLD TABLE AS went FOR EACH STATEMENT EXECUTE FUNCTION count_leads();
CREATE TRIGGER leads_emptied AFTER TRUNCATE ON leads FOR EACH STATEMENT EXECUTE FUNCTION count_leads();
-- After the triggers, whose lock keeps writers out until both are there.
INSERT INTO lead_counts (campaign_id, status, leads) SELECT campaign_id, status, count(*) FROM leads GROUP BY 1, 2;

-- migrate:after

-- Those who rest are found by their times whatever their mark: in the place of leads_resting, so that a change of a lead
-- writes as many entries as before, into columns that were in indexes before. Who was never called, and has no time of
-- their own, has no entry: an import pays nothing.
-- step: leads_timed
CREATE INDEX CONCURRENTLY IF NOT EXISTS leads_timed ON leads (campaign_id, resting, next_at)
    WHERE status = 'open' AND next_at > '-infinity';

-- step: leads_resting
DROP INDEX CONCURRENTLY IF EXISTS leads_resting;

-- Which callback a failed call was to keep was looked for among all that were ever agreed.
-- step: callbacks_lead
CREATE INDEX CONCURRENTLY IF NOT EXISTS callbacks_lead ON callbacks (lead_id);

-- migrate:down

DROP INDEX IF EXISTS callbacks_lead;
CREATE INDEX IF NOT EXISTS leads_resting ON leads (campaign_id, next_at) WHERE status = 'open' AND resting;
DROP INDEX IF EXISTS leads_timed;
DROP TRIGGER leads_came ON leads;
DROP TRIGGER leads_changed ON leads;
DROP TRIGGER leads_went ON leads;
DROP TRIGGER leads_emptied ON leads;
DROP FUNCTION count_leads, count_leads_by;
DROP TABLE lead_counts;
