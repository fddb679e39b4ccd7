// A route as plain data. Handlers, typed clients, OpenAPI and serverless functions are all derived from it.

import type * as z from "zod";

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
  /** Text bodies it may have instead of JSON, by media type. */
  readonly content?: Readonly<Record<string, z.ZodType<string>>>;
}

export type Replies = Readonly<Record<number, ReplySpec>>;

export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  R extends Replies = Replies,
> {
  /** Verb and noun, unique within the service: `createOrder`. */
  readonly id: string;
  readonly method: Method;
  /** With a trailing slash, parameters as `{id}`. */
  readonly path: string;
  readonly summary: string;
  readonly access: Access;
  /** Names of the services that may call it; of a route whose access is `service`, which nobody may call without them. */
  readonly callers?: readonly string[];
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** Replies by status, but for problems, which need no declaration here: see `problems`. */
  readonly replies: R;
  /** Statuses of problems particular to this route, besides those every route of its kind can answer. */
  readonly problems?: readonly number[];
  /** True on a POST that creates: it takes an `Idempotency-Key`. */
  readonly idempotent?: boolean;
  /** True where `If-Match` is honoured and an `ETag` is answered. */
  readonly versioned?: boolean;
  /** True for a route that exists with `DEBUG=True` only. */
  readonly debugOnly?: boolean;
}

/** Declares a route, keeping the exact types of its schemas. */
export const defineRoute = <
  Params extends z.ZodType,
  Query extends z.ZodType,
  Body extends z.ZodType,
  const R extends Replies,
>(
  route: Route<Params, Query, Body, R>,
): Route<Params, Query, Body, R> => route;

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

// A part that a route does not declare is `unknown` to its handler.
export type ParamsOf<R> = R extends Route<infer S, z.ZodType, z.ZodType> ? z.output<S> : never;
export type QueryOf<R> = R extends Route<z.ZodType, infer S, z.ZodType> ? z.output<S> : never;
export type BodyOf<R> = R extends Route<z.ZodType, z.ZodType, infer S> ? z.output<S> : never;
export type ParamsInput<R> = R extends Route<infer S, z.ZodType, z.ZodType> ? z.input<S> : never;
export type QueryInput<R> = R extends Route<z.ZodType, infer S, z.ZodType> ? z.input<S> : never;
export type BodyInput<R> = R extends Route<z.ZodType, z.ZodType, infer S> ? z.input<S> : never;

/** A reply as a handler gives it: a declared status with the body declared for it. */
export type ReplyOf<R extends Route> = {
  [Status in keyof R["replies"] & number]: {
    readonly status: Status;
    readonly body: R["replies"][Status] extends { readonly schema: infer S extends z.ZodType }
      ? z.input<S> | (R["replies"][Status] extends { readonly content: object } ? string : never)
      : string | undefined;
    readonly headers?: Readonly<Record<string, string>>;
  };
}[keyof R["replies"] & number];
