// Stands for `undici` in urllib, which Alipay's SDK sends by: of its index only what a request needs, and Node's own
// globals for what urllib merely hands on. Halves that SDK's share of a bundle.

import api from "undici/lib/api/index.js";
import Agent from "undici/lib/dispatcher/agent.js";
import Dispatcher from "undici/lib/dispatcher/dispatcher.js";
import ProxyAgent from "undici/lib/dispatcher/proxy-agent.js";
import global from "undici/lib/global.js";

// As the index does: requests are methods of every dispatcher.
Object.assign(Dispatcher.prototype, api);

export const { getGlobalDispatcher, setGlobalDispatcher } = global;
export const { fetch, FormData, Headers, Request, Response } = globalThis;
export { Agent, Dispatcher, ProxyAgent };

/** Not for what is deployed. */
export class MockAgent {}

/** Only urllib's own `fetch` looks into a response, and the SDK does not use it. */
export function getResponseState() {
  throw new Error("urllib's fetch is not part of this bundle");
}

/** `undici.request` for a URL. */
export function request(url, { dispatcher = getGlobalDispatcher(), ...options }) {
  const { origin, pathname, search } = new URL(url);
  return dispatcher.request({ method: "GET", ...options, origin, path: `${pathname}${search}` });
}
