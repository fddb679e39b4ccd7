// Settings whose type follows from the ending of their name: checked here, whichever part of the system reads them.

import * as z from "zod";
import { MIN_SECRET_LENGTH } from "./secrets.ts";
import { httpUrl } from "./setting-types.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * No provider issues a shorter secret, so a shorter value was not meant as one. The message advises {@link MIN_SECRET_LENGTH}, which
 * is enough for a secret that is chosen here; one that a provider issued may have any length from this on.
 */
const FEWEST_CHARACTERS = 16;

const secret = z
  .string()
  .min(FEWEST_CHARACTERS, `must have at least ${MIN_SECRET_LENGTH} characters with DEBUG=False`);

/** Their types, by their names in `env`: `…_BASE_URL` is an http or https URL; `…_SECRET` can't be guessed, outside DEBUG. */
export const settingsByKind = (env: Environment, debug: boolean) =>
  z.object({
    ...typed(env, "_BASE_URL", httpUrl.optional()),
    ...(debug ? {} : typed(env, "_SECRET", secret.optional())),
  });

const typed = <T extends z.ZodType>(env: Environment, ending: string, type: T): Record<string, T> =>
  Object.fromEntries(
    Object.keys(env)
      .filter((name) => name.endsWith(ending))
      .map((name) => [name, type]),
  );
