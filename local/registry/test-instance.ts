// For tests: a healthy instance on this machine.

import type { Announcement } from "./instance.ts";

export const testInstance = (port: number, rest: Partial<Announcement> = {}): Announcement => ({
  ip: "127.0.0.1",
  port,
  cluster: "DEFAULT",
  weight: 1,
  enabled: true,
  healthy: true,
  ephemeral: true,
  metadata: {},
  ...rest,
});
