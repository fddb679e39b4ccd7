// Reads the body of a request.

import type { IncomingMessage } from "node:http";

const NONE = Buffer.alloc(0);

/** Whether a body may follow the head of `request` (RFC 9112, 6.3). */
const mayHaveBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/**
 * Calls `whole` with the body's bytes when all have arrived; at once where none follow. Never calls it when the client, or the
 * listener's guard, ends the request before.
 */
export function readBody(request: IncomingMessage, whole: (body: Buffer) => void): void {
  if (!mayHaveBody(request)) {
    whole(NONE);
    return;
  }
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  // Ignored: nobody is left to answer. An error without a listener would end this process.
  request.on("error", () => {});
  request.once("end", () => {
    const [first] = chunks;
    whole(chunks.length > 1 ? Buffer.concat(chunks) : (first ?? NONE));
  });
}
