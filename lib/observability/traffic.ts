// Counts requests and calls, for the control room's rates: all of them, whether their spans are recorded or not.

import { asSpan, currentSpan, inSpan, type Span, type SpanStart } from "./span.ts";

/** Hears of each request and each call of this process. */
export interface Traffic {
  /** The request of `span` was answered. `outside`: it counts as a call by nobody of this system. Must not throw. */
  served(span: Span, outside: boolean): void;
  /** A call by the service `from` has ended. `failed`: it has no reply, or one that its callee has failed. Must not throw. */
  called(from: string, callee: Callee, milliseconds: number, failed: boolean): void;
}

/** What is called: a service, the database, a method of payment or the mail server. */
export interface Callee {
  readonly to: string;
  readonly kind: "http" | "database" | "provider" | "mail";
}

/** A call that is under way: its span, or in a trace that is not recorded only whether it has failed. */
export type CallSpan = Pick<Span, "set" | "fail" | "refuse"> & { readonly traceparent: string | undefined };

declare global {
  // Global, because the runtime's plugin and the handlers may be loaded by different module loaders.
  var cfmpOrderTraffic: Traffic | undefined;
}

/** Attribute of a request's span: its caller is no service of this system, and the span's parent is the caller's. */
export const OUTSIDE = "cfmp.request.outside";

/** Sets who hears; with `undefined` nobody does any more. */
export function setTraffic(next: Traffic | undefined): void {
  globalThis.cfmpOrderTraffic = next;
}

/** Ends the span of a request. `outside`: it is not the call of a service of this system, which counts it itself. */
export function endServed(span: Span, outside: boolean): void {
  // Whether the caller is a service of another language is known where its span arrives.
  const byItsTrace = outside && span.isSampled && span.hasParent;
  if (byItsTrace) span.set({ [OUTSIDE]: true });
  span.end();
  globalThis.cfmpOrderTraffic?.served(span, outside && !byItsTrace);
}

type CallStart = () => Omit<SpanStart, "service" | "parent">;

/** `work` as a call within the span that is under way: as a span of its own where the trace is recorded, and counted in any case. */
export function asCall<T>(
  callee: Callee,
  start: CallStart,
  work: (span: CallSpan | undefined) => Promise<T>,
): Promise<T> {
  const parent = currentSpan();
  if (parent === undefined) return work(undefined);
  const traffic = globalThis.cfmpOrderTraffic;
  if (traffic !== undefined) return counted(traffic, parent, callee, start, work);
  return parent.isSampled ? asSpan(start, work) : work(undefined);
}

async function counted<T>(
  traffic: Traffic,
  parent: Span,
  callee: Callee,
  start: CallStart,
  work: (span: CallSpan) => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const span = parent.isSampled ? parent.child(start()) : undefined;
  const call = span ?? new UnrecordedCall();
  try {
    return await inSpan(span, () => work(call));
  } catch (error) {
    call.fail(error);
    throw error;
  } finally {
    span?.end();
    traffic.called(parent.service, callee, performance.now() - begun, call.hasFailed && !call.isRefused);
  }
}

class UnrecordedCall implements CallSpan {
  hasFailed = false;
  readonly isRefused = false;
  readonly traceparent = undefined;

  set(): void {}

  refuse(): void {}

  fail(): void {
    this.hasFailed = true;
  }
}
