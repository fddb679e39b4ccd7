// A contract as an OpenAPI 3.1 document.

import * as z from "zod";
import {
  createDocument,
  type ZodOpenApiOperationObject,
  type ZodOpenApiPathsObject,
  type ZodOpenApiResponseObject,
  type ZodOpenApiResponsesObject,
} from "zod-openapi";
import type { Contract, ReplySpec, Route } from "./route.ts";
import { problem } from "./schemas.ts";

export interface OpenApiOptions {
  readonly version: string;
  /** Whether the routes and identities of `DEBUG=True` are part of it. */
  readonly debug: boolean;
}

/** `If-Match` and `If-None-Match`, RFC 9110, 13.1. */
const ENTITY_TAGS = /^((W\/)?"[!#-~]*"(, ?(W\/)?"[!#-~]*")*|\*)$/;

const PROBLEM_TEXTS: Readonly<Record<number, string>> = {
  400: "The request is malformed",
  401: "Not authenticated",
  403: "Not allowed",
  404: "There is no such thing, or it is someone else's",
  409: "Its state or another command forbids it",
  410: "What this key created was deleted",
  412: "It has changed since that ETag",
  413: "The body is too large",
  415: "The body is not JSON, or it is compressed",
  421: "Another service or instance was addressed",
  422: "A value is not acceptable",
  429: "Too many such requests of the caller are in progress; see Retry-After",
  431: "The head is too large",
  503: "Not at the moment; see Retry-After",
};

/** The document of `contract`. Deterministic: the same contract gives the same document. */
export function openApiDocument(
  contract: Contract,
  options: OpenApiOptions,
): ReturnType<typeof createDocument> {
  const routes = Object.values(contract.routes).filter((route) => options.debug || !route.debugOnly);
  const paths: ZodOpenApiPathsObject = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(contract, route) };
  }
  return createDocument({
    openapi: "3.1.1",
    info: {
      title: `CFMP-Order ${contract.title}`,
      version: options.version,
      description: contract.description,
    },
    servers: [{ url: "/" }],
    security: options.debug ? [{ bearer: [] }, { user: [] }, {}] : [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer", bearerFormat: "JWT" },
        service: { type: "http", scheme: "bearer", description: "A short-lived token between services." },
        ...(options.debug ? { user: { type: "apiKey", in: "header", name: "UUID" } } : {}),
      },
    },
  });
}

function operation(contract: Contract, route: Route): ZodOpenApiOperationObject {
  const parameters = [
    ...(route.idempotent
      ? [
          headerParameter(
            "Idempotency-Key",
            "Repeat a request with the same key and body safely.",
            /^[!-~]{1,255}$/,
          ),
        ]
      : []),
    ...(route.versioned
      ? [
          headerParameter(
            "If-Match",
            "ETags, one of which must be the current one; 412 otherwise.",
            ENTITY_TAGS,
          ),
          headerParameter(
            "If-None-Match",
            `ETags that the current one must not be; ${route.method === "GET" ? 304 : 412} otherwise.`,
            ENTITY_TAGS,
          ),
        ]
      : []),
  ];
  return {
    operationId: route.id,
    summary: route.summary,
    tags: [contract.title],
    ...(route.access === "public" || route.access === "signed" ? { security: [] } : {}),
    ...(route.access === "service"
      ? { security: [{ service: [] }], description: `For ${(route.callers ?? []).join(" and ")}.` }
      : {}),
    requestParams: {
      ...(isObject(route.params) ? { path: route.params } : {}),
      ...(isObject(route.query) ? { query: route.query } : {}),
    },
    ...(parameters.length > 0 ? { parameters } : {}),
    ...requestBody(route),
    responses: responses(route),
  };
}

function requestBody(route: Route): Pick<ZodOpenApiOperationObject, "requestBody"> {
  if (route.body) {
    // No body at all is read as `{}`, but not by PUT.
    const required = route.method === "PUT" || !route.body.safeParse({}).success;
    return { requestBody: { required, content: { "application/json": { schema: route.body } } } };
  }
  if (route.access !== "signed") return {};
  return {
    requestBody: {
      required: true,
      description: "In the provider's own form.",
      content: { "*/*": { schema: z.string() } },
    },
  };
}

function responses(route: Route): ZodOpenApiResponsesObject {
  const all: ZodOpenApiResponsesObject = {};
  const problems = new Set(problemStatuses(route));
  for (const [status, spec] of Object.entries(route.replies)) {
    all[`${Number(status)}` as `${1 | 2 | 3 | 4 | 5}${string}`] = {
      description: spec.description,
      ...content(spec, problems.has(Number(status))),
      ...(route.versioned ? { headers: z.object({ ETag: z.string().optional() }) } : {}),
    };
  }
  for (const status of problems) {
    all[`${status}` as `${1 | 2 | 3 | 4 | 5}${string}`] ??= {
      description: PROBLEM_TEXTS[status] ?? "Refused",
      content: { "application/problem+json": { schema: problem() } },
    };
  }
  return all;
}

/** The bodies of a declared reply; its status may be a problem's as well. */
function content(spec: ReplySpec, problemToo: boolean): Pick<ZodOpenApiResponseObject, "content"> {
  const texts = (spec.texts ?? []).map((type) => [type, { schema: z.string() }]);
  const bodies = {
    ...(spec.schema ? { "application/json": { schema: spec.schema } } : {}),
    ...Object.fromEntries(texts),
    ...(problemToo ? { "application/problem+json": { schema: problem() } } : {}),
  };
  return Object.keys(bodies).length > 0 ? { content: bodies } : {};
}

/** Every status of a problem that `route` can answer with. */
export function problemStatuses(route: Route): number[] {
  const statuses = new Set([400, 421, 503, ...(route.problems ?? [])]);
  if (route.access === "user" || route.access === "service") statuses.add(401);
  if (route.access === "service") statuses.add(403);
  if (route.params) statuses.add(404);
  if (route.query) statuses.add(422);
  if (route.body) for (const status of [413, 415, 422]) statuses.add(status);
  if (route.idempotent) statuses.add(422);
  if (route.takesTurns) statuses.add(429);
  return [...statuses].sort((a, b) => a - b);
}

function headerParameter(name: string, description: string, pattern: RegExp) {
  return {
    name,
    in: "header" as const,
    description,
    required: false,
    schema: { type: "string" as const, pattern: pattern.source },
  };
}

const isObject = (schema: z.ZodType | undefined): schema is z.ZodObject => schema instanceof z.ZodObject;
