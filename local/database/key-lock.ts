// A lock per key: a conditional write reads, checks and writes without any other write in between.

import type { Callback } from "./dynalite.ts";

type Release = <T>(done: Callback<T>) => Callback<T>;
type Turn = (release: Release) => void;

/**
 * A lock as dynalite's actions use it: `lock(key, (release) => { done = release(done); … })`. The key is held until the
 * released callback is called; an action that throws gives its key back and its error to that callback.
 */
export function keyLock(): (key: string, turn: Turn) => void {
  const waiting = new Map<string, Turn[]>();

  const run = (key: string, turn: Turn) => {
    let held = true;
    let reply: ((error: Error) => void) | undefined;
    const free = () => {
      if (!held) return;
      held = false;
      const next = waiting.get(key)?.shift();
      if (next === undefined) waiting.delete(key);
      else setImmediate(run, key, next);
    };
    try {
      turn((done) => {
        reply = done;
        return (error, value) => {
          free();
          done(error, value);
        };
      });
    } catch (error) {
      free();
      if (reply === undefined) throw error;
      reply(error instanceof Error ? error : new Error(String(error)));
    }
  };

  return (key, turn) => {
    const queue = waiting.get(key);
    if (queue !== undefined) {
      queue.push(turn);
      return;
    }
    waiting.set(key, []);
    run(key, turn);
  };
}
