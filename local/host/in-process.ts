// The host for calls that this process makes to itself: the same routes and functions, without a connection.

import { AsyncLocalStorage } from "node:async_hooks";
import { validateHeaderName, validateHeaderValue } from "../../lib/core/node-http.ts";
import type {
  InProcessExchange,
  InProcessListener,
  InProcessRequest,
} from "../../lib/discovery/peer/in-process.ts";
import type { PeerReply } from "../../lib/discovery/peer/peer.ts";
import { Problem } from "../../lib/http/problem.ts";
import { type AdmissionRules, admit } from "../shared/listener/admission.ts";
import { refusal } from "../shared/listener/refuse.ts";
import { type Target, targetOf } from "./event.ts";
import { answer, type Client, type HostedFunction } from "./invoke.ts";
import type { HostReply } from "./result.ts";
import type { FindRoute, RouteMatch } from "./routes.ts";

export interface CountedListener extends InProcessListener {
  /** Number of exchanges that have begun and are not answered yet. */
  underWay(): number;
}

/** What the exchanges of one listener share. */
interface Shared {
  /** Runs `work` without the asynchronous context of whoever calls. */
  readonly apart: (work: () => void) => void;
  underWay: number;
}

/**
 * The listener `identity` of this process, with its guard's `rules` and its routes. Requests that they refuse, and those that no
 * route matches, it does not accept: its connections answer them.
 */
export function inProcessListener(
  identity: Pick<InProcessListener, "service" | "instance" | "port">,
  rules: AdmissionRules,
  find: FindRoute<HostedFunction>,
): CountedListener {
  // Taken here, where no request is under way.
  const shared: Shared = { apart: AsyncLocalStorage.snapshot(), underWay: 0 };
  return {
    ...identity,
    underWay: () => shared.underWay,
    accept(request) {
      const target = targetOf(request.target);
      const match = admitted(() => {
        admit(headOf(request), rules);
        return find(request.method, target.rawPath);
      });
      return match && new HostedExchange(shared, match, target, request);
    },
  };
}

/** What `check` returns; undefined where it refuses. */
function admitted<T>(check: () => T): T | undefined {
  try {
    return check();
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
}

const headOf = ({ method, target, headers }: InProcessRequest) => ({
  method,
  url: target,
  httpVersion: "1.1",
  headers,
  rawHeaders: Object.entries(headers).flat(),
});

class HostedExchange implements InProcessExchange, Client {
  readonly #shared: Shared;
  readonly #match: RouteMatch<HostedFunction>;
  readonly #target: Target;
  readonly #request: InProcessRequest;
  readonly #hangUps: (() => void)[] = [];
  /** Undefined before the start and after the end. */
  #onReply: ((reply: PeerReply) => void) | undefined;

  constructor(shared: Shared, match: RouteMatch<HostedFunction>, target: Target, request: InProcessRequest) {
    this.#shared = shared;
    this.#match = match;
    this.#target = target;
    this.#request = request;
  }

  start(onReply: (reply: PeerReply) => void): void {
    this.#onReply = onReply;
    this.#shared.underWay += 1;
    const { method, headers, address, body } = this.#request;
    const source = { method, httpVersion: "1.1", headers: { ...headers }, address };
    this.#shared.apart(() => void answer(this.#match, this.#target, source, body, this));
  }

  onHangUp(listener: () => void): void {
    this.#hangUps.push(listener);
  }

  /** The function notices in a later turn, as it would by its connection. */
  hangUp(): void {
    if (this.#end() === undefined) return;
    setImmediate(() => {
      for (const listener of this.#hangUps) this.#shared.apart(listener);
    });
  }

  send({ status, headers, body }: HostReply): void {
    if (this.#onReply === undefined) return;
    const texts = sentHeaders(headers);
    // As UTF-8 carries it: half a character is replaced.
    const text = typeof body === "string" ? body.toWellFormed() : body.toString("utf8");
    this.#end()?.({ status, headers: texts, body: text });
  }

  refuse(problem: Problem): void {
    this.#end()?.(refusal(problem, this.#request.headers));
  }

  #end(): ((reply: PeerReply) => void) | undefined {
    const onReply = this.#onReply;
    this.#onReply = undefined;
    if (onReply !== undefined) this.#shared.underWay -= 1;
    return onReply;
  }
}

/** The headers as a client reads them. @throws Node's error for one that can't be sent. */
function sentHeaders(headers: HostReply["headers"]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const text = Array.isArray(value) ? value.join(", ") : String(value);
    validateHeaderName(name);
    validateHeaderValue(name, text);
    texts[name] = text;
  }
  return texts;
}
