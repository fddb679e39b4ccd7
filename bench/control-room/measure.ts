// The sections that were asked for, one after the other.

import type { Browser } from "playwright-core";
import { type DemoUnderKills, demoUnderKills } from "../../tests/support/demo-under-kills.ts";
import { type Machine, thisMachine } from "../machine.ts";
import { type FlowCosts, measureFlowCosts } from "./costs.ts";
import { type HourFigures, measureHour } from "./hour.ts";
import type { Options, Section } from "./options.ts";
import { measurePage, type PageFigures } from "./page.ts";
import { measurePixels, type PixelFigures } from "./pixel.ts";
import { measureStartCosts, type StartCosts } from "./starts.ts";

export interface Figures {
  readonly machine: Machine;
  readonly page?: PageFigures;
  readonly pixel?: PixelFigures;
  readonly flows?: FlowCosts;
  readonly starts?: StartCosts;
  readonly hour?: HourFigures;
  readonly kills?: DemoUnderKills;
}

const KILLS = { rate: 5, killEverySeconds: 5, seed: 14 } as const;

/** `say` hears what is being done. */
export async function measure(
  browser: Browser,
  { sections, seconds, pairs, rounds, minutes }: Options,
  say: (what: string) => void,
): Promise<Figures> {
  const ms = seconds * 1_000;
  const done: Partial<Omit<Figures, "machine">>[] = [];
  const section = async (name: Section, what: string, work: () => Promise<(typeof done)[number]>) => {
    if (!sections.includes(name)) return;
    say(what);
    done.push(await work());
  };
  await section("page", "a full page", async () => ({ page: await measurePage(browser, ms) }));
  await section("pixel", "from events to pixels", async () => ({ pixel: await measurePixels(browser, ms) }));
  await section("flows", "flows without, with, and watched", async () => ({
    flows: await measureFlowCosts(browser, pairs, say),
  }));
  await section("starts", "starts without and with", async () => ({
    starts: await measureStartCosts(rounds),
  }));
  await section("hour", "an hour's spans", async () => ({ hour: await measureHour() }));
  await section("kills", "a demo under kills from the page", async () => ({
    kills: await demoUnderKills(browser, { ...KILLS, seconds: minutes * 60, progress: say }),
  }));
  return Object.assign({ machine: thisMachine() }, ...done);
}
