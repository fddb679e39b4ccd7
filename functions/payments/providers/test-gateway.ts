// What the fakes of providers share: a server on loopback that can misbehave.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { portOf } from "../../../tests/support/free-ports.ts";

/** What a fake does instead of answering; after it did what was requested, or without. */
export type Misbehaviour =
  | "hangs"
  | "hangs after doing it"
  | "answers 500"
  | "answers garbage"
  | "signs with another key"
  | "does not sign";

export interface ReceivedRequest {
  readonly method: string;
  /** Path with its query. */
  readonly target: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Given {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Serves `answer` on a free port of loopback; undefined: no answer. */
export async function serve(answer: (request: ReceivedRequest) => Given | undefined) {
  const server = createServer((request, response) => {
    read(request).then(
      (body) => {
        const { method = "", url = "", headers } = request;
        give(response, answer({ method, target: url, headers, body }));
      },
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function give(response: ServerResponse, given: Given | undefined): void {
  if (given) response.writeHead(given.status, given.headers).end(given.body);
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
