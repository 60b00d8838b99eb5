"""The contents of files: taken in as they come, kept under their SHA-256 in a folder or a bucket, and given out."""
