// A user at the API: sends requests, sends them again as clients do, and holds each reply to what was committed.

import type { User } from "../../../lib/auth/caller.ts";
import type { Route } from "../../../lib/contract/route.ts";
import type { ServiceName } from "../../support/shop.ts";
import { send } from "./ports.ts";
import { EMAILS, SCOPES, type UserName } from "./terms.ts";
import type { World } from "./world.ts";

export interface Request {
  readonly params?: Readonly<Record<string, string>>;
  readonly body?: object;
  readonly query?: string;
  readonly key?: string | undefined;
}

export interface Reply {
  readonly status: number;
  /** Of a problem. */
  readonly code: string;
  readonly text: string;
  readonly replayed: boolean;
  /** Number of the last commit before it was sent. */
  readonly since: number;
  /** How often it was sent. */
  readonly tries: number;
}

const AGAIN_AFTER = [20, 700];

/** Asks `route` as `user`; undefined when no try was answered. What creates is sent again only under a key. */
export async function ask(
  world: World,
  user: UserName,
  service: ServiceName,
  route: Route,
  request: Request,
): Promise<Reply | undefined> {
  const since = world.commits.count;
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => request.params?.[name] ?? "");
  const about = () =>
    `${user}: ${route.method} ${path}${request.key === undefined ? "" : ` [${request.key}]`}`;
  const body = request.body === undefined ? undefined : JSON.stringify(request.body);
  const safe = !route.idempotent || request.key !== undefined;
  for (let tries = 1; ; tries += 1) {
    world.note(() => `${about()} ${body ?? ""}`);
    world.tally.requests += 1;
    const answer = await sent(
      world,
      service,
      {
        caller: callerOf(user),
        method: route.method,
        path: request.query === undefined ? path : `${path}?${request.query}`,
        headers: {
          ...(body === undefined ? {} : { "content-type": "application/json" }),
          ...(request.key === undefined ? {} : { "idempotency-key": request.key }),
        },
        ...(body === undefined ? {} : { body }),
      },
      safe,
    );
    const status = answer?.status ?? 0;
    const code = status >= 400 ? String(JSON.parse(answer?.body ?? "{}").code) : "";
    world.note(() => `${about()} → ${status === 0 ? "no answer" : `${status} ${code}`}`);
    if (status >= 200 && status < 300) world.tally.acknowledged += 1;
    if (status === 500) world.broken("steps", `${about()} is answered by 500`);
    const wait = AGAIN_AFTER[tries - 1];
    if ((status === 0 || status >= 500) && safe && wait !== undefined) {
      await world.scheduler.pause(wait);
      continue;
    }
    if (!answer) return undefined;
    const replayed = answer.headers["idempotent-replayed"] === "true";
    return { status, code, text: answer.body, replayed, since, tries };
  }
}

async function sent(world: World, service: ServiceName, request: Parameters<typeof send>[3], safe: boolean) {
  try {
    return await send(world, undefined, service, request, safe);
  } catch {
    return undefined;
  }
}

const callers = new Map<UserName, User>();

function callerOf(id: UserName): User {
  const known = callers.get(id);
  if (known) return known;
  const email = EMAILS[id];
  const scopes = new Set(SCOPES[id]);
  const made: User = { kind: "user", id, scopes, ...(email === undefined ? {} : { email }) };
  callers.set(id, made);
  return made;
}
