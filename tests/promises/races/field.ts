// Where races are run: two instances of every service on one database, and requests that go to either.

import type { Urls } from "../../support/shop.ts";
import { freeServicePorts, type System, startSystem } from "../../support/system.ts";

export interface RaceCourse {
  readonly system: System;
  /** Base URLs; each look gives an instance drawn by `random`. */
  readonly urls: Urls;
  readonly secret: string;
  cleanUp(): Promise<void>;
}

const SECRET = "races";

/** Starts both instances. */
export async function startCourse(random: () => number): Promise<RaceCourse> {
  const system = await startSystem({ env: { SANDBOX_SECRET: SECRET, LOG_LEVEL: "warn" } });
  let other: System | undefined;
  const cleanUp = async () => {
    await other?.cleanUp();
    await system.cleanUp();
  };
  try {
    const env = await freeServicePorts();
    const second = await startSystem({ beside: system, env });
    other = second;
    const either = (service: keyof Urls) => (random() < 0.5 ? system : second).urls[service];
    const urls = {
      get orders() {
        return either("orders");
      },
      get payments() {
        return either("payments");
      },
      get notifications() {
        return either("notifications");
      },
    };
    return { system, urls, secret: SECRET, cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}
