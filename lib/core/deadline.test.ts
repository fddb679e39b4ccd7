import { expect, test } from "@jest/globals";
import { withinDeadline } from "./deadline.ts";
import { openScope } from "./scope.ts";

const scopeOf = (left: number) => openScope("TestService", "r", undefined, performance.now() + left);

test("work that ends in time gives its result, and its signal is not aborted", async () => {
  const scope = scopeOf(60_000);
  expect(await withinDeadline(scope, async () => "done")).toBe("done");
  expect(scope.signal.aborted).toBe(false);
});

test("at the deadline the caller is refused and the signal is aborted, with the same reason", async () => {
  const scope = scopeOf(20);
  const stopped = Promise.withResolvers<unknown>();
  const work = () =>
    new Promise((_, reject) => {
      scope.signal.addEventListener("abort", () => {
        stopped.resolve(scope.signal.reason);
        reject(scope.signal.reason);
      });
    });
  const refusal = await withinDeadline(scope, work).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ kind: "unavailable", code: "deadline_exceeded" });
  expect(await stopped.promise).toBe(refusal);
});

test("after the deadline nothing begins", async () => {
  let begun = false;
  const late = withinDeadline(scopeOf(-1), async () => {
    begun = true;
  });
  await expect(late).rejects.toMatchObject({ code: "deadline_exceeded" });
  expect(begun).toBe(false);
});
