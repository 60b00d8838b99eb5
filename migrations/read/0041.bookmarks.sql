-- What people keep. The target may not be here yet, or no more: questions join, nothing refers.
CREATE TABLE bookmarks (
    -- a function of the user and the target
    bookmark_id uuid PRIMARY KEY,
    user_id uuid NOT NULL,
    target_type text NOT NULL,
    target_id uuid NOT NULL,
    -- of a message's bookmark
    conversation_id uuid,
    note text,
    -- when it was last switched on
    created_at timestamptz NOT NULL
);

CREATE UNIQUE INDEX bookmarks_by_target ON bookmarks (user_id, target_type, target_id);
CREATE INDEX bookmarks_newest_first ON bookmarks (user_id, created_at DESC, bookmark_id DESC);
