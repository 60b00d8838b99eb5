"""The schemas of Postgres, one small change each, applied by yoyo."""
