// The emulator names an API `<id>.execute-api.localhost`. Names below `localhost` are loopback (RFC 6761, 6.3), but few
// systems' resolvers know that, so this is preloaded into the tests and into the functions that the emulator runs.

const dns = require("node:dns");

const { lookup } = dns;

dns.lookup = (name, ...rest) => lookup(/\.localhost$/i.test(name) ? "127.0.0.1" : name, ...rest);
