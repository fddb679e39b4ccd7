// Counts requests and calls, for the control room's rates: all of them, whether their spans are recorded or not.

import { activeSpan, type ChildStart, inSpan, type RecordedSpan, type Span } from "./span.ts";

/** A request to a service that was answered. */
export interface ServedRequest {
  /** Its method and route. */
  readonly name: string;
  readonly durationMs: number;
  /** 0: there was none. */
  readonly status: number;
  readonly failed: boolean;
  /** Its span is recorded, as all of its trace. */
  readonly isRecorded: boolean;
  /** Its span has {@link OUTSIDE}: where it arrives, its caller may be found. */
  readonly namesCaller: boolean;
  /** The id of the `kind` of thing that it is about, such as an `order`. */
  idOf(kind: string): string | undefined;
  /** A span of it alone. */
  alone(): RecordedSpan;
}

/** Hears of each request and each call of this process. */
export interface Traffic {
  /** `service` has answered `request`. `outside`: its caller is no service of this system. Must not throw. */
  served(service: string, request: ServedRequest, outside: boolean): void;
  /** A call has ended. `failed`: it has no reply, or one that its callee has failed. Must not throw. */
  called(call: Call, milliseconds: number, failed: boolean): void;
  /** The database was asked something of `table`, its whole name. `failed`: there was no answer, or a refusal. Must not throw. */
  asked(table: string, milliseconds: number, failed: boolean): void;
}

/** Who calls what: a service, a method of payment or the mail server. */
export interface Call {
  readonly from: string;
  readonly to: string;
  readonly kind: "http" | "provider" | "mail";
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

/** Who hears. */
export const traffic = (): Traffic | undefined => globalThis.cfmpOrderTraffic;

/** `work` as a call: as a span where one is under way, and counted. */
export async function asCall<T>(
  call: Call,
  start: () => ChildStart,
  work: (span: CallSpan | undefined) => Promise<T>,
): Promise<T> {
  const counting = traffic();
  const span = activeSpan()?.child(start());
  if (counting === undefined && span === undefined) return work(undefined);
  const begun = performance.now();
  const outcome = span ?? new UnrecordedCall();
  try {
    return await inSpan(span, () => work(outcome));
  } catch (error) {
    outcome.fail(error);
    throw error;
  } finally {
    span?.end();
    counting?.called(call, performance.now() - begun, outcome.hasFailed && !outcome.isRefused);
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
