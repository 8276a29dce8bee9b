-- migrate:up

-- Every page of an administrator asks each half minute what waits for a second signature; nothing leaves the audit.
CREATE INDEX audit_looser_asked ON audit (at) WHERE action = 'looser_rules.asked';

-- migrate:down

DROP INDEX audit_looser_asked;
