-- What the peers read, in schemas of their own, from what the tracker has: `plain` as Django would make the obvious models,
-- `bare` as one statement can answer from: a table to filter and ready JSON.
CREATE SCHEMA plain;
CREATE SCHEMA bare;
CREATE TABLE plain.party AS SELECT row_number() OVER (ORDER BY ref) AS id, ref::text, name ->> 'en' AS name_en, name ->> 'ar' AS name_ar
  FROM commitments_party;
CREATE TABLE plain.topic AS SELECT row_number() OVER (ORDER BY ref) AS id, ref::text, name ->> 'en' AS name_en, name ->> 'ar' AS name_ar
  FROM commitments_topic;
CREATE TABLE plain.document AS SELECT row_number() OVER (ORDER BY ref) AS id, ref::text, publisher::text, headline::text, sha256::text
  FROM commitments_document;
CREATE TABLE plain.statement AS SELECT row_number() OVER (ORDER BY ref) AS id, ref::text, title ->> 'en' AS title_en,
  title ->> 'ar' AS title_ar, issued_latest AS issued FROM commitments_statement;
CREATE TABLE plain.commitment AS SELECT row_number() OVER (ORDER BY c.ref) AS id, c.ref::text, c.title ->> 'en' AS title_en,
  c.title ->> 'ar' AS title_ar, c.strength::text, s.status::text, s.schedule::text, s.contested, s.due_latest AS deadline, t.id AS statement_id
  FROM commitments_commitment c JOIN plain.statement t ON t.ref = c.statement_id
  JOIN commitments_publication p ON p.kind = 'commitment' AND p.record = c.ref AND p.until_seq IS NULL
  JOIN commitments_commitmentindex i ON i.publication_id = p.ref
  JOIN commitments_standing s ON s.publication_id = i.stands AND s.party = '' AND s.first <= current_date AND s.until > current_date;
CREATE UNIQUE INDEX ON plain.commitment (ref);
CREATE TABLE plain.commitmentparty AS SELECT row_number() OVER (ORDER BY r.ref) AS id, c.id AS commitment_id, p.id AS party_id, r.role::text
  FROM commitments_commitmentparty r JOIN plain.commitment c ON c.ref = r.commitment_id JOIN plain.party p ON p.ref = r.party_id;
CREATE TABLE plain.commitmenttopic AS SELECT row_number() OVER (ORDER BY r.ref) AS id, c.id AS commitment_id, t.id AS topic_id
  FROM commitments_commitmenttopic r JOIN plain.commitment c ON c.ref = r.commitment_id JOIN plain.topic t ON t.ref = r.topic_id;
CREATE TABLE plain.quote AS SELECT row_number() OVER (ORDER BY c.id) AS id, c.id AS commitment_id, q.exact, q.translation ->> 'en' AS translation,
  q.language::text, q.voice::text, q.start, q.end, q.prefix, q.suffix, d.id AS document_id
  FROM commitments_citation i JOIN commitments_quote q ON q.ref = i.quote_id JOIN plain.commitment c ON c.ref = i.commitment_id
  JOIN plain.document d ON d.ref = q.document_id WHERE i.part = 'undertaking';
CREATE TABLE plain.assessment AS SELECT row_number() OVER (ORDER BY a.ref) AS id, a.ref::text, c.id AS commitment_id, a.status::text,
  a.effective_latest AS date, a.rationale ->> 'en' AS note_en, a.rationale ->> 'ar' AS note_ar, d.id AS document_id
  FROM commitments_assessment a JOIN plain.commitment c ON c.ref = a.commitment_id
  JOIN commitments_citation i ON i.assessment_id = a.ref JOIN commitments_quote q ON q.ref = i.quote_id JOIN plain.document d ON d.ref = q.document_id;
DO $$ DECLARE t text; f text; BEGIN
  FOREACH t IN ARRAY ARRAY['party', 'topic', 'document', 'statement', 'commitment', 'commitmentparty', 'commitmenttopic', 'quote', 'assessment'] LOOP
    EXECUTE format('ALTER TABLE plain.%I ADD PRIMARY KEY (id)', t);
    FOR f IN SELECT column_name FROM information_schema.columns WHERE table_schema = 'plain' AND table_name = t AND column_name LIKE '%\_id' LOOP
      EXECUTE format('CREATE INDEX ON plain.%I (%I)', t, f);
    END LOOP;
  END LOOP;
END $$;
CREATE TABLE bare.facet AS SELECT p.ref AS party, c.status, coalesce(c.deadline, '9999-12-31') AS deadline, c.ref COLLATE "C" AS ref
  FROM plain.commitment c JOIN plain.commitmentparty r ON r.commitment_id = c.id JOIN plain.party p ON p.id = r.party_id;
CREATE INDEX ON bare.facet (party, status, deadline, ref);
CREATE TABLE bare.document AS SELECT p.record::text COLLATE "C" AS ref, item.item,
    left(item.item, -1) || ',' || substr(p.detail::text, 2) AS detail, to_tsvector('simple', q.exact) AS words
  FROM commitments_publication p JOIN plain.commitment c ON c.ref = p.record JOIN plain.quote q ON q.commitment_id = c.id
  JOIN commitments_commitmentindex i ON i.publication_id = p.ref
  JOIN commitments_standing s ON s.publication_id = i.stands AND s.party = '' AND s.first <= current_date AND s.until > current_date,
  LATERAL (SELECT '{"ref":"' || p.record || '","url":"http://127.0.0.1/api/v1/commitments/' || p.record || '/",'
    || left(substr(p.body::text, 2), -1) || ',' || substr(s.body::text, 2) AS item) item
  WHERE p.kind = 'commitment' AND p.until_seq IS NULL ORDER BY 1;
ALTER TABLE bare.document ADD PRIMARY KEY (ref);
CREATE INDEX ON bare.document USING gin (words);
GRANT USAGE ON SCHEMA plain, bare TO tracker;
GRANT SELECT ON ALL TABLES IN SCHEMA plain, bare TO tracker;
