"""Loaded by schemathesis through run-schemathesis.ts: what a contract can't say of its requests."""

import json
import os
import re
import uuid

import schemathesis
from schemathesis.generation import GenerationMode


SHOP = json.loads(os.environ["CFMP_FUZZ_SHOP"])
CALLS = {"count": 0}


def some(things):
    """One of the things that exist, another each time; every third time none, so that strangers' ids are tried too."""
    CALLS["count"] += 1
    ids = SHOP[things]
    return None if CALLS["count"] % 3 == 0 else ids[CALLS["count"] % len(ids)]


def name_real_things(case):
    """Puts ids of real orders, payments and notifications where valid, but random ones stand."""
    path = case.operation.path
    things = next((part for part in ("orders", "payments", "notifications") if f"/{part}/{{id}}/" in path), None)
    real = some(things) if things else None
    if real and "id" in (case.path_parameters or {}):
        case.path_parameters["id"] = real
    if path == "/api/payments/" and isinstance(case.body, dict) and "order_id" in case.body:
        case.body["order_id"] = some("orders") or case.body["order_id"]


@schemathesis.hook
def before_call(context, case, kwargs):
    headers = case.headers or {}
    if positive(case):
        name_real_things(case)
    # A key of its own for each request: a key sent before, with another body, is refused with 422.
    key = headers.get("Idempotency-Key")
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,255}", key):
        headers["Idempotency-Key"] = str(uuid.uuid4())
    # The coverage phase knows no ETags: what it holds for valid is `0`, without quotes and against the pattern.
    for name, fitting in (("If-Match", "*"), ("If-None-Match", '"0"')):
        etag = headers.get(name)
        if positive(case) and isinstance(etag, str) and not re.fullmatch(r'"[0-9]{1,15}"|\*', etag):
            headers[name] = fitting


def positive(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE
