// What a runtime tells the collector once a second, its spans and the lines of its logs with it: a body of lines, the report first.

import * as z from "zod";

/** A runtime's ingest path. */
export const REPORT_PATH = "/runtime";
export const REPORT_EVERY_MS = 1_000;
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

const balancer = z.enum(["available", "ejected", "unhealthy", "disabled"]);

const report = z.object({
  /** The id with which its services are registered. */
  instance: z.string(),
  pid: z.int(),
  started_at: z.number(),
  version: z.string(),
  state: z.enum(["starting", "ok", "draining"]),
  /** Null where this process has no gateway; while it starts, where that will be. */
  gateway_url: z.string().nullable(),
  services: z.array(
    z.object({
      name: z.string(),
      url: z.string(),
      in_flight: z.number(),
      connections: z.number().nullable(),
    }),
  ),
  /** Instances as this process's balancer sees them. */
  peers: z.array(z.object({ service: z.string(), url: z.string(), balancer })),
  registry: z.object({ kind: z.string(), address: z.string().nullable(), ok: z.boolean() }),
  /** `prefix` of its tables' names, without which nothing is read from it: a runtime of an earlier version does not say. */
  database: z.object({
    kind: z.string(),
    address: z.string().nullable(),
    prefix: z.string().optional(),
  }),
  memory_bytes: z.number(),
  cpu: z.number(),
  /** By how much its event loop was late, of the last seconds; null before it has been looked at. */
  event_loop_p99_ms: z.number().nullable(),
  /** What the runtime could not send, since its start, by reason. */
  dropped: z.record(z.string(), z.number()),
  /** What it did not record of traces beyond the first ones of each second, since its start. */
  not_recorded: z.object({ traces: z.number(), lines: z.number() }).optional(),
  /** Number of what follows; it has the same when it is sent again, as the reply to it was lost. */
  batch: z.int().optional(),
  /** How it was started. */
  command: z.object({
    exec_path: z.string(),
    exec_argv: z.array(z.string()),
    argv: z.array(z.string()),
    cwd: z.string(),
    /** The settings that say where it listens, as they count for it: what is off is `off`. */
    env: z.record(z.string(), z.string()),
  }),
});

export type Report = Readonly<z.infer<typeof report>>;

/** What the collector answers. */
export interface ReportReply {
  /** Whether a page is open: then lines and spans are sent at once, not once a second. */
  readonly watched: boolean;
}

/** The report in a line of JSON; undefined where it is none, such as that of a runtime of another version. */
export function readReport(line: string): Report | undefined {
  try {
    return report.safeParse(JSON.parse(line), { jitless: true }).data;
  } catch {
    return undefined;
  }
}
