// Round robin, for comparison with the balancer: every instance in turn.

import type { choose } from "../../lib/discovery/instances/balancer.ts";

/** A new turn, beginning with the first. */
export function roundRobin(): typeof choose {
  let turn = 0;
  return (endpoints, { tried = [] }) => {
    for (let n = 0; n < endpoints.length; n += 1) {
      const endpoint = endpoints[turn % endpoints.length];
      turn += 1;
      if (endpoint !== undefined && !tried.includes(endpoint)) return endpoint;
    }
    return undefined;
  };
}
