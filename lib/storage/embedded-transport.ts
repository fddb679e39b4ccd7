// To the embedded database: frames, or its HTTP API where it takes none, as one of an earlier version does.

import { UpgradeRefused } from "../core/upgrade.ts";
import type { Endpoint } from "./endpoint.ts";
import { FrameClient } from "./frames/client.ts";
import { httpTransport } from "./http-transport.ts";
import type { Transport } from "./transport.ts";

/** After the first refusal of frames, everything goes by HTTP. */
export function embeddedTransport(endpoint: Endpoint): Transport {
  const frames = new FrameClient(endpoint.url);
  const http = httpTransport(endpoint);
  let refused = false;
  return {
    async exchange(operation, body, signal) {
      try {
        if (!refused) return await frames.exchange(operation, body, signal);
      } catch (error) {
        if (!(error instanceof UpgradeRefused)) throw error;
        refused = true;
      }
      return http.exchange(operation, body, signal);
    },
    async close() {
      await frames.close();
      await http.close();
    },
  };
}
