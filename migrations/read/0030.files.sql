-- What people uploaded; it never changes, and stays when they leave. The content is elsewhere, under its SHA-256.
CREATE TABLE files (
    file_id uuid PRIMARY KEY,
    -- who uploaded it
    user_id uuid NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    -- in bytes
    size bigint NOT NULL,
    -- hexadecimal
    sha256 text NOT NULL,
    uploaded_at timestamptz NOT NULL
);
