// Reports of runtimes for tests.

import type { Report } from "./report.ts";

export const testReport = (instance: string, more: Partial<Report> = {}): Report => ({
  instance,
  pid: 1,
  started_at: 0,
  version: "1",
  state: "ok",
  gateway_url: null,
  services: [],
  peers: [],
  registry: { kind: "embedded", address: "127.0.0.1:8848", ok: true },
  database: { kind: "embedded", address: "127.0.0.1:4567" },
  memory_bytes: 1,
  cpu: 0,
  event_loop_p99_ms: null,
  dropped: {},
  command: { exec_path: "", exec_argv: [], argv: [], cwd: "", env: {} },
  ...more,
});
