// The system that a demo drives: one of its own, or the one that the settings of this shell name.

import { randomBytes } from "node:crypto";
import { isNativeError } from "node:util/types";
import { createTokens } from "../../lib/auth/tokens.ts";
import { reasonOf } from "../../lib/core/failure-text.ts";
import { prepareEnvironment } from "../../local/runtime/environment.ts";
import { loadEnvFiles } from "../../local/shared/env-file.ts";
import { type Database, openDatabase } from "../database.ts";
import { OwnSystem } from "../own-system/own-system.ts";
import { cleanEnvironment } from "../own-system/settings.ts";
import type { DemoOptions } from "./options.ts";
import type { Credentials } from "./people.ts";

export interface Place {
  /** Base URLs, of which any one may answer. */
  origins(): readonly string[];
  readonly database: Database;
  readonly credentials: Credentials;
  /** Kills a runtime and starts it again; undefined for a system that was not started here. */
  readonly kill: ((random: () => number) => Promise<void>) | undefined;
  end(): Promise<void>;
}

const ANSWERS_WITHIN_MS = 10_000;
const TOKEN_S = 12 * 3_600;

/** Opens or starts it. @throws {Error} when it does not start, or a setting is wrong. */
export async function openPlace({ against, killEvery, stage }: DemoOptions): Promise<Place> {
  if (against !== undefined) {
    await requireAnswer(against);
    return runningPlace(against, stage);
  }
  const secret = randomBytes(48).toString("base64");
  // With kills two: one of them answers while the other starts again.
  const system = await OwnSystem.start(killEvery > 0 ? 2 : 1, { SECRET_KEY: secret, LOG_LEVEL: "warn" });
  const database = openDatabase(undefined, { ...cleanEnvironment(), ...system.settings });
  return {
    origins: () => system.gateways(),
    database,
    credentials: credentialsBy({ SECRET_KEY: secret, TOKEN_AUDIENCE: database.config.TOKEN_AUDIENCE }),
    kill: (random) => system.kill(random),
    async end() {
      await database.close();
      await system.end();
    },
  };
}

/** Each request is sent until it is answered, so somebody has to be there. @throws {Error} */
async function requireAnswer(against: string): Promise<void> {
  try {
    const reply = await fetch(`${against}/health/`, { signal: AbortSignal.timeout(ANSWERS_WITHIN_MS) });
    await reply.body?.cancel();
  } catch (error) {
    const reason = reasonOf((isNativeError(error) && error.cause) || error);
    throw new Error(`Nothing answers at ${against} (${reason}). npm start starts a system.`);
  }
}

function runningPlace(against: string, stage: string | undefined): Place {
  const env = { ...process.env };
  loadEnvFiles(env, { stage });
  const { SECRET_KEY = "", ...config } = prepareEnvironment(env);
  const database = openDatabase(stage, env);
  return {
    origins: () => [against],
    database,
    credentials: credentialsBy({ ...config, SECRET_KEY }),
    kill: undefined,
    end: () => database.close(),
  };
}

/** Tokens for users, by the secret that a system has. */
export function credentialsBy(settings: Parameters<typeof createTokens>[0]): Credentials {
  const tokens = createTokens(settings);
  return async (claims) => ({ authorization: `Bearer ${await tokens.mintUser(claims, TOKEN_S)}` });
}
