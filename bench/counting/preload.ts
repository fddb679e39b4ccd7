// Loaded into the system's processes before anything else (node --import): writes a line for every HTTP request that one answers.

import { subscribe } from "node:diagnostics_channel";
import { appendFileSync } from "node:fs";

const file = process.env["BENCH_REQUESTS"] ?? "";

subscribe("http.server.request.start", (message) => {
  appendFileSync(file, `${urlIn(message)}\n`);
});

function urlIn(message: unknown): string {
  const request = typeof message === "object" && message !== null && "request" in message && message.request;
  return typeof request === "object" && request !== null && "url" in request ? String(request.url) : "";
}
