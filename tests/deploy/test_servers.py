"""Kafka and Postgres as child processes."""

import asyncpg


async def test_each_test_has_a_migrated_database_of_its_own(database_url: str, empty_database_url: str) -> None:
    for url in (database_url, empty_database_url):
        connection = await asyncpg.connect(url)
        print(await connection.fetch("select schema_name from information_schema.schemata"))
        await connection.close()
async def test_k(kafka_bootstrap: str, topic_prefix: str) -> None:
    print(kafka_bootstrap)
