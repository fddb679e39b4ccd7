// Time and CPU until ready, without and with a control room.

import { freePorts } from "../../tests/support/free-ports.ts";
import { pairedRatios, type Spread, spreadOf } from "../compare/ratios.ts";
import { type Start, startOfSystem } from "../sections/start-time.ts";

export interface StartCosts {
  readonly wallMs: { readonly off: Spread; readonly on: Spread; readonly ratio: Spread };
  readonly cpuMs: { readonly off: Spread; readonly on: Spread; readonly ratio: Spread };
}

/** Starts systems without and with a control room, by turns. */
export async function measureStartCosts(rounds: number): Promise<StartCosts> {
  const one = async (on: boolean): Promise<Start> => {
    const [port] = await freePorts(1);
    return startOfSystem({ DEBUG: "True", ...(on ? { CONTROL_ROOM_PORT: String(port) } : {}) });
  };
  // Whatever is made once and kept (schemas, compiled code) is made before.
  await one(false);
  await one(true);
  const [off, on]: [Start[], Start[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (const which of round % 2 === 0 ? [false, true] : [true, false])
      (which ? on : off).push(await one(which));
  }
  const compared = (value: (start: Start) => number) => ({
    off: spreadOf(off.map(value)),
    on: spreadOf(on.map(value)),
    ratio: pairedRatios(off.map(value), on.map(value)),
  });
  return { wallMs: compared(({ wallMs }) => wallMs), cpuMs: compared(({ cpuMs }) => cpuMs) };
}
