"""Loaded by schemathesis through run-schemathesis.ts: what a contract can't say of its requests."""

import re
import uuid

import schemathesis
from schemathesis.generation import GenerationMode


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    # A key of its own for each request: a key sent before, with another body, is refused with 422.
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,255}", key):
        headers["Idempotency-Key"] = str(uuid.uuid4())
    # The coverage phase knows no ETags: what it holds for valid is `0`, without quotes and against the pattern.
    etag = headers.get("If-Match")
    if positive(case) and isinstance(etag, str) and not re.fullmatch(r'"[0-9]{1,15}"|\*', etag):
        headers["If-Match"] = "*"


def positive(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
