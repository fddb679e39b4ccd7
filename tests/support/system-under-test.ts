// What the promises are checked on: the services as their users reach them, whatever they run in. There are
// three such systems: real processes (real-system.ts), the deployed handlers in this process (in-process.ts), and simulated ones
// (promises/simulation/simulated-system.ts).

import { createTokens } from "../../lib/auth/tokens.ts";
import type { Headers, Place } from "./shop.ts";

export interface SystemUnderTest extends Place {
  /** Key that signs the callbacks of the sandbox provider. */
  readonly sandboxSecret: string;
  /** The time by its clock; epoch milliseconds. */
  now(): number;
  /** Headers that authenticate a person. */
  credentials(person: Person): Promise<Headers>;
  /** Message-IDs of the mails that were sent, by address, one for each copy. */
  mails(): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Ends all of its processes that still run; safe to repeat. */
  cleanUp(): Promise<void>;
}

export interface Person {
  readonly sub: string;
  readonly email?: string;
  /** Separated by spaces. */
  readonly scope?: string;
}

const HOUR_S = 3_600;

/** Makes tokens of a system whose secret key is known. */
export function credentialsBy(secretKey: string): (person: Person) => Promise<Headers> {
  const tokens = createTokens({ SECRET_KEY: secretKey, TOKEN_AUDIENCE: "cfmp-order" });
  return async (person) => ({ authorization: `Bearer ${await tokens.mintUser(person, HOUR_S)}` });
}
