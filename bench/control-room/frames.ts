// How smoothly a page is drawn: the times between its frames, and the tasks that kept it from drawing.

import type { Page } from "playwright-core";
import { quantile } from "../../tests/support/quantiles.ts";

export interface Frames {
  readonly count: number;
  /** Milliseconds between two frames. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
  /** Tasks of the page's own thread over 50 ms, in milliseconds. */
  readonly longTasks: readonly number[];
}

/** Runs in the page. */
const RECORDER = `(() => {
  const state = { deltas: [], tasks: [], on: false, last: 0, run: 0 };
  new PerformanceObserver((list) => {
    if (state.on) for (const { duration } of list.getEntries()) state.tasks.push(duration);
  }).observe({ type: "longtask" });
  const frames = (run) => (now) => {
    if (!state.on || run !== state.run) return;
    if (state.last > 0) state.deltas.push(now - state.last);
    state.last = now;
    requestAnimationFrame(frames(run));
  };
  globalThis.benchFrames = {
    begin() {
      Object.assign(state, { deltas: [], tasks: [], on: true, last: 0, run: state.run + 1 });
      requestAnimationFrame(frames(state.run));
    },
    end() { state.on = false; return { deltas: state.deltas, tasks: state.tasks }; },
  };
})()`;

/** For pages that are opened from now on. */
export const recordFrames = (page: Page): Promise<unknown> => page.addInitScript(RECORDER);

/** The frames while `work` is done. */
export async function framesDuring(page: Page, work: () => Promise<void>): Promise<Frames> {
  await page.evaluate("benchFrames.begin()");
  await work();
  const { deltas, tasks }: { readonly deltas: number[]; readonly tasks: number[] } =
    await page.evaluate("benchFrames.end()");
  return {
    count: deltas.length,
    p50: quantile(deltas, 0.5),
    p95: quantile(deltas, 0.95),
    p99: quantile(deltas, 0.99),
    longest: Math.max(...deltas),
    longTasks: tasks.map(Math.round),
  };
}
