-- The contents of uploaded files. Made last: where this table is, the wiki's installation was complete.
CREATE TABLE IF NOT EXISTS file_content (
  fc_path TEXT PRIMARY KEY,
  fc_mtime TIMESTAMPTZ NOT NULL,
  fc_sha1 TEXT NOT NULL,
  fc_size INTEGER NOT NULL,
  fc_data BYTEA NOT NULL
);
