import { describe, expect, test } from "@jest/globals";
import { DomainError, type ErrorKind, unavailable } from "../core/domain-error.ts";
import { kindOfStatus, Problem, problemJson, problemOf } from "./problem.ts";

/** What clients rely on; written out, so that a change of the table in problem.ts fails here. */
const STATUSES: readonly (readonly [ErrorKind, number])[] = [
  ["malformed", 400],
  ["unauthenticated", 401],
  ["forbidden", 403],
  ["not_found", 404],
  ["conflict", 409],
  ["gone", 410],
  ["stale", 412],
  ["invalid", 422],
  ["unavailable", 503],
];

describe("a refusal as HTTP", () => {
  test.each(STATUSES)("%s is %i, both ways", (kind, status) => {
    expect(problemOf(new DomainError(kind, "some_code", "Why."))).toMatchObject({
      status,
      code: "some_code",
      message: "Why.",
    });
    expect(kindOfStatus(status)).toBe(kind);
  });

  test("a status that no rule answers with is no kind", () => {
    expect(kindOfStatus(418)).toBeUndefined();
  });

  test("one that is unavailable says when to try again, and that it is about this request alone", () => {
    expect(problemOf(unavailable("busy", "Try again.", 3)).headers).toEqual({
      "retry-after": "3",
      "cfmp-retry-scope": "request",
    });
  });

  test.each([408, 431, 501])("%i, which a listener answers, has a title of its own", (status) => {
    const { title } = JSON.parse(problemJson(new Problem(status, "some_code", "Why."), "trace"));
    expect(title).not.toBe("Error");
  });

  test("fields that are wrong are kept", () => {
    const errors = [{ path: "items.0.quantity", message: "must be positive" }];
    expect(problemOf(new DomainError("invalid", "body_invalid", "No.", { errors })).errors).toEqual(errors);
  });

  test("repeats what was sent only in readable form", () => {
    const errors = [{ path: "a\u202eb", message: "not \u009b2J" }];
    const json = problemJson(new Problem(422, "body_invalid", "`\u001b[2J` is unknown.", { errors }), "1");
    expect(JSON.parse(json)).toMatchObject({
      detail: "`\uFFFD[2J` is unknown.",
      errors: [{ path: "a\uFFFDb", message: "not \uFFFD2J" }],
    });
  });
});
