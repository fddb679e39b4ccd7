// The limit of the gateway, over HTTP.

import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { answerWith, type Behind, gatewayBefore, type Reply, tokens } from "./test-behind.ts";

/** So many that a machine would have to take ten seconds over them before the limit lets them all through. */
const AT_ONCE = 32;

let behind: Behind;

beforeEach(async () => {
  // A second's worth is 3, so that few come back while a test runs.
  behind = await gatewayBefore({ GATEWAY_RATE_LIMIT: 3, DEBUG: false });
  await behind.instance("OrderService", (_, response) => answerWith(response, {}));
});

afterEach(() => behind.close());

const ask = (path: string, init?: RequestInit): Promise<Reply> => fetch(behind.url + path, init);

describe("with a limit of 3 per second", () => {
  test("an address gets 429 with the time to wait; a user has a limit of its own", async () => {
    const token = await tokens.mintUser({ sub: "ann" }, 60);
    const replies = await Promise.all(Array.from({ length: AT_ONCE }, () => ask("/api/orders/")));
    const refused = replies.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(3);
    expect(refused[0]?.headers.get("retry-after")).toBe("1");
    expect(await refused[0]?.json()).toMatchObject({ code: "rate_limited", title: "Too many requests" });
    const own = await ask("/api/orders/", { headers: { authorization: `Bearer ${token}` } });
    expect(own.status).toBe(200);
  });

  test("a token that proves nothing counts for the address", async () => {
    const attempts = Array.from({ length: AT_ONCE }, (_, n) =>
      ask("/api/orders/", { headers: { authorization: `Bearer made.up.${n}` } }),
    );
    const refused = (await Promise.all(attempts)).filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThanOrEqual(3);
  });
});
