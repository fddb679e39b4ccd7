// Node's HTTP without undici. An ES import of `node:http` reads every export of it, and a few of them (`WebSocket` and its
// events) load undici: 13 MB and 25 ms of CPU in each process, used or not.

export const {
  Agent,
  createServer,
  get,
  IncomingMessage,
  request,
  STATUS_CODES,
  validateHeaderName,
  validateHeaderValue,
} = process.getBuiltinModule("node:http");
