"""What the environment may say."""

import pytest

from shared.settings import BadSettingError, Settings, read_settings


def test_what_is_absent_has_its_default() -> None:
    assert read_settings({}) == Settings()


def test_what_is_given_is_read_by_its_type() -> None:
    settings = read_settings({"PARTITIONS": "4", "KAFKA_FLUSH_EACH_APPEND": "no", "LEASE_SECONDS": " 2.5 "})
    assert (settings.partitions, settings.kafka_flush_each_append, settings.lease_seconds) == (4, False, 2.5)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("COMMAND_PORT", "http"),
        ("COMMAND_PORT", "65536"),
        ("QUERY_PORT", "-1"),
        ("PARTITIONS", "0"),
        ("KAFKA_FLUSH_EACH_APPEND", "maybe"),
        ("COMMAND_DEADLINE_SECONDS", "0"),
        ("LEASE_SECONDS", "five"),
        ("LEASE_SECONDS", "nan"),
        ("SENDS_PER_SECOND", "-1"),
        ("SENDS_PER_SECOND", "nan"),
        ("LOG_INS_PER_MINUTE", "-1"),
        ("CONNECTION_LIMIT", "0"),
        ("LOG_LEVEL", "LOUD"),
        ("FILE_LIMIT_BYTES", "0"),
        ("FILE_SECONDS", "0"),
        ("UPLOADS_AT_ONCE", "0"),
        ("UPLOADS_OF_A_USER", "0"),
        ("UPLOAD_BYTES_PER_SECOND", "0"),
        ("DOWNLOADS_OF_A_USER", "0"),
        ("FILES_BUCKET_ENDPOINT", "s3.example.org"),
        ("FILES_BUCKET_ENDPOINT", "https://key:secret@s3.example.org"),
        ("FILES_BUCKET_SECRET", "without an id"),
        ("DATABASE_URL", "mysql://somewhere"),
        ("DATABASE_URL", "postgresql://ada:se/cret@127.0.0.1/verbatim"),
    ],
)
def test_what_cannot_be_used_is_named(name: str, value: str) -> None:
    with pytest.raises(BadSettingError, match=f"the setting {name} "):
        read_settings({name: value})


def test_a_secret_is_not_shown_with_the_settings() -> None:
    settings = read_settings({"FILES_BUCKET_KEY_ID": "id", "FILES_BUCKET_SECRET": "canary"})

    assert settings.files_bucket_secret == "canary"
    assert "canary" not in repr(settings)
