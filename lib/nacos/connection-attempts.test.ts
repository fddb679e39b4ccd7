import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { ConnectionAttempts } from "./connection-attempts.ts";

const refused = new Error("refused");
let isUp: boolean;
let tried: number;
let said: string[];
let attempts: ConnectionAttempts;

beforeEach(() => {
  jest.useFakeTimers();
  [isUp, tried, said] = [false, 0, []];
  attempts = new ConnectionAttempts({
    async connect() {
      tried += 1;
      if (!isUp) throw refused;
    },
    onOutage: () => said.push("outage"),
    onRecovery: () => said.push("recovery"),
    random: () => 0.5,
  });
});
afterEach(() => {
  attempts.close();
  jest.useRealTimers();
});

describe("attempts to connect", () => {
  test("are shared by those who ask at the same time", async () => {
    isUp = true;
    await Promise.all([attempts.now(), attempts.once(), attempts.now()]);
    expect(tried).toBe(1);
    expect(attempts.succeeded).toBe(true);
  });

  test("that fail are repeated after growing pauses of at most two seconds, until one succeeds", async () => {
    attempts.repeat();
    await expect(attempts.now()).rejects.toBe(refused);
    // Three quarters of 100, 200, 400 … ms: half of each pause is random.
    for (const [index, pause] of [75, 150, 300, 600, 1_200, 1_500, 1_500].entries()) {
      await jest.advanceTimersByTimeAsync(pause - 1);
      expect(tried).toBe(index + 1);
      await jest.advanceTimersByTimeAsync(1);
      expect(tried).toBe(index + 2);
    }
    isUp = true;
    await jest.advanceTimersByTimeAsync(1_500);
    expect([attempts.succeeded, tried, jest.getTimerCount()]).toEqual([true, 9, 0]);
  });

  test("begin with the shortest pause again after a connection, and say once what has happened", async () => {
    attempts.repeat();
    await expect(attempts.now()).rejects.toBe(refused);
    await jest.advanceTimersByTimeAsync(225);
    isUp = true;
    await jest.advanceTimersByTimeAsync(300);
    expect(said).toEqual(["outage", "recovery"]);
    attempts.failed(new Error("no answer"));
    await jest.advanceTimersByTimeAsync(74);
    expect(tried).toBe(4);
    await jest.advanceTimersByTimeAsync(1);
    expect(tried).toBe(5);
    expect(said).toEqual(["outage", "recovery", "outage", "recovery"]);
  });

  test("for the choice of an API are made once, until somebody uses the connection", async () => {
    await expect(attempts.once()).rejects.toBe(refused);
    await jest.advanceTimersByTimeAsync(60_000);
    expect(tried).toBe(1);
    attempts.repeat();
    attempts.repeat();
    expect(jest.getTimerCount()).toBe(1);
    await jest.advanceTimersByTimeAsync(75);
    expect(tried).toBe(2);
  });

  test("that are asked for do not wait for the end of the pause, and begin another one", async () => {
    attempts.repeat();
    await expect(attempts.now()).rejects.toBe(refused);
    await expect(attempts.now()).rejects.toBe(refused);
    expect([tried, jest.getTimerCount()]).toEqual([2, 1]);
    await jest.advanceTimersByTimeAsync(149);
    expect(tried).toBe(2);
    await jest.advanceTimersByTimeAsync(1);
    expect(tried).toBe(3);
  });

  test("after a lost connection are spread over a tenth of a second", async () => {
    isUp = true;
    attempts.soon();
    await jest.advanceTimersByTimeAsync(49);
    expect(tried).toBe(0);
    await jest.advanceTimersByTimeAsync(1);
    expect(tried).toBe(1);
  });

  test("end with `close`, and what fails after it is no outage", async () => {
    attempts.repeat();
    await expect(attempts.now()).rejects.toBe(refused);
    attempts.close();
    await jest.advanceTimersByTimeAsync(60_000);
    attempts.soon();
    await jest.advanceTimersByTimeAsync(60_000);
    await expect(attempts.now()).rejects.toThrow("closed");
    expect([tried, said]).toEqual([1, ["outage"]]);
  });
});
