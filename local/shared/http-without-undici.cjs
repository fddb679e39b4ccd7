// An ES import of `node:http` reads every export of it, and three of them load undici: 25 ms of CPU and 13 MB, used or not. This project
// imports lib/core/node-http.ts; @middy/util, which every function has, imports `node:http`.

const http = require("node:http");

// The same three are globals, which load undici when they are used.
for (const name of ["WebSocket", "CloseEvent", "MessageEvent"]) delete http[name];
