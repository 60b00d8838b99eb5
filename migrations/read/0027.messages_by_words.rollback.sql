DROP INDEX messages_by_words;
DROP FUNCTION words_of(uuid, text);
DROP FUNCTION plain_text(text);
DROP FUNCTION decomposed(text);
