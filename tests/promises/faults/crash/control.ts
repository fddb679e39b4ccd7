// How the suite steers a process that is to crash: a few requests on a port of loopback.

import { createServer } from "node:http";
import { handlers } from "../../../../local/runtime/handlers/table.ts";
import { advance } from "./clock.ts";
import { arm, faults, passed, reachable } from "./passages.ts";

/**
 * `POST /arm?point=…` (without one: nowhere), `/advance?ms=…`, `/hints?lost=true|false`, `/sweep` (all relays look for
 * work; answers when they are done), `/mend` (the disk works again), `GET /passed`.
 */
export function serveControl(port: number): void {
  createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://localhost");
    steer(pathname, searchParams).then(
      (answer) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer)),
      (error: Error) => response.writeHead(500).end(error.stack),
    );
  })
    .listen(port, "127.0.0.1")
    .unref();
}

async function steer(path: string, given: URLSearchParams): Promise<object> {
  if (path === "/arm") arm(given.get("point") ?? undefined);
  if (path === "/advance") advance(Number(given.get("ms")));
  if (path === "/hints") faults.hintsLost = given.get("lost") === "true";
  if (path === "/sweep") await sweep();
  if (path === "/mend") reachable.disk?.mend();
  return passed();
}

/** As the local runtime's timer and AWS' schedule do. */
async function sweep(): Promise<void> {
  const relays = Object.entries(handlers).filter(([key]) => key.endsWith("-relay"));
  await Promise.all(relays.map(([, relay]) => relay({ sweep: true }, {})));
}
