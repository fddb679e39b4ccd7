// The system under test in virtual time: tables, two instances of each service, and a note of all that happens. Nothing
// happens unless its scheduler runs.

import { ANONYMOUS, type User } from "../../../lib/auth/caller.ts";
import { type Headers, SERVICE_NAMES, type Send, type ServiceName } from "../../support/shop.ts";
import type { Person, SystemUnderTest } from "../../support/system-under-test.ts";
import { Node } from "./node.ts";
import { send } from "./ports.ts";
import { Outside } from "./provider.ts";
import type { Scheduler } from "./scheduler.ts";
import { SANDBOX_SECRET } from "./terms.ts";
import { SERVICES, type Terms, World } from "./world.ts";

export class SimulatedSystem extends World implements SystemUnderTest {
  /** The base URL of a service is its name. */
  readonly urls = SERVICE_NAMES;
  readonly sandboxSecret = SANDBOX_SECRET;
  readonly nodes: readonly Node[];
  readonly outside = new Outside(this);

  constructor(scheduler: Scheduler, terms: Terms) {
    super(scheduler, terms);
    this.nodes = SERVICES.flatMap((service) => [new Node(this, service, 1), new Node(this, service, 2)]);
  }

  now(): number {
    return this.scheduler.now;
  }

  async credentials(person: Person): Promise<Headers> {
    return { authorization: JSON.stringify(person) };
  }

  /** Asks an instance as a user does who sends a request once. @throws {PeerUnavailable} when there is no answer. */
  readonly send: Send = async (method, url, body, headers = {}) => {
    const service = SERVICES.find((name) => url.startsWith(name));
    if (!service) throw new Error(`${url} is not of this system`);
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const ask = {
      caller: callerOf(headers),
      method,
      path: url.slice(service.length),
      headers: { ...(text === undefined ? {} : { "content-type": "application/json" }), ...headers },
      ...(text === undefined ? {} : { body: text }),
    };
    const answer = await send(this, undefined, service, ask, false);
    const json = answer.headers["content-type"]?.includes("json");
    return { ...answer, body: json ? JSON.parse(answer.body) : answer.body };
  };

  async mails(): Promise<ReadonlyMap<string, readonly string[]>> {
    const byAddress = Map.groupBy(this.sent, ({ to }) => to);
    return new Map([...byAddress].map(([to, mails]) => [to, mails.map(({ messageId }) => messageId)]));
  }

  /** It is gone when nobody holds it. */
  async cleanUp(): Promise<void> {}

  nodeOf(service: ServiceName, instance: number): Node | undefined {
    const nodes = this.nodes.filter((node) => node.service === service);
    return [nodes[instance], nodes[1 - instance]].find((node) => node?.process.alive);
  }
}

/** Who sends a request with these headers: what `credentials` made of them, or a bare id. */
function callerOf({ authorization, uuid }: Headers): User | typeof ANONYMOUS {
  if (authorization === undefined && uuid === undefined) return ANONYMOUS;
  const {
    sub,
    email,
    scope = "",
  }: Person = authorization === undefined ? { sub: uuid ?? "" } : JSON.parse(authorization);
  return {
    kind: "user",
    id: sub,
    ...(email === undefined ? {} : { email }),
    scopes: new Set(scope.split(" ").filter((name) => name !== "")),
  };
}
