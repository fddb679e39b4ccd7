// The contract of the sandbox provider's terminal, as api.ts is of the other panels: types and plain data.

import type { SandboxAttempt } from "../../../functions/control-room.ts";

/** GET → {@link TerminalView}. POST {@link TerminalRequest} → {@link TerminalResult}. */
export const PROVIDER_ROUTE = "/api/provider";

export interface TerminalView {
  /** The latest attempts to pay by the sandbox, newest first, at most 50. */
  readonly attempts: readonly SandboxAttempt[];
}

export type TerminalRequest =
  | {
      readonly action: "approve" | "decline";
      readonly reference: string;
      /** What is captured; the attempt's amount when left out. */
      readonly amount?: string | undefined;
      /** What the callback says; what is captured when left out. */
      readonly reported?: string | undefined;
      /** Seconds until the callback is sent; null: it is held until it is sent from here. */
      readonly after_s: number | null;
    }
  /** Sends the callback once more. */
  | {
      readonly action: "repeat";
      readonly reference: string;
      readonly reported?: string | undefined;
      readonly after_s: number | null;
    }
  /** Sends now what waits, is held or parked. */
  | { readonly action: "send"; readonly reference: string }
  /** Sends all that are held, by the time of their decision, or the other way round. */
  | { readonly action: "send_held"; readonly order: "first" | "last" };

export interface TerminalResult {
  /** Charges that it was done for. */
  readonly done: number;
}
