// Callers' health probes: whether an instance answers `GET /health/` with its own service and id.

import * as z from "zod";
import { parseJson } from "../../core/tried.ts";
import { type Attempt, AttemptFailed } from "../peer/attempt.ts";
import { type Finding, judgeHealth } from "../peer/health-reply.ts";
import type { PeerReply } from "../peer/peer.ts";
import type { Instance } from "../registry/registry.ts";
import { Endpoint } from "./endpoint.ts";

/**
 * Time limit of a probe in milliseconds. Health is answered from memory, so only a busy or hung process takes longer, and a
 * suspect instance should be ejected before the next calls wait for it: an attempt lasts 2 s.
 */
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
      const { service, metadata } = instance;
      const id = metadata["instance"];
      const reply = await ask(instance, id === undefined ? {} : { "cfmp-target-instance": id }).catch(
        noReply,
      );
      return typeof reply === "string" ? reply : judgeHealth({ service, instance: id }, reply);
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

function noReply(cause: unknown): Finding {
  if (!(cause instanceof AttemptFailed)) return "unclear";
  if (cause.kind === "timeout") return "silent";
  return cause.kind === "unreachable" ? "refused" : "unclear";
}

export type Probe = ReturnType<typeof createProbe>;
