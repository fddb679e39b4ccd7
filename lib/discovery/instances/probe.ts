// Health probes: whether an instance answers `GET /health/` with its own service and id.

import * as z from "zod";
import { parseJson } from "../../core/tried.ts";
import { MISDIRECTED, type PeerReply } from "../peer/peer.ts";
import { type Attempt, AttemptFailed } from "../peer/peer-http.ts";
import type { Instance } from "../registry/registry.ts";
import { Endpoint } from "./endpoint.ts";

/**
 * `alive`: it answers, as itself, and takes requests. `misdirected`: another service, instance or server has its address. `silent`: no answer in
 * time; the process is hung or very busy. `dead`: the connection is refused, or the instance is draining.
 */
export type Finding = "alive" | "misdirected" | "silent" | "dead";

/** Time limit of a probe in milliseconds. A busy process answers later than an idle one; a call would not wait longer either. */
const WITHIN_MS = 500;

const identity = z.looseObject({ service: z.string(), instance: z.string().min(1) });

/** Creates probes that are sent by `http`. A probe takes 500 ms at most and never throws. */
export function createProbe(http: { send(attempt: Attempt): Promise<PeerReply> }) {
  const ask = (instance: Instance, headers: Record<string, string>): Promise<PeerReply> => {
    const { origin, basePath } = new Endpoint(instance);
    const target = { ...headers, "cfmp-target-service": instance.service };
    const request = { origin, path: `${basePath}/health/`, method: "GET", headers: target } as const;
    const attempt = { ...request, body: undefined, signal: undefined, timeout: WITHIN_MS };
    return http.send(attempt);
  };
  return {
    async find(instance: Instance): Promise<Finding> {
      const id = instance.metadata["instance"];
      const answer = ask(instance, id === undefined ? {} : { "cfmp-target-instance": id });
      const reply = await answer.catch(noReply);
      if (typeof reply === "string") return reply;
      if (reply.status === MISDIRECTED) return "misdirected";
      if (reply.status >= 400) return "dead";
      // A static address has no id: behind it may be a gateway, whose health is that of another service.
      if (id === undefined) return "alive";
      const { data } = identity.safeParse(parseJson(reply.body));
      return data?.service === instance.service && data.instance === id ? "alive" : "misdirected";
    },
    /** The instance that serves the same service at the same address now, for example after a restart. */
    async successor(instance: Instance): Promise<Instance | undefined> {
      const reply = await ask(instance, {}).catch(() => undefined);
      if (reply === undefined || reply.status >= 400) return undefined;
      const { data } = identity.safeParse(parseJson(reply.body));
      if (data?.service !== instance.service) return undefined;
      return { ...instance, healthy: true, metadata: { ...instance.metadata, instance: data.instance } };
    },
  };
}

const noReply = (cause: unknown): Finding =>
  cause instanceof AttemptFailed && cause.kind === "timeout" ? "silent" : "dead";

export type Probe = ReturnType<typeof createProbe>;
