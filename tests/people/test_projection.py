async def test_x(database_url: str) -> None:
    import asyncpg
    c = await asyncpg.connect(database_url)
    print(await c.fetch("select table_name from information_schema.tables where table_schema='read'"))
    await c.close()
