// While the disk under the embedded database fails: nothing is acknowledged, and that is said.

import { until } from "../../../support/poll.ts";
import { type Answer, send } from "../../../support/shop.ts";
import type { SystemUnderTest } from "../../../support/system-under-test.ts";
import { newDeal } from "../../deal.ts";

/**
 * Looks at the system while its disk fails, lets `mend` mend it, and waits until the system says that all is well.
 * @returns what should not have been, in sentences.
 */
export async function outlast(
  system: SystemUnderTest,
  mend: () => Promise<unknown>,
): Promise<readonly string[]> {
  const health = (): Promise<Answer> => send("GET", `${system.urls.orders}/health/`);
  const objections: string[] = [];
  // It is checked once a second.
  await until("health says why nothing is written", async () => {
    const { body } = await health();
    return body.checks.database !== "ok" && /nothing is written/.test(body.reasons?.database);
  });
  const { buyer } = await newDeal(system, { label: "while the disk fails" });
  const { status } = await buyer.order();
  if (status < 500) objections.push(`an order was answered with ${status} while the disk failed`);
  await mend();
  await until("the database is well again", async () => (await health()).body.checks.database === "ok");
  return objections;
}
