-- migrate:up

-- One key for every spelling of a creditor, the same in every locale and as portfolio.creditors has it: lower() of a
-- database in the locale C leaves accented capitals as they are.
CREATE FUNCTION creditor_key(said text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN said COLLATE "C" !~ '[^ -~]' THEN lower(btrim(regexp_replace(said, ' +', ' ', 'g')) COLLATE "C")
        ELSE btrim(regexp_replace(normalize(replace(replace(translate(lower(normalize(said, NFKD) COLLATE "C"),
        E'ÆÐØÞĐĦŁŊŒŦƁƂƄƆƇƉƊƋƎƏƐƑƓƔƖƗƘƜƝƟƢƤƦƧƩƬƮƱƲƳƵƷƸƼǤǶǷȜȠȢȤȺȻȽȾɁɃɄɅɆɈɊɌɎ\u0345ͰͲͶͿΑΒΓΔΕΖΗΘΙ'
        'ΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςϏϘϚϜϞϠϢϤϦϨϪϬϮϷϺϽϾϿЂЄЅІЈЉЊЋЏАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯѠѢѤѦ'
        'ѨѪѬѮѰѲѴѸѺѼѾҀҊҌҎҐҒҔҖҘҚҜҞҠҢҤҦҨҪҬҮҰҲҴҶҸҺҼҾӀӃӅӇӉӋӍӔӘӠӨӶӺӼӾԀԂԄԆԈԊԌԎԐԒԔԖԘԚԜԞԠԢԤԦԨԪԬԮ'
        '\t\n\x0b\f\r\x1c\x1d\x1e\x1f\u0085\u1680\u2028\u2029',
        E'æðøþđħłŋœŧɓƃƅɔƈɖɗƌǝəɛƒɠɣɩɨƙɯɲɵƣƥʀƨʃƭʈʊʋƴƶʒƹƽǥƕƿȝƞȣȥⱥȼƚⱦɂƀʉʌɇɉɋɍɏιͱͳͷϳαβγδεζηθι'
        'κλμνξοπρστυφχψωσϗϙϛϝϟϡϣϥϧϩϫϭϯϸϻͻͼͽђєѕіјљњћџабвгдежзиклмнопрстуфхцчшщъыьэюяѡѣѥѧ'
        'ѩѫѭѯѱѳѵѹѻѽѿҁҋҍҏґғҕҗҙқҝҟҡңҥҧҩҫҭүұҳҵҷҹһҽҿӏӄӆӈӊӌӎӕәӡөӷӻӽӿԁԃԅԇԉԋԍԏԑԓԕԗԙԛԝԟԡԣԥԧԩԫԭԯ'
        '             '), 'ß', 'ss'), 'ẞ', 'ss'), NFC), ' +', ' ', 'g'))
    END
$$;
COMMENT ON FUNCTION creditor_key IS 'a creditor however it is written: capitals, widths and blanks do not make another one';

-- A customer number counts within its creditor only: two creditors that number alike have two customers.
ALTER TABLE persons ADD COLUMN creditor text NOT NULL DEFAULT '';
COMMENT ON COLUMN persons.creditor IS 'whose customer number external_id is, folded; empty = ours, or from before creditors were asked';
-- A creditor that is only the name of a list was none: such files named none.
UPDATE persons p SET creditor = d.creditor
FROM (
    SELECT person_id, min(creditor_key(creditor)) AS creditor
    FROM debts GROUP BY person_id
    HAVING count(DISTINCT creditor_key(creditor)) = 1
) d
WHERE d.person_id = p.id AND p.external_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM leads l JOIN lists i ON i.id = l.list_id
    WHERE l.person_id = p.id AND creditor_key(i.name) = d.creditor);
ALTER TABLE persons DROP CONSTRAINT persons_external_id_key;
ALTER TABLE persons ADD CONSTRAINT persons_customer_key UNIQUE (external_id, creditor);

ALTER TABLE debts DROP CONSTRAINT debts_person_id_reference_key;
ALTER TABLE debts ADD COLUMN creditor_key text NOT NULL GENERATED ALWAYS AS (creditor_key(creditor)) STORED;
COMMENT ON COLUMN debts.creditor_key IS 'whose it is, however written; creditor is the name to show, as it came first';
ALTER TABLE debts ADD CONSTRAINT debts_of_creditor UNIQUE (person_id, creditor_key, reference);

ALTER TABLE import_templates
    ALTER COLUMN default_region DROP DEFAULT,
    ADD COLUMN creditor   text NOT NULL DEFAULT '',
    ADD COLUMN sheet      text NOT NULL DEFAULT '',
    ADD COLUMN header_row int CHECK (header_row BETWEEN 1 AND 1000);
COMMENT ON COLUMN import_templates.creditor IS 'of rows that do not say; empty = the file says, or it is asked';
COMMENT ON COLUMN import_templates.sheet IS 'of a workbook; empty = its first';
COMMENT ON COLUMN import_templates.header_row IS 'null = found';

-- migrate:down

ALTER TABLE import_templates DROP COLUMN creditor, DROP COLUMN sheet, DROP COLUMN header_row,
    ALTER COLUMN default_region SET DEFAULT 'ES';
ALTER TABLE debts DROP CONSTRAINT debts_of_creditor;
ALTER TABLE debts DROP COLUMN creditor_key;
UPDATE debts d SET reference = d.reference || ' · ' || d.creditor || ' · ' || d.id
WHERE EXISTS (SELECT 1 FROM debts o WHERE o.person_id = d.person_id AND o.reference = d.reference AND o.id < d.id);
ALTER TABLE debts ADD CONSTRAINT debts_person_id_reference_key UNIQUE (person_id, reference);
ALTER TABLE persons DROP CONSTRAINT persons_customer_key;
UPDATE persons p SET external_id = p.creditor || ' · ' || p.external_id
WHERE EXISTS (SELECT 1 FROM persons o WHERE o.external_id = p.external_id AND o.id < p.id);
ALTER TABLE persons ADD CONSTRAINT persons_external_id_key UNIQUE (external_id);
ALTER TABLE persons DROP COLUMN creditor;
DROP FUNCTION creditor_key;
