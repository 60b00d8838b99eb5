ALTER TABLE messages
    -- whether the present text has a word of the operator's list, as it was when the text was recorded; false once unsent
    ADD COLUMN flagged boolean NOT NULL DEFAULT false;
