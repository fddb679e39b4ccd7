import { describe, expect, test } from "@jest/globals";
import { until } from "../../tests/support/poll.ts";
import { startSweep } from "./sweep.ts";

describe("the sweep", () => {
  test("invokes every relay at once, and again", async () => {
    const calls: string[] = [];
    const sweep = startSweep(
      ["a", "b"],
      async (key, payload) => {
        calls.push(`${key} ${JSON.stringify(payload)}`);
      },
      5,
    );
    expect(calls).toEqual(['a {"sweep":true}', 'b {"sweep":true}']);
    await until("a second round", () => calls.length >= 4);
    sweep.stop();
  });

  test("passes over a relay that still runs", async () => {
    let slow = 0;
    let quick = 0;
    const never = new Promise<void>(() => {});
    const sweep = startSweep(
      ["slow", "quick"],
      async (key) => {
        if (key === "quick") {
          quick += 1;
          return;
        }
        slow += 1;
        await never;
      },
      5,
    );
    await until("several rounds", () => quick >= 3);
    expect(slow).toBe(1);
    sweep.stop();
  });
});
