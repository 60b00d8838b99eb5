"""Uploading and downloading files, over HTTP."""

from services.command.feature import Feature
from services.command.features.files.decider import FILES

FEATURE = Feature("files", deciders=(FILES,), routes=())
