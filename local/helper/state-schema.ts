// What the state file says.

import * as z from "zod";

export const helperState = z.object({
  pid: z.number(),
  /** The loopback port of the lease server. */
  port: z.number(),
  /** Proves that a client can read this file. */
  secret: z.string(),
});

export type HelperState = Readonly<z.infer<typeof helperState>>;
