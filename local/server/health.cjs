// A container's health check: node local/server/health.cjs <port> … Asks GET /health/ as peers do. Ends with 0 when each of these ports
// on which something listens says that it works (a refusal by ALLOWED_HOSTS counts), and something listens on one at least.

const { get } = require("node:http");

const WITHIN_MS = 2_500;

/** The status of the reply; undefined where nobody listens. */
const statusAt = (port) =>
  new Promise((resolve) => {
    const request = get({ host: "127.0.0.1", port, path: "/health/", timeout: WITHIN_MS }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.once("timeout", () => request.destroy(new Error("timeout")));
    request.once("error", (error) => resolve(error.code === "ECONNREFUSED" ? undefined : 0));
  });

Promise.all(process.argv.slice(2).map(statusAt)).then((statuses) => {
  const listening = statuses.filter((status) => status !== undefined);
  process.exit(listening.length > 0 && listening.every((status) => status > 0 && status < 500) ? 0 : 1);
});
