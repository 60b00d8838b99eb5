"""Whatever may be asked of what a person uploads."""

from hypothesis import strategies as st

from services.command.features.files.decider import UploadFile
from services.command.features.files.facts import File, OwnFiles
from shared.identifiers import FileId, derived_id
from tests.conversations.examples import ANN
from tests.properties.drawing import TEXTS, asked_id

FILE_IDS = st.builds(lambda number: FileId(asked_id(UploadFile, number)), st.integers(0, 3)) | st.just(
    FileId(derived_id("file", "unknown"))
)
CONTENTS = st.sampled_from([("text/plain", 4, "0" * 64), ("image/png", 20_480, "f" * 64)])
UPLOADED = st.builds(lambda name, content: File(name, *content), TEXTS, CONTENTS)
COMMANDS = st.builds(UploadFile, st.just(ANN), UPLOADED) | st.builds(
    OwnFiles, st.just(ANN), st.lists(FILE_IDS, max_size=3).map(tuple)
)
