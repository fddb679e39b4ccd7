// A route as plain data. Handlers, typed clients, OpenAPI and serverless functions are all derived from it.

import type * as z from "zod";
import { once } from "../core/once.ts";

export type Method = "GET" | "POST" | "PUT" | "DELETE";

/**
 * Who may call: `public` (anyone), `user` (a person's token), `service` (a peer's short-lived token),
 * `signed` (the body carries a signature that the handler verifies).
 */
export type Access = "public" | "user" | "service" | "signed";

/** One possible reply. A reply without a schema has no body, or a body that is not JSON. */
export interface ReplySpec<Body extends z.ZodType | undefined = z.ZodType | undefined> {
  readonly description: string;
  readonly schema?: Body;
  /** Media types of text bodies that it may have instead of JSON. */
  readonly texts?: readonly string[];
}

const PARTS = ["params", "query", "body"] as const;
type Part = (typeof PARTS)[number];

export type Replies = Readonly<Record<number, ReplySpec>>;

export interface Route {
  /** Verb and noun, unique within the service: `createOrder`. */
  readonly id: string;
  readonly method: Method;
  /** With a trailing slash, parameters as `{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** Names of the services that may call a route whose access is `service`; without them no service may. */
  readonly callers?: readonly string[];
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly body?: z.ZodType;
  /** Replies by status, except problems, which need no declaration here; see `problems`. */
  readonly replies: Replies;
  /** Statuses of problems particular to this route, besides those every route of its kind can answer. */
  readonly problems?: readonly number[];
  /** True on a POST that creates: it takes an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  /** True where `If-Match` and `If-None-Match` are honoured and an `ETag` is answered; a GET then declares 304 and 412. */
  readonly versioned?: boolean;
  /**
   * True where the work grows with the amount of data that a user has stored. A process works on a few such requests of one
   * user at a time, a limited number waits in a queue, and any more are answered 429. For routes for people only.
   */
  readonly takesTurns?: boolean;
  /**
   * True for a public route that uses no data, no secret and no other service: on AWS its function has a role without data,
   * and gets no secrets.
   */
  readonly selfContained?: boolean;
  /**
   * The function that serves this route on AWS together with the others of this name; without it a route has one of its own. For
   * routes of one resource that people rarely use: a stack may have only so many resources. See lib/http/shared-function.ts.
   */
  readonly function?: string;
  /** The name under which its successes are counted on AWS, for the dashboard: `OrdersCreated`. See build/counted-routes.ts. */
  readonly countedAs?: string;
  /** True for a route that exists with `DEBUG=True` only. */
  readonly debugOnly?: boolean;
}

/** A schema, or a function that makes it: a function on AWS builds only the schemas that its route uses. */
type Made<S> = S | (() => S);

/** A route as it is written. */
type Declaration = Omit<Route, Part | "replies"> & { readonly [P in Part]?: Made<z.ZodType> } & {
  readonly replies: Readonly<
    Record<number, Omit<ReplySpec, "schema"> & { readonly schema?: Made<z.ZodType> }>
  >;
};

/** The route that `R` declares: a schema in the place of each function that makes one. */
type Declared<R> = {
  readonly [K in keyof R]: K extends Part
    ? SchemaMadeBy<R[K]>
    : K extends "replies"
      ? { readonly [Status in keyof R[K]]: DeclaredReply<R[K][Status]> }
      : R[K];
};
type DeclaredReply<R> = { readonly [K in keyof R]: K extends "schema" ? SchemaMadeBy<R[K]> : R[K] };
type SchemaMadeBy<S> = S extends () => infer Schema ? Schema : S;

/**
 * Declares a route. Its type is exactly what is written: which parts it has, and their schemas. What is written as a function is made
 * when it is first read, once.
 */
export function defineRoute<const R extends Declaration>(route: R & NothingElse<R>): Declared<R> {
  const replies = Object.entries(route.replies).map(([status, spec]) => [status, whenRead(spec, ["schema"])]);
  return whenRead({ ...route, replies: Object.fromEntries(replies) }, PARTS) as Declared<R>;
}

/** `declared` with those of its members `names` that are functions replaced by what they return, at the first reading of each. */
function whenRead(declared: object, names: readonly string[]): object {
  const members = Object.entries(Object.getOwnPropertyDescriptors(declared)).map(([name, member]) => {
    const make: unknown = member.value;
    if (typeof make !== "function" || !names.includes(name)) return [name, member];
    return [name, { get: once(() => make()), enumerable: true, configurable: true }];
  });
  return Object.defineProperties({}, Object.fromEntries(members));
}

/** Rejects members that no route has, such as a misspelt one. */
type NothingElse<R> = { readonly [Name in Exclude<keyof R, keyof Route>]: never };

/** All that is known of a service before any of its code runs. */
export interface Contract {
  /** Name in the registry: `OrderService`. */
  readonly service: string;
  readonly title: string;
  readonly description: string;
  /** Public prefix, `/api/orders`. */
  readonly basePath: string;
  readonly routes: Readonly<Record<string, Route>>;
}

type SchemaOf<R, P extends Part> = R extends { readonly [K in P]: infer S extends z.ZodType }
  ? S
  : z.ZodUndefined;

// As a handler gets them; a part that its route does not declare is undefined.
export type ParamsOf<R> = z.output<SchemaOf<R, "params">>;
export type QueryOf<R> = z.output<SchemaOf<R, "query">>;
export type BodyOf<R> = z.output<SchemaOf<R, "body">>;

/** A body as a caller gives it. */
export type BodyInput<R> = z.input<SchemaOf<R, "body">>;

/**
 * The input of a call of `R`: exactly the parts that it declares. A part is optional if its schema accepts an empty one.
 */
export type CallInput<R> = InputPart<R, "params"> & InputPart<R, "query"> & InputPart<R, "body">;

type InputPart<R, P extends Part> = R extends { readonly [K in P]: infer S extends z.ZodType }
  ? Record<never, never> extends z.input<S>
    ? { readonly [K in P]?: z.input<S> }
    : { readonly [K in P]: z.input<S> }
  : { readonly [K in P]?: never };

/** A reply as a handler gives it: a declared status with the body declared for it. */
export type ReplyOf<R extends Route> = {
  [Status in keyof R["replies"] & number]: {
    readonly status: Status;
    readonly body: R["replies"][Status] extends { readonly schema: infer S extends z.ZodType }
      ? z.input<S> | (R["replies"][Status] extends { readonly texts: readonly string[] } ? string : never)
      : string | undefined;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof R["replies"] & number];
