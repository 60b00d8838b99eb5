"""One module a subject: its SQL, its views and its routes; QUESTIONS lists them."""
