"""What people show of themselves for a while, and do-not-disturb."""
