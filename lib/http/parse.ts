// From an API Gateway event to typed parameters, query and body.

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import type * as z from "zod";
import type { Route } from "../contract/route.ts";
import {
  type DomainError,
  type FieldError,
  invalidValue,
  malformed,
  notFound,
} from "../core/domain-error.ts";
import { type Precondition, preconditionOf } from "./precondition.ts";
import { Problem } from "./problem.ts";
import { parseStrictJson } from "./strict-json.ts";

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;
const JSON_TYPE = /^application\/(json|[\w.+-]+\+json)\s*(;|$)/i;
const FIRST_ERRORS = 20;
/** Longest path and message of an error, in characters; both may quote the request. */
const ERROR_LENGTH = 200;

/**
 * The body as the route declares it. No body at all is read as `{}`, but not by PUT: it replaces, and a body that was lost on its way
 * must replace nothing.
 * @throws {DomainError} malformed, invalid; {Problem} 415.
 */
export function parseBody(route: Route, event: APIGatewayProxyEventV2, raw: string): unknown {
  if (!route.body) return undefined;
  if (raw === "" && route.method === "PUT")
    throw malformed("body_missing", "Send what is to replace the present values as JSON.");
  if (raw !== "" && !JSON_TYPE.test(event.headers["content-type"] ?? "")) {
    throw new Problem(415, "json_expected", "Send the body as `Content-Type: application/json`.");
  }
  return validate(route.body, raw === "" ? {} : parseStrictJson(raw), (errors) =>
    invalidValue("body_invalid", summary("body", errors), errors),
  );
}

/** Path parameters; a malformed one identifies nothing, so it is a 404. */
export function parseParams(route: Route, event: APIGatewayProxyEventV2): unknown {
  if (!route.params) return undefined;
  return validate(route.params, event.pathParameters ?? {}, () => notFound("resource"));
}

/** Query parameters. @throws {DomainError} invalid. */
export function parseQuery(route: Route, event: APIGatewayProxyEventV2): unknown {
  if (!route.query) return undefined;
  return validate(route.query, event.queryStringParameters ?? {}, (errors) =>
    invalidValue("query_invalid", summary("query", errors), errors),
  );
}

/** The `Idempotency-Key` of a route that takes one. @throws {Problem} 400 when it is not printable ASCII. */
export function idempotencyKey(route: Route, event: APIGatewayProxyEventV2): string | undefined {
  const key = event.headers["idempotency-key"];
  if (!route.idempotent || key === undefined) return undefined;
  if (!IDEMPOTENCY_KEY.test(key)) {
    throw new Problem(
      400,
      "idempotency_key_invalid",
      "An Idempotency-Key has 1 to 255 printable ASCII characters, no spaces.",
    );
  }
  return key;
}

/** The precondition in the headers of a versioned route; for other routes one that is always true. @throws {DomainError} malformed. */
export const precondition = (route: Route, event: APIGatewayProxyEventV2): Precondition =>
  preconditionOf(route.versioned ? event.headers : {});

function validate(schema: z.ZodType, value: unknown, refuse: (errors: FieldError[]) => DomainError): unknown {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuse(
    parsed.error.issues
      .slice(0, FIRST_ERRORS)
      .map((issue) => ({ path: cut(issue.path.join(".")), message: cut(issue.message) })),
  );
}

function summary(part: string, errors: readonly FieldError[]): string {
  const first = errors[0];
  const where = first?.path ? `\`${first.path}\`: ` : "";
  return `The ${part} is not acceptable: ${where}${first?.message ?? "invalid"}.`;
}

const cut = (text: string): string => text.slice(0, ERROR_LENGTH);
