"""One module a read table, named after it; PROJECTIONS lists them."""
