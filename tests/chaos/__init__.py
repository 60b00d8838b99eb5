"""Whatever happens to Verbatim, in any order: seeded faults under load, and a check of every promise afterwards."""
