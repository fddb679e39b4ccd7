// Typed clients: functions derived from a peer's contract, which find the peer by discovery and call it.

import * as z from "zod";
import type { Scope } from "../core/scope.ts";
import { parseJson } from "../core/tried.ts";
import type { CallPeer, PeerReply } from "../discovery/peer/peer.ts";
import type { CallInput, Contract, Route } from "./route.ts";

/** A peer refused a request: the status and code of its problem reply, or `unexpected_reply` for a reply that its contract does not declare. */
export class PeerRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  /** The reply's `Retry-After` in seconds, if any. */
  readonly retryAfter: number | undefined;

  constructor(service: string, status: number, code: string, detail: string, retryAfter?: number) {
    super(`${service} answered ${status} ${code}: ${detail}`);
    this.name = "PeerRefusal";
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.retryAfter = retryAfter;
  }
}

/** The bodies of a route's success replies. */
type BodyOfReply<R extends Route> = {
  [Status in keyof R["replies"]]: R["replies"][Status] extends { readonly schema: infer S extends z.ZodType }
    ? z.output<S>
    : undefined;
}[keyof R["replies"]];

/**
 * One function per route, which resolves with the body of the success reply.
 * @throws {PeerRefusal} @throws {PeerUnavailable}
 * @throws {TypeError} before anything is sent: for a path parameter that would change the path (empty, `.` or `..`), or
 * when the caller (the scope's service) is not among the route's `callers`.
 */
export type Client<C extends Contract> = {
  readonly [K in keyof C["routes"]]: (
    input: CallInput<C["routes"][K]>,
    scope: Scope,
  ) => Promise<BodyOfReply<C["routes"][K]>>;
};

export interface ClientPorts {
  readonly call: CallPeer;
  /** A token that proves the calling service's identity to `callee`, and to no other peer. */
  serviceToken(callee: string): Promise<string>;
}

const refusal = z.object({ code: z.string(), detail: z.string() });

/**
 * A client for `contract`. Every call between services is safe to repeat (a GET, or a command with an idempotency key), so
 * it may be retried at another instance within the scope's deadline.
 */
export function createClient<C extends Contract>(contract: C, ports: ClientPorts): Client<C> {
  const entries = Object.entries(contract.routes).map(([name, route]) => [
    name,
    callRoute(contract.service, route, ports),
  ]);
  return Object.fromEntries(entries);
}

/** The parts of a call to any route; {@link Client} has their exact types. */
interface Input {
  readonly params?: unknown;
  readonly query?: unknown;
  readonly body?: unknown;
}

function callRoute(service: string, route: Route, ports: ClientPorts) {
  return async (input: Input, scope: Scope): Promise<unknown> => {
    requireCaller(service, route, scope.service);
    const path = pathOf(service, route, input);
    const reply = await ports.call(service, {
      caller: scope.service,
      method: route.method,
      path,
      headers: {
        authorization: `Bearer ${await ports.serviceToken(service)}`,
        traceparent: scope.traceparent,
        ...(input.body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(input.body === undefined ? {} : { body: JSON.stringify(input.body) }),
      retryable: true,
      deadline: scope.deadline,
      ...(route.access === "service"
        ? { route: { id: route.id, path: route.path, params: texts(input.params) } }
        : {}),
    });
    const spec = route.replies[reply.status];
    if (!spec) throw toRefusal(service, reply);
    if (!spec.schema) return undefined;
    const parsed = spec.schema.safeParse(parseJson(reply.body));
    if (!parsed.success) throw unexpected(service, reply.status, reply.body);
    return parsed.data;
  };
}

/** Checked before sending: the peer would refuse the call without a useful reason. */
function requireCaller(service: string, { id, access, callers = [] }: Route, caller: string): void {
  if (access !== "service" || callers.includes(caller)) return;
  throw new TypeError(`${service} ${id} is not for ${caller}: name it among the callers in the contract`);
}

/** Segments with which a URL would name another path. */
const PATH_STEPS = ["", ".", ".."];

function pathOf(service: string, route: Route, input: Input): string {
  const params = texts(input.params);
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = params[name] ?? "";
    if (PATH_STEPS.includes(value)) {
      throw new TypeError(
        `${service} ${route.id}: the path parameter ${name} can't be ${JSON.stringify(value)}`,
      );
    }
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams(texts(input.query)).toString();
  return query === "" ? path : `${path}?${query}`;
}

/** The defined members of `value` as text. */
function texts(value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null) return {};
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name, String(member)]),
  );
}

function toRefusal(service: string, { status, headers, body }: PeerReply): PeerRefusal {
  const parsed = refusal.safeParse(parseJson(body));
  if (!parsed.success) return unexpected(service, status, body);
  const { code, detail } = parsed.data;
  const seconds = Number(headers["retry-after"]);
  return new PeerRefusal(service, status, code, detail, seconds > 0 ? Math.ceil(seconds) : undefined);
}

const unexpected = (service: string, status: number, body: string): PeerRefusal =>
  new PeerRefusal(service, status, "unexpected_reply", body.slice(0, 200));
