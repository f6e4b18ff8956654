-- One more copy of a register's public statements and commitments, under references of their own.
SET tracker.actor = 'bench';
SET tracker.reason = 'a copy to measure by';
ALTER TABLE commitments_publication DISABLE TRIGGER USER;
ALTER TABLE commitments_standing DISABLE TRIGGER USER;
INSERT INTO commitments_publication (ref, kind, record, version, class, reason, tombstone, emergency, body, detail, from_seq,
    commitment, statement, process, code, documents, parties, topics, named, first_day, last_day)
  SELECT kind || '.COPY_' || record || '.1', kind, 'COPY_' || record, 1, class, reason, tombstone, emergency, body, detail, from_seq,
    'COPY_' || commitment, 'COPY_' || statement, process, code, documents, parties, topics, named, first_day, last_day
    FROM commitments_publication WHERE kind IN ('commitment', 'statement') AND until_seq IS NULL AND record NOT LIKE 'copy-%';
INSERT INTO commitments_standing (publication_id, record, party, role, lead, first, until, status, whole, schedule, contested, due_earliest, due_latest, body)
  SELECT 'commitment.COPY_' || substr(publication_id, 12), 'COPY_' || record, party, role, lead, first, until, status, whole, schedule, contested, due_earliest, due_latest, body
    FROM commitments_standing WHERE publication_id NOT LIKE 'commitment.copy-%';
INSERT INTO commitments_commitmentindex (publication_id, vector, second_hand, record, from_seq, until_seq, stands)
  SELECT 'commitment.COPY_' || substr(publication_id, 12), vector, second_hand, 'COPY_' || record, from_seq, until_seq, 'commitment.COPY_' || substr(stands, 12)
    FROM commitments_commitmentindex WHERE publication_id NOT LIKE 'commitment.copy-%';
ALTER TABLE commitments_publication ENABLE TRIGGER USER;
ALTER TABLE commitments_standing ENABLE TRIGGER USER;
INSERT INTO plain.commitment SELECT (SELECT max(id) FROM plain.commitment) + id, 'COPY_' || ref, title_en, title_ar, strength, status, schedule,
  contested, deadline, statement_id FROM plain.commitment WHERE ref NOT LIKE 'copy-%';
INSERT INTO plain.commitmentparty SELECT (SELECT max(id) FROM plain.commitmentparty) + row_number() OVER (ORDER BY r.id), n.id, r.party_id, r.role
  FROM plain.commitmentparty r JOIN plain.commitment c ON c.id = r.commitment_id JOIN plain.commitment n ON n.ref = 'COPY_' || c.ref;
