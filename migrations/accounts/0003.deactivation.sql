-- depends: 0002.refresh_families
-- Who leaves for good. `deactivation` says how far that is: `begun` (the request that did may still take it back),
-- `taken_up` (others count on it), `recorded` (its UserDeactivated is in the log, and the credentials are gone).
ALTER TABLE accounts
    ADD COLUMN deactivation text CHECK (deactivation IN ('begun', 'taken_up', 'recorded')),
    ADD COLUMN deactivated_at timestamptz,
    ADD CONSTRAINT accounts_active_until_deactivated
        CHECK (is_active = (deactivation IS NULL) AND is_active = (deactivated_at IS NULL));

CREATE INDEX accounts_deactivated ON accounts (deactivated_at) WHERE deactivated_at IS NOT NULL;
CREATE INDEX accounts_deactivation_unrecorded ON accounts (deactivated_at)
    WHERE deactivation IN ('begun', 'taken_up');
