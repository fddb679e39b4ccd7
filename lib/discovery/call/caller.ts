// Calls services by their names.

import type { PeerReply, PeerRequest } from "../peer/peer.ts";
import { defaultPolicy, type PolicySource } from "../settings/policy.ts";
import { Call, type CallPorts, type ReplyHead } from "./call.ts";
import { RetryBudget } from "./retry-budget.ts";

export interface CallerPorts<Body = string, Reply extends ReplyHead = PeerReply>
  extends CallPorts<Body, Reply> {
  readonly policy?: PolicySource;
}

/**
 * A {@link CallPeer}. A reply of any status is a reply, save 421. What can have had no effect (no connection, 421) is sent
 * to another instance; what may have had one only if `request.retryable`. Each instance is tried once; only one whose
 * attempt timed out is tried again when no other is left. An instance that answers 503 with `Retry-After` gets no request
 * for that time (its cool-down). Headers sent: `cfmp-target-service`, `cfmp-target-instance`, `cfmp-timeout` (milliseconds that are left).
 */
export function createCaller<Body = string, Reply extends ReplyHead = PeerReply>(
  ports: CallerPorts<Body, Reply>,
): (service: string, request: PeerRequest<Body>) => Promise<Reply> {
  const { policy = defaultPolicy } = ports;
  const budgets = new Map<string, RetryBudget>();
  const budgetOf = (service: string): RetryBudget => {
    const budget = budgets.get(service) ?? new RetryBudget({ clock: ports.monotonic, policy });
    budgets.set(service, budget);
    return budget;
  };
  return (service, request) => new Call(ports, policy(), budgetOf(service), service, request).run();
}
