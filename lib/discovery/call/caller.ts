// Calls a service by its name.

import type { PeerReply, PeerRequest } from "../peer/peer.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";
import { Call, type CallPorts, type ReplyHead } from "./call.ts";
import { observedAttempts } from "./observed-attempts.ts";
import { RetryBudget } from "./retry-budget.ts";

export interface CallerPorts<Body = string, Reply extends ReplyHead = PeerReply>
  extends CallPorts<Body, Reply> {
  readonly policy?: PolicySource;
}

/**
 * A {@link CallPeer}. A request that had no effect (no connection, or a 421) is sent to another instance; one that may have
 * had an effect only if `request.retryable`. Each instance is tried once, except that one whose attempt timed out is tried
 * again when no other is left. An instance that answers 503 with `Retry-After` gets no request during that cool-down.
 * Headers sent: `cfmp-target-service`, `cfmp-target-instance`, `cfmp-timeout` (milliseconds left until the deadline).
 */
export function createCaller<Body = string, Reply extends ReplyHead = PeerReply>(
  ports: CallerPorts<Body, Reply>,
): (service: string, request: PeerRequest<Body>) => Promise<Reply> {
  const { policy = defaultPolicy } = ports;
  const http = observedAttempts(ports.http);
  const budgets = new Map<string, RetryBudget>();
  const budgetOf = (service: string): RetryBudget => {
    const budget = budgets.get(service) ?? new RetryBudget({ clock: ports.monotonic, policy });
    budgets.set(service, budget);
    return budget;
  };
  return (service, request) => new Call(ports, http, policy(), budgetOf(service), service, request).run();
}
