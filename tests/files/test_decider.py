"""What becomes of an upload, and whose a file is."""

from hypothesis import given as whatever
from hypothesis import strategies as st

from services.command.features.files.decider import FILES, UploadFile
from services.command.features.files.facts import FILE, File, OwnFiles
from services.command.features.people.decider import PEOPLE, UserIsDeactivated
from shared.events.files import FileUploaded
from shared.events.people import UserDeactivated, UserRegistered
from shared.identifiers import FileId, StreamId, derived_id
from tests.conversations.examples import ANN, BEN
from tests.files.commands import UPLOADED
from tests.specs.deciding import Scene

TIDES = File("Tide tables.pdf", "application/pdf", 20_480, "9" * 64)
ONE, OTHER = FileId(derived_id("file", "one")), FileId(derived_id("file", "other"))


def ann() -> Scene:
    """Ann has registered."""
    return Scene(StreamId(ANN), (PEOPLE, FILES)).happened(ANN, UserRegistered("ann", "Ann"))


def uploaded(file_id: FileId, file: File = TIDES) -> FileUploaded:
    return FileUploaded(file_id, file.name, file.media_type, file.size, file.sha256)


def test_a_file_has_the_id_of_the_command_that_uploads_it() -> None:
    ann().when(UploadFile(ANN, TIDES), by=ANN, command_id=ONE).then(uploaded(ONE))


def test_the_same_content_again_is_another_file() -> None:
    scene = ann().when(UploadFile(ANN, TIDES), by=ANN, command_id=ONE).then(uploaded(ONE))
    scene.when(UploadFile(ANN, TIDES), by=ANN, command_id=OTHER).then(uploaded(OTHER))


def test_whoever_has_left_uploads_nothing_more() -> None:
    ann().happened(ANN, UserDeactivated()).when(UploadFile(ANN, TIDES), by=ANN).then_refused(UserIsDeactivated)


def test_of_the_files_asked_about_those_are_told_that_the_person_uploaded() -> None:
    scene = ann().happened(ANN, uploaded(ONE))
    scene.when(OwnFiles(ANN, (ONE, OTHER)), by=BEN).then_nothing_happens(media_types={ONE: "application/pdf"})
    scene.when(OwnFiles(ANN, ()), by=BEN).then_nothing_happens(media_types={})


def test_what_somebody_uploaded_stays_theirs_when_they_have_left() -> None:
    gone = ann().happened(ANN, uploaded(ONE)).happened(ANN, UserDeactivated())
    gone.when(OwnFiles(ANN, (ONE,)), by=BEN).then_nothing_happens(media_types={ONE: "application/pdf"})


def test_whoever_has_uploaded_nothing_has_no_file() -> None:
    Scene(StreamId(ANN), (PEOPLE, FILES)).when(OwnFiles(ANN, (ONE,)), by=BEN).then_nothing_happens(media_types={})


def test_what_is_answered_is_told_by_the_event_alone() -> None:
    assert [FILES.result(each) for each in ann().happened(ANN, uploaded(ONE)).events] == [{}, {"file_id": ONE}]


@whatever(st.lists(UPLOADED, min_size=1, max_size=6))
def test_a_file_is_known_as_it_was_uploaded_whatever_is_uploaded_after_it(files: list[File]) -> None:
    ids = [FileId(derived_id("file", str(number))) for number, _ in enumerate(files)]
    scene = ann()
    for file_id, file in zip(ids, files, strict=True):
        scene.when(UploadFile(ANN, file), by=ANN, command_id=file_id).then(uploaded(file_id, file))

    known = {file_id: scene.copy.rows[scene.stream_id, FILE.name, file_id].value for file_id in ids}

    assert known == dict(zip(ids, files, strict=True))
