"""Every event that Verbatim records: what happened, in the past tense, complete in itself."""
