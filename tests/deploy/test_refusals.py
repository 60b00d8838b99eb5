"""What keeps Verbatim from starting is said in one line that names what to do, and nothing is left running."""

import shutil
import socket
from pathlib import Path

import pytest

from deploy.embedded import kafka_jars
from tests.deploy.runs import Place, refusal


@pytest.fixture
def place(servers_folder: Path, topic_prefix: str) -> Place:
    return Place(servers_folder / topic_prefix.rstrip("."))


def one_line(said: str) -> str:
    """The line; it begins with our name and is the only one."""
    (line,) = said.splitlines()
    assert line.startswith("verbatim: ")
    return line


def path_with(folder: Path, *programs: str) -> str:
    """A PATH on which there are only these programs."""
    folder.mkdir()
    for program in programs:
        found = shutil.which(program)
        assert found
        (folder / program).symlink_to(Path(found).resolve())
    return str(folder)


@pytest.mark.parametrize("setting", ["COMMAND_PORT", "QUERY_PORT"])
def test_a_port_in_use_is_named_with_its_setting(place: Place, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        line = one_line(refusal(place.environment(**{setting: str(port)})))

    assert f"port {port} on 127.0.0.1 is in use" in line
    assert f"set {setting} to another port" in line
    assert place.processes() == []


def test_one_port_for_both_services_is_refused(place: Place) -> None:
    line = one_line(refusal(place.environment(QUERY_PORT=str(place.command_port))))

    assert "COMMAND_PORT and QUERY_PORT are both" in line


def test_a_setting_of_the_wrong_form_is_named(place: Place) -> None:
    line = one_line(refusal(place.environment(COMMAND_PORT="eighty")))

    assert "COMMAND_PORT is 'eighty'" in line


def test_without_java_it_says_what_to_install(place: Place, tmp_path: Path) -> None:
    line = one_line(refusal(place.environment(PATH=path_with(tmp_path / "bin"))))

    assert "Java is not on PATH" in line
    assert "install Java 17 or newer" in line


def test_a_java_that_is_too_old_is_refused(place: Place, tmp_path: Path) -> None:
    java = tmp_path / "bin" / "java"
    java.parent.mkdir()
    java.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    java.chmod(0o755)

    line = one_line(refusal(place.environment(PATH=f"{java.parent}:/bin:/usr/bin")))

    assert "Java 11 is on PATH, and Kafka needs 17 or newer" in line


def test_without_maven_it_says_what_to_install(place: Place, tmp_path: Path) -> None:
    environment = place.environment(PATH=path_with(tmp_path / "bin", "java"), VERBATIM_CACHE=str(tmp_path / "cache"))

    line = one_line(refusal(environment))

    assert "Maven is not on PATH" in line
    assert "install it" in line
    assert place.processes() == []


def test_a_download_that_fails_is_said_with_mavens_reason(place: Place, tmp_path: Path) -> None:
    bin_folder = path_with(tmp_path / "bin", "java")
    maven = tmp_path / "bin" / "mvn"
    maven.write_text("#!/bin/sh\necho '[ERROR] the network is away'\nexit 1\n")
    maven.chmod(0o755)

    line = one_line(refusal(place.environment(PATH=bin_folder, VERBATIM_CACHE=str(tmp_path / "cache"))))

    assert "Maven could not bring Kafka (the network is away)" in line
    assert "start again" in line


def test_a_broken_download_is_named_with_the_folder_to_remove(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VERBATIM_CACHE", str(tmp_path))
    jars = kafka_jars.cache_folder()
    jars.mkdir()
    for name in kafka_jars.wanted_checksums():
        (jars / name).write_bytes(b"half of it")

    line = one_line(refusal(place.environment(VERBATIM_CACHE=str(tmp_path))))

    assert "damaged" in line
    assert "remove that folder and start again" in line
    assert str(jars) in line
    assert place.processes() == []


def test_the_data_of_another_postgres_is_refused(place: Place) -> None:
    data = place.folder / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("9\n")

    line = one_line(refusal(place.environment()))

    assert "was made by PostgreSQL 9" in line
    assert "set VERBATIM_VAR to another folder" in line
    assert place.processes() == []


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "var"

    line = one_line(refusal(Place(folder).environment()))

    assert f"{folder} cannot be used for data" in line
    assert "set VERBATIM_VAR to a folder that can" in line


def test_a_postgres_that_does_not_answer_is_named(place: Place) -> None:
    line = one_line(refusal(place.environment(DATABASE_URL="postgresql://127.0.0.1:1/verbatim")))

    assert "Postgres cannot be used" in line
    assert "correct DATABASE_URL" in line
    assert place.processes() == []


def test_a_kafka_that_does_not_answer_is_named(place: Place) -> None:
    line = one_line(refusal(place.environment(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")))

    assert "Kafka at 127.0.0.1:1 cannot be used" in line
    assert "correct KAFKA_BOOTSTRAP_SERVERS" in line
    assert place.processes() == []
