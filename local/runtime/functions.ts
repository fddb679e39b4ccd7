// The functions of this process. Every invocation passes here, from HTTP or from the sweep.

import { randomUUID } from "node:crypto";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { toEventBody } from "../../lib/http/event-body.ts";
import { failure } from "../host/invoke.ts";
import { refusal } from "../shared/listener/refuse.ts";
import type { Log } from "../shared/log.ts";
import type { FunctionDefinition } from "../shared/serverless-types.ts";
import { requestBody, withHangUp } from "./exchange.ts";
import { handlers } from "./handlers/table.ts";

/** Time a function may take when it is invoked without a caller that waits, in milliseconds. */
const BACKGROUND_MS = 30_000;
/** Milliseconds between two loads without haste, in which requests arrive; and until the next look when one runs. */
const CALM_MS = 5;
const BUSY_MS = 50;

export interface LocalFunctions {
  /** Adds a function; returns its definition for serverless-offline. */
  add(key: string, definition: FunctionDefinition): FunctionDefinition;
  /** Runs a function that was added. Rejects with what it throws. */
  run(key: string, event: unknown, context: object): Promise<unknown>;
  /** Logs that a function failed. */
  report(key: string, error: unknown): void;
  /** Lets invocations run: the environment that handlers read when they are loaded is complete. */
  open(): void;
  /** Loads the modules of the functions that `which` accepts, so that first requests do not wait for it. Failures are logged. */
  preload(which: (key: string) => boolean): Promise<void>;
  /**
   * The same without haste, one after the other, each in a moment in which no function runs: a request does not wait for another
   * function's module, and a function that is called before is loaded by its call. Ends when `signal` aborts.
   */
  preloadCalmly(which: (key: string) => boolean, signal: AbortSignal): Promise<void>;
  /** Runs a function like an asynchronous invocation of Lambda: its result is dropped. Never throws. */
  invoke(key: string, payload: unknown): Promise<void>;
  /** Resolves when no function runs any more (true), or after `timeoutMs` (false). */
  idle(timeoutMs: number): Promise<boolean>;
}

/** The functions below `serviceDir`; they load natively, as ES modules. */
export function createLocalFunctions(serviceDir: string, log: Log): LocalFunctions {
  const gate = Promise.withResolvers<void>();
  let open = false;
  const loaders = new Map<string, () => Promise<Handler>>();
  /** Those that have been loaded: most invocations wait for nothing. */
  const loaded = new Map<string, Handler>();
  const handlersPath = relative(serviceDir, join(import.meta.dirname, "handlers"));
  let running = 0;
  let onIdle: (() => void) | undefined;

  const broken = new Set<string>();

  /** A module that does not load fails at every call, and is reported once. */
  function report(key: string, error: unknown): void {
    const unloadable = error instanceof LoadError;
    if (unloadable && broken.has(key)) return;
    if (unloadable) broken.add(key);
    const cause = unloadable ? error.cause : error;
    log("error", unloadable ? `${key} does not load` : `${key} failed`, {
      error: cause instanceof Error ? cause.stack : String(cause),
    });
  }

  async function load(key: string): Promise<Handler> {
    const loader = loaders.get(key);
    if (!loader) throw new Error(`There is no function ${key}.`);
    const handler = await loader();
    loaded.set(key, handler);
    return handler;
  }

  const loadOrReport = (key: string): Promise<unknown> =>
    load(key).catch((error: unknown) => report(key, error));

  /** Resolves in a later turn of the event loop, in which no function runs, or when `signal` has aborted. */
  async function calm(signal: AbortSignal): Promise<void> {
    await sleep(CALM_MS);
    while (running > 0 && !signal.aborted) await sleep(BUSY_MS);
  }

  async function run(key: string, event: unknown, context: object): Promise<unknown> {
    running += 1;
    try {
      if (!open) await gate.promise;
      const handler = loaded.get(key) ?? (await load(key));
      return await handler(event, context);
    } finally {
      running -= 1;
      if (running === 0) onIdle?.();
    }
  }

  /** For serverless-offline, which answers an error as a success. */
  async function runOffline(key: string, event: unknown, context: object): Promise<unknown> {
    if (!isHttpEvent(event)) return run(key, event, context);
    try {
      return await run(key, asSent(event), withHangUp(context));
    } catch (error) {
      report(key, error);
      return internalError(event.headers);
    }
  }

  return {
    add(key, definition) {
      loaders.set(key, loaderOf(serviceDir, definition.handler));
      loaded.delete(key);
      handlers[key] = (event, context) => runOffline(key, event, context);
      return { ...definition, handler: `${handlersPath}.handlers.${key}` };
    },
    run,
    report,
    open() {
      open = true;
      gate.resolve();
    },
    async preload(which) {
      for (const key of loaders.keys()) {
        if (which(key)) await loadOrReport(key);
      }
    },
    async preloadCalmly(which, signal) {
      for (const key of loaders.keys()) {
        if (loaded.has(key) || !which(key)) continue;
        await calm(signal);
        if (signal.aborted) return;
        await loadOrReport(key);
      }
    },
    async invoke(key, payload) {
      try {
        await run(key, payload, backgroundContext(key));
      } catch (error) {
        report(key, error);
      }
    },
    async idle(timeoutMs) {
      if (running === 0) return true;
      const timer = Promise.withResolvers<void>();
      const timeout = setTimeout(timer.resolve, timeoutMs);
      onIdle = timer.resolve;
      await timer.promise;
      clearTimeout(timeout);
      return running === 0;
    },
  };
}

/** What a module exports as a function. It may throw, or give a promise. */
type Handler = (event: unknown, context: object) => unknown;

class LoadError extends Error {
  readonly code = "handler_not_loadable";
}

/** Loads `functions/orders/handlers/create.handler` once. */
function loaderOf(serviceDir: string, handler: string): () => Promise<Handler> {
  const dot = handler.lastIndexOf(".");
  const url = pathToFileURL(join(serviceDir, `${handler.slice(0, dot)}.ts`)).href;
  const name = handler.slice(dot + 1);
  let loaded: Promise<Handler> | undefined;
  return () => {
    loaded ??= load();
    return loaded;
  };

  async function load(): Promise<Handler> {
    try {
      const module: Readonly<Record<string, unknown>> = await import(url);
      const found = module[name];
      if (typeof found !== "function") throw new Error(`The module exports no function ${name}.`);
      return (event, context) => found(event, context);
    } catch (cause) {
      throw new LoadError(`${handler} does not load`, { cause });
    }
  }
}

type HttpEvent = Readonly<Record<string, unknown>> & { readonly headers?: Readonly<Record<string, string>> };

const isHttpEvent = (event: unknown): event is HttpEvent =>
  typeof event === "object" && event !== null && "requestContext" in event;

/** API Gateway leaves out what a request does not have (a query, parameters), where serverless-offline says null. */
function asSent(event: HttpEvent): object {
  const { body: _asText, ...rest } = Object.fromEntries(
    Object.entries(event).filter(([, value]) => value !== null),
  );
  return { ...rest, ...toEventBody(requestBody() ?? Buffer.alloc(0), event.headers?.["content-type"]) };
}

/** The reply when a handler throws; by API Gateway's payload format an error would become a 200. */
function internalError(requested: HttpEvent["headers"] = {}): object {
  const { status, headers, body } = refusal(failure(), requested);
  return { statusCode: status, headers, body };
}

const backgroundContext = (key: string) => {
  const until = performance.now() + BACKGROUND_MS;
  return {
    functionName: key,
    awsRequestId: randomUUID(),
    getRemainingTimeInMillis: () => Math.max(0, until - performance.now()),
  };
};
