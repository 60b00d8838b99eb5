DROP TABLE contact_policies;
