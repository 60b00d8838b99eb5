"""The one fenced writer of each partition: it alone appends to the log."""
