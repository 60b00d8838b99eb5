"""What schemathesis itself cannot know of our answers: how problems look, and which refusals are for form."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Any

from schemathesis import Case, CheckContext, Response

from shared.web.bodies import NO_NUL

FOR_FORM = frozenset({"malformed-request", "invalid-content", "unsupported-media-type", "too-large"})
BEYOND_JSON_SCHEMA: Mapping[str, AbstractSet[str]] = {
    "POST /v1/auth/register": {"/email", "/password"},
    "POST /v1/conversations": {"/participant_ids"},
    "POST /v1/conversations/{conversation_id}/messages": {"/attachments/*", "/attachments/*/name"},
    "POST /v1/files": {"/name"},
    "PUT /v1/me/status": {"/emoji", "/text", "/time_zone"},
    "GET /v1/users": {""},
}
"""What no schema says, by operation and pointer. Each is said in words: what an email address is in full, of which
kinds the characters of a password are, how many different people a kind of conversation takes, where an attachment is,
what one emoji is, what is counted of a text, which time zones there are, and that one asks by name or by ids."""
OPAQUE_PARAMETER, OPAQUE_HEADER = "/cursor", "Min-Position"
"""Only what was given out before can be given back."""


def every_answer_has_its_requests_id(_: CheckContext, response: Response, __: Case[Any]) -> None:
    """In a header, whatever became of it."""
    assert response.headers.get("x-request-id"), "no X-Request-Id"


def every_refusal_is_a_problem(_: CheckContext, response: Response, __: Case[Any]) -> None:
    """RFC 9457, with a stable code."""
    if response.status_code < 400 or response.request.method == "HEAD":
        return
    assert response.headers["content-type"] == ["application/problem+json"], response.headers["content-type"]
    problem = response.json()
    said = problem["status"], problem["type"], problem["request_id"]
    wanted = response.status_code, f"urn:verbatim:problem:{problem['code']}", response.headers["x-request-id"][0]
    assert said == wanted, (said, wanted)


def what_the_document_allows_is_not_refused_for_its_form(_: CheckContext, response: Response, case: Case[Any]) -> None:
    """Rules of meaning may refuse it: each has a code of its own."""
    refused_by_body = response.status_code >= 400 and response.request.method != "HEAD"
    if case.meta is None or not case.meta.generation.mode.is_positive or not refused_by_body:
        return
    problem = response.json()
    errors = [
        error for error in problem.get("errors", []) if error["message"] != NO_NUL
    ]  # said once, and not in the pattern of each text
    refused = {re.sub(r"/[0-9]+", "/*", error["pointer"]) for error in errors}
    beyond = problem.get("errors") and refused <= {OPAQUE_PARAMETER, *BEYOND_JSON_SCHEMA.get(case.operation.label, ())}
    opaque = problem["code"] == "malformed-request" and OPAQUE_HEADER in (case.headers or {})
    said = problem.get("errors", problem["detail"])
    assert problem["code"] not in FOR_FORM or beyond or opaque, f"{problem['code']}: {said}"


CHECKS = (
    every_answer_has_its_requests_id,
    every_refusal_is_a_problem,
    what_the_document_allows_is_not_refused_for_its_form,
)
"""All of them."""
