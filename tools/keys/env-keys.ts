// Changes SECRET_KEY in the text of a .env file, in steps that leave every token valid.

import { randomBytes } from "node:crypto";
import { keyIdOf } from "../../lib/auth/keys.ts";
import { isReference } from "../../lib/config/references.ts";
import { textList } from "../../lib/config/setting-types.ts";
import { parseEnvText } from "../../local/shared/env-text.ts";
import { namesSecretFile } from "../../local/shared/secret-files.ts";

export const STEPS = ["prepare", "rotate", "finish"] as const;
export type Step = (typeof STEPS)[number];

/** A step that can't be done now; the message says why. */
export class KeyStepError extends Error {
  readonly code = "key_step";
}

/** The keys in a file, by their `kid`s; the first signs. */
export const keyIdsOf = (text: string): readonly string[] => {
  const { current, fallbacks } = keysOf(text);
  return [...(current === undefined ? [] : [current]), ...fallbacks].map(keyIdOf);
};

/**
 * The text after `step`: `prepare` adds a new key that is accepted but does not sign yet, `rotate` signs with the newest fallback (or
 * with a new key if there is none) and keeps the old one and all others as fallbacks, `finish` removes the fallbacks.
 * @throws {KeyStepError}
 */
export function afterStep(text: string, step: Step, random: () => string = newKey): string {
  const { current, fallbacks } = keysOf(text);
  if (current === undefined)
    throw new KeyStepError(
      "The file has no SECRET_KEY. Without one, the key of a DEBUG system is in its data folder.",
    );
  if (step === "prepare") return withKeys(text, current, [...fallbacks, random()]);
  if (step === "rotate")
    return withKeys(text, fallbacks.at(-1) ?? random(), [...fallbacks.slice(0, -1), current]);
  if (fallbacks.length === 0) throw new KeyStepError("There is no fallback to remove.");
  return withKeys(text, current, []);
}

/** As `openssl rand -base64 48` makes one, without characters that a URL or a list would need to escape. */
const newKey = (): string => randomBytes(48).toString("base64url");

/** @throws {KeyStepError} where a key is a reference, or in a file of its own: then the text is no key. */
function keysOf(text: string): { current: string | undefined; fallbacks: readonly string[] } {
  const { SECRET_KEY = "", SECRET_KEY_FALLBACKS = "" } = parseEnvText(text).values;
  if (namesSecretFile(SECRET_KEY) || namesSecretFile(SECRET_KEY_FALLBACKS))
    throw new KeyStepError(
      "The keys are in files of their own: change them there, in the steps of docs/guides/key-rotation.md.",
    );
  if (isReference(SECRET_KEY) || isReference(SECRET_KEY_FALLBACKS))
    throw new KeyStepError(
      "The file refers to secrets of AWS: change the key there, in the steps of docs/guides/key-rotation.md.",
    );
  return { current: SECRET_KEY || undefined, fallbacks: textList.parse(SECRET_KEY_FALLBACKS) };
}

function withKeys(text: string, current: string, fallbacks: readonly string[]): string {
  const one = withSetting(text, "SECRET_KEY", current);
  return withSetting(one, "SECRET_KEY_FALLBACKS", fallbacks.join(","));
}

/** The last line that sets `name` is the one that counts; all others of it go. */
function withSetting(text: string, name: string, value: string): string {
  const sets = new RegExp(`^\\s*(?:export\\s+)?${name}\\s*=`);
  const lines = text.replace(/\n$/, "").split("\n");
  const last = lines.findLastIndex((line) => sets.test(line));
  const line = `${name}=${value}`;
  if (last < 0) return `${[...lines, line].join("\n").replace(/^\n/, "")}\n`;
  return `${lines.flatMap((old, at) => (at === last ? [line] : sets.test(old) ? [] : [old])).join("\n")}\n`;
}
