// The terminal of the sandbox provider: its latest charges, and what is decided about them from here.

import * as z from "zod";
import { type ServiceDefinition, services } from "../../../functions/services.ts";
import type { Config } from "../../../lib/config/env.ts";
import { DomainError } from "../../../lib/core/domain-error.ts";
import { Problem, problemOf } from "../../../lib/http/problem.ts";
import type { Runtimes } from "../runtimes.ts";
import { atDatabase } from "../system-database.ts";
import { systemSettings } from "../system-settings.ts";
import type { TerminalRequest, TerminalResult, TerminalView } from "./contract.ts";

export interface ProviderPorts {
  readonly runtimes: Pick<Runtimes, "all">;
  /** By default what its runtimes report. @throws {Problem} while they are not known. */
  readonly settings?: () => Config;
}

type Opened = Awaited<ReturnType<NonNullable<ServiceDefinition["terminal"]>>>;
type SandboxTerminal = ReturnType<Opened>;

const reference = z.string().min(1).max(100);
const amount = z.string().max(20);
const MOST_DELAY_S = 3_600;
const after_s = z.number().min(0).max(MOST_DELAY_S).nullable();

const request = z.discriminatedUnion("action", [
  z.object({
    action: z.enum(["approve", "decline"]),
    reference,
    amount: amount.optional(),
    reported: amount.optional(),
    after_s,
  }),
  z.object({ action: z.literal("repeat"), reference, reported: amount.optional(), after_s }),
  z.object({ action: z.literal("send"), reference }),
  z.object({ action: z.literal("send_held"), order: z.enum(["first", "last"]) }),
]);

export function providerRoutes({ runtimes, settings = () => systemSettings(runtimes) }: ProviderPorts) {
  const atTerminal = <T>(work: (terminal: SandboxTerminal) => Promise<T>): Promise<T> =>
    atDatabase(settings(), async ({ table }) => {
      const open = await services.find(({ terminal }) => terminal !== undefined)?.terminal?.();
      if (open === undefined) throw new Problem(404, "no_terminal", "No service has a sandbox provider.");
      try {
        return await work(open(table, Date.now));
      } catch (error) {
        throw error instanceof DomainError ? problemOf(error) : error;
      }
    });
  return {
    read: (): Promise<TerminalView> => atTerminal(async (terminal) => ({ attempts: await terminal.list() })),
    async command(asked: unknown): Promise<TerminalResult> {
      const { data } = request.safeParse(asked, { jitless: true });
      if (data === undefined) throw new Problem(400, "malformed", "Send an action of the terminal.");
      return { done: await atTerminal((terminal) => carryOut(terminal, data)) };
    },
  };
}

async function carryOut(terminal: SandboxTerminal, asked: TerminalRequest): Promise<number> {
  if (asked.action === "send_held") return terminal.sendHeld(asked.order);
  if (asked.action === "send") await terminal.send(asked.reference);
  else {
    const { action, reference: of, after_s: after } = asked;
    const send = after === null ? "held" : after === 0 ? "now" : { afterMs: after * 1_000 };
    if (action === "repeat") await terminal.repeat(of, send, asked.reported);
    else {
      const outcome = action === "approve" ? "success" : "failure";
      await terminal.decide(of, { outcome, amount: asked.amount, reported: asked.reported, send });
    }
  }
  return 1;
}
