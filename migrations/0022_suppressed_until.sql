-- migrate:up

-- A list with an end is no end: until then the number is left alone, and after it the lead is called as before.
CREATE FUNCTION suppressed_until(asked text, at timestamptz) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM do_not_call d WHERE line_of(d.number) = line_of(asked)) THEN
        (SELECT nullif(max(s.ends_at), 'infinity') FROM suppressed_numbers s
         WHERE line_of(s.number) = line_of(asked) AND at >= s.starts_at AND at < s.ends_at)
    END
$$;
COMMENT ON FUNCTION suppressed_until IS 'when the last of the lists ends that the line is on; null = it is on none, or never';

-- Leads that were withdrawn because every number of the person was on a list with an end: they wait for the first of them.
UPDATE leads l SET status = 'open', held_by = 'do_not_call', next_at = greatest(l.next_at, ends.first)
FROM (SELECT f.person_id, min(suppressed_until(f.number, now())) AS first
      FROM phones f WHERE f.status NOT IN ('dead', 'wrong_party') GROUP BY 1) AS ends, persons p
WHERE ends.person_id = l.person_id AND p.id = l.person_id AND p.stopped_at IS NULL
  AND l.status = 'withdrawn' AND l.held_by = 'no_number' AND ends.first IS NOT NULL;

-- migrate:down

DROP FUNCTION suppressed_until;
