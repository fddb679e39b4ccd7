// Preloaded into `serverless` where an emulator enforces policies: the bucket of archives lets nobody in without TLS, which the emulator
// has not. It takes the word of a proxy in front of it.

const http = require("node:http");
const { syncBuiltinESMExports } = require("node:module");

const { request } = http;

http.request = (...given) => {
  const sent = request(...given);
  sent.setHeader("x-forwarded-proto", "https");
  return sent;
};
syncBuiltinESMExports();
