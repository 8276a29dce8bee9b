-- migrate:up

-- Each open page of a supervisor asks every few seconds how calls that came in were served; ours are many times as many.
CREATE INDEX attempts_inbound ON attempts (campaign_id, placed_at) WHERE direction = 'inbound';
-- 0018 gave both another shape: what was known of their columns and expressions is gone.
ANALYZE persons, debts;

-- migrate:down

DROP INDEX attempts_inbound;
