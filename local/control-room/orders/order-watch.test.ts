import { expect, test } from "@jest/globals";
import { freePorts } from "../../../tests/support/free-ports.ts";
import { until } from "../../../tests/support/poll.ts";
import { History } from "../history.ts";
import { OrderWatch } from "./order-watch.ts";

test("an order of which only the database knows is not said to be unknown while that does not answer", async () => {
  const [port] = await freePorts(1);
  const history = await History.open(":memory:", { bytes: 16_000_000, ms: 86_400_000 });
  const watch = new OrderWatch({ history, log: () => {}, clock: Date.now });
  try {
    expect(await watch.detail("o-1")).toBeUndefined();
    watch.connect({ kind: "embedded", address: `127.0.0.1:${port}`, prefix: "test" });
    const refused = await until("the database is asked", () =>
      watch.detail("o-1").then(
        () => false,
        (error: Error) => error,
      ),
    );
    expect(refused).toMatchObject({ status: 503, code: "database_unavailable" });
  } finally {
    watch.close();
    history.close();
  }
});
