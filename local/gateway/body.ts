// A request's body: buffered when it is small, so that it can be sent to another instance too; otherwise streamed, once.

import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";

/** `kept`: complete in memory, can be sent again. `streamed`: still arriving, can be sent once. */
export type Body =
  | { readonly kind: "kept"; readonly bytes: Buffer }
  | { readonly kind: "streamed"; readonly stream: Readable };

/** Larger bodies are not held in memory. */
const KEPT_BYTES = 64 * 1024;

/** Reads the body; undefined when the request has none. @throws when the client closes the connection. */
export async function takeBody(request: IncomingMessage): Promise<Body | undefined> {
  const length = request.headers["content-length"];
  const chunked = request.headers["transfer-encoding"] !== undefined;
  if (!chunked && (length === undefined || Number(length) === 0)) return undefined;
  if (Number(length ?? 0) > KEPT_BYTES) return { kind: "streamed", stream: request };
  return gather(request);
}

async function gather(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  let size = 0;
  const source: AsyncIterator<Buffer> = request.iterator({ destroyOnReturn: false });
  for (;;) {
    const next = await source.next();
    if (next.done) return { kind: "kept", bytes: Buffer.concat(chunks, size) };
    chunks.push(next.value);
    size += next.value.length;
    if (size > KEPT_BYTES) return { kind: "streamed", stream: Readable.from(joined(chunks, source)) };
  }
}

/** The chunks that were read already, then the rest. */
async function* joined(chunks: readonly Buffer[], source: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield* chunks;
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value;
}
