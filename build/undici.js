// Replaces `undici` in bundles: exports only the parts that are used here, since undici's index also loads fetch, caches, mocks
// and web sockets. Bundles are smaller and load faster. An import that is missing here fails the build.

import api from "undici/lib/api/index.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import Pool from "undici/lib/dispatcher/pool.js";

// As the index does: requests are methods of every dispatcher.
Object.assign(Dispatcher.prototype, api);

export { Agent, Pool };

let shared;

/** `undici.request` for a URL and options without `path`. */
export function request(url, options) {
  shared ??= new Agent();
  const { origin, pathname, search } = new URL(url);
  return (options.dispatcher ?? shared).request({
    method: "GET",
    ...options,
    origin,
    path: `${pathname}${search}`,
  });
}
