-- migrate:up

-- Of leads that fall due at the same instant, as all do whom a rule held until the day began, who was called least comes
-- first: by id alone the first of two people who share a line took its one call of the day for ever.
DROP INDEX leads_hopper;
CREATE INDEX leads_hopper ON leads (list_id, (attempts > 0), urgent DESC, priority DESC, sort, next_at, attempts, id)
    WHERE status = 'open' AND NOT resting;

-- migrate:down

DROP INDEX leads_hopper;
CREATE INDEX leads_hopper ON leads (list_id, (attempts > 0), urgent DESC, priority DESC, sort, next_at, id)
    WHERE status = 'open' AND NOT resting;
