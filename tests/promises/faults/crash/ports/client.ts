// Calls to peers, watched.

import { type Client, createClient as real } from "../../../../../lib/contract/client.ts";
import type { Contract } from "../../../../../lib/contract/route.ts";
import { watched } from "../passages.ts";

export * from "../../../../../lib/contract/client.ts";

export const createClient = <C extends Contract>(
  contract: C,
  ports: Parameters<typeof real<C>>[1],
): Client<C> => watched(contract.service, real(contract, ports));
