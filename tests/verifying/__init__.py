"""The checker is itself checked: what is broken on purpose is found, and what is whole is not."""
