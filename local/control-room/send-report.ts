// One report over Node's own HTTP: undici would take 13 MB of the runtime and 25 ms of CPU for one request a second.

import { Agent, request } from "../../lib/core/node-http.ts";
import { REPORT_PATH, type ReportReply } from "./report.ts";

export interface ReportTarget {
  readonly url: string;
  readonly reportToken: string;
}

/** What the collector answered; undefined: it refuses this report. */
export type Answer = ReportReply | undefined;

/** One connection, which is kept. It does not keep the process alive. */
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

/**
 * Sends the parts of `body`.
 * @throws {Error} when there is no whole answer within `withinMs` milliseconds.
 */
export function sendReport(
  { url, reportToken }: ReportTarget,
  body: readonly Buffer[],
  withinMs: number,
): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const sent = request(`${url}${REPORT_PATH}`, {
    method: "POST",
    agent,
    headers: {
      authorization: `Bearer ${reportToken}`,
      "content-type": "application/x-ndjson",
      "content-length": body.reduce((sum, { length }) => sum + length, 0),
    },
  });
  const late = setTimeout(() => sent.destroy(new Error("There is no answer in time.")), withinMs);
  sent.on("error", reject);
  // After an answer that has ended this changes nothing.
  sent.on("close", () => {
    clearTimeout(late);
    reject(new Error("The connection has ended."));
  });
  sent.on("response", (reply) => {
    let text = "";
    reply.setEncoding("utf8");
    reply.on("data", (part: string) => {
      text += part;
    });
    reply.on("error", reject);
    reply.on("end", () => {
      try {
        resolve((reply.statusCode ?? 500) < 300 ? JSON.parse(text) : undefined);
      } catch (error) {
        reject(error);
      }
    });
  });
  for (const part of body) sent.write(part);
  sent.end();
  return promise;
}
