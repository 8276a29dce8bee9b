-- migrate:up

-- Tickets live for 30 s, so none is worth keeping.
DELETE FROM ws_tickets;
-- A ticket stands for the login that asked for it: when that login ends, the live connection ends too.
ALTER TABLE ws_tickets ADD COLUMN session_hash bytea NOT NULL REFERENCES sessions ON DELETE CASCADE;
CREATE INDEX ws_tickets_session ON ws_tickets (session_hash);
CREATE INDEX listening_log_recording ON listening_log (recording_id, user_id, at DESC);
CREATE INDEX audit_subject ON audit (subject, id DESC);

INSERT INTO scorecards (code, version, title_es, title_en, items) VALUES (
    'collections', 1, 'Llamada de cobro', 'Collection call', '[
    {"code": "identity", "label_es": "Verificó la identidad del titular antes de hablar de la deuda", "label_en": "Verified the account holder before speaking of the debt", "weight": 20, "fatal": true},
    {"code": "respect", "label_es": "Trato respetuoso, sin amenazas ni presión", "label_en": "Respectful, without threats or pressure", "weight": 20, "fatal": true},
    {"code": "greeting", "label_es": "Se presentó y dijo en nombre de quién llama", "label_en": "Gave own name and on whose behalf the call is made", "weight": 10, "fatal": false},
    {"code": "listening", "label_es": "Escuchó y entendió la situación de la persona", "label_en": "Listened and understood the person''s situation", "weight": 15, "fatal": false},
    {"code": "information", "label_es": "Informó con claridad de importe, acreedor y vencimiento", "label_en": "Stated amount, creditor and due date clearly", "weight": 10, "fatal": false},
    {"code": "solution", "label_es": "Propuso una solución adecuada", "label_en": "Proposed a suitable solution", "weight": 10, "fatal": false},
    {"code": "close", "label_es": "Repitió lo acordado y se despidió", "label_en": "Repeated what was agreed and closed the call", "weight": 10, "fatal": false},
    {"code": "disposition", "label_es": "Tipificación y notas correctas", "label_en": "Correct disposition and notes", "weight": 5, "fatal": false}
]');

-- migrate:down

DELETE FROM evaluations WHERE scorecard_id IN (SELECT id FROM scorecards WHERE code = 'collections' AND version = 1);
DELETE FROM scorecards WHERE code = 'collections' AND version = 1;
DROP INDEX audit_subject;
DROP INDEX listening_log_recording;
DROP INDEX ws_tickets_session;
ALTER TABLE ws_tickets DROP COLUMN session_hash;
