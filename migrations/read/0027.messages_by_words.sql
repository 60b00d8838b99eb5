-- Compatibility forms and accents apart from their letters. Postgres puts the marks on a letter in order by swapping
-- neighbours, which for a hundred thousand of them would take minutes: so it is done piece by piece.
CREATE FUNCTION decomposed(content text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN (
    SELECT coalesce(string_agg(normalize(substr(content, place, 500), NFKD), '' ORDER BY place), '')
    FROM generate_series(1, char_length(content), 500) AS place
);

-- A text as its words are compared: without case, accents, compatibility forms and punctuation. Each letter of a script
-- that is written without spaces between words (Thai to Khmer, Chinese, Japanese) is a word of its own. Most texts are
-- ASCII, and need the last step alone. Of forms that stand for many letters each a text may become too long for Postgres
-- to take its words: it is cut at what a text may have at most when it is sent.
CREATE FUNCTION plain_text(content text) RETURNS text IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN lower(regexp_replace(
    CASE WHEN octet_length(content) = char_length(content) THEN content
    ELSE regexp_replace(
        regexp_replace(
            left(decomposed(content), 100000),
            '[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u200b-\u200f\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]+',
            '', 'g'),
        '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff])',
        ' \1 ', 'g')
    END,
    '[[:punct:]!-/:-@[-`{-~]+', ' ', 'g'));

-- What a message is found by: its words, and its conversation as one more, so that the index finds those of a
-- conversation that have a word, and passes over all others.
CREATE FUNCTION words_of(conversation_id uuid, content text) RETURNS tsvector IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN to_tsvector('simple'::regconfig, plain_text(content)) || array_to_tsvector(ARRAY[conversation_id::text]);

-- System messages, and what was unsent, have no text and are not found.
CREATE INDEX messages_by_words ON messages USING gin (words_of(conversation_id, content)) WHERE content IS NOT NULL;
