-- Whom each person lets write to them at once. No row: everybody.
CREATE TABLE contact_policies (
    user_id uuid PRIMARY KEY,
    -- open or request
    policy text NOT NULL
);
