// A server whose handlers are empty: it gives the replies of one flow, recorded before, by Node's HTTP server alone.
// Usage: node main.ts REPLIES; prints its port.

import { createServer } from "node:http";
import { listen } from "../../tests/support/free-ports.ts";

const CREATED = new Set(["POST /api/orders/", "POST /api/payments/"]);

const replies: Readonly<Record<string, string>> = JSON.parse(process.argv[2] ?? "");
const server = createServer(async (request, response) => {
  // The body is read and parsed, as every handler needs it.
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  if (chunks.length > 0) JSON.parse(Buffer.concat(chunks).toString());
  const route = `${request.method} ${request.url?.split("?", 1)[0]}`;
  const body = replies[route];
  response.writeHead(body === undefined ? 404 : CREATED.has(route) ? 201 : 200, {
    "content-type": "application/json",
  });
  response.end(body);
});
process.on("disconnect", () => process.exit());
console.log(await listen(server));
