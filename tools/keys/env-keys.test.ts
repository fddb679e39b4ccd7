import { describe, expect, test } from "@jest/globals";
import { createTokens } from "../../lib/auth/tokens.ts";
import { parseEnvText } from "../../local/shared/env-text.ts";
import { afterStep, keyIdsOf, type Step } from "./env-keys.ts";

const KEYS = ["a", "b", "c"].map((letter) => letter.repeat(40));
const [A = "", B = "", C = ""] = KEYS;
const start = `# Settings\nDEBUG=False\nSECRET_KEY=${A}\nPORT=1\n`;

/** The file after `steps`, with new keys b, c. */
function fileAfter(text: string, ...steps: readonly Step[]): string {
  const news = KEYS.slice(1);
  return steps.reduce((now, step) => afterStep(now, step, () => news.shift() ?? "?"), text);
}

const settingsOf = (text: string) => {
  const { SECRET_KEY, SECRET_KEY_FALLBACKS } = parseEnvText(text).values;
  return [SECRET_KEY, SECRET_KEY_FALLBACKS];
};

describe("the key of a file", () => {
  test.each<[string, readonly Step[], string, string]>([
    ["prepared: the new one is accepted only", ["prepare"], A, B],
    ["rotated: the new one signs, the old one is accepted", ["prepare", "rotate"], B, A],
    ["rotated at once", ["rotate"], B, A],
    ["finished: the new one alone", ["prepare", "rotate", "finish"], B, ""],
    ["rotated twice: the first signs again", ["rotate", "rotate"], A, B],
    ["rotated while one before is still accepted", ["rotate", "prepare", "rotate"], C, `${A},${B}`],
  ])("%s", (_, steps, current, fallbacks) => {
    expect(settingsOf(fileAfter(start, ...steps))).toEqual([current, fallbacks]);
  });

  test("is changed alone: other lines stay as they are", () => {
    expect(fileAfter(start, "rotate", "finish")).toBe(
      `# Settings\nDEBUG=False\nSECRET_KEY=${B}\nPORT=1\nSECRET_KEY_FALLBACKS=\n`,
    );
  });

  test("that is set twice is set once afterwards, where it counted", () => {
    const twice = `export SECRET_KEY="x"\nA=1\nSECRET_KEY='${A}' # why\n`;
    expect(settingsOf(fileAfter(twice, "prepare"))).toEqual([A, B]);
    expect(fileAfter(twice, "prepare").match(/SECRET_KEY=/g)).toHaveLength(1);
  });

  test("is not changed where there is none, and no fallback is removed that is not there", () => {
    for (const step of ["prepare", "rotate", "finish"] as const) {
      expect(() => fileAfter("DEBUG=True\nSECRET_KEY=\n", step)).toThrow("no SECRET_KEY");
    }
    expect(() => fileAfter(start, "finish")).toThrow("no fallback");
  });

  test("made anew is long, different each time, and its name tells nothing of it", () => {
    const [one, other] = [afterStep(start, "rotate"), afterStep(start, "rotate")];
    expect(settingsOf(one)[0]).toMatch(/^[\w-]{64}$/);
    expect(settingsOf(one)[0]).not.toBe(settingsOf(other)[0]);
    expect(keyIdsOf(one)).toHaveLength(2);
    expect(one).not.toContain(keyIdsOf(one)[0]);
  });
});

test("between any two neighbouring steps every process accepts what every other signs", async () => {
  const prepared = fileAfter(start, "prepare");
  const rotated = fileAfter(prepared, "rotate");
  const files = [start, prepared, rotated, fileAfter(rotated, "finish")];
  const processes = files.map((file) => {
    const { SECRET_KEY = "", SECRET_KEY_FALLBACKS = "" } = parseEnvText(file).values;
    const fallbacks = SECRET_KEY_FALLBACKS.split(",").filter((key) => key !== "");
    return createTokens({ SECRET_KEY, SECRET_KEY_FALLBACKS: fallbacks, TOKEN_AUDIENCE: "cfmp-order" });
  });
  for (const [at, one] of processes.entries()) {
    for (const other of processes.slice(Math.max(0, at - 1), at + 2)) {
      const service = await one.mintService("OrderService", "PaymentService");
      expect(await other.verifyService(service, "PaymentService")).toBe("OrderService");
      const user = await one.mintUser({ sub: "ann" }, 60);
      expect(await other.verifyUser(user)).toMatchObject({ id: "ann" });
    }
  }
  const [first, , , last] = processes;
  const old = await first?.mintUser({ sub: "ann" }, 60);
  await expect(last?.verifyUser(old ?? "")).rejects.toMatchObject({ code: "token_invalid" });
});

test("keys that are references are changed in their store, not in the file", () => {
  for (const line of ["SECRET_KEY=ssm:/key", `SECRET_KEY=${A}\nSECRET_KEY_FALLBACKS=ssm:/old`]) {
    for (const step of ["prepare", "rotate", "finish"] as const) {
      expect(() => afterStep(line, step)).toThrow(
        expect.objectContaining({
          code: "key_step",
          message: expect.stringContaining("change the key there"),
        }),
      );
    }
    expect(() => keyIdsOf(line)).toThrow("refers to secrets of AWS");
  }
});

test("keys that are in files of their own are changed there", () => {
  for (const line of ["SECRET_KEY=file:/key", `SECRET_KEY=${A}\nSECRET_KEY_FALLBACKS=file:/old`]) {
    for (const step of ["prepare", "rotate", "finish"] as const) {
      expect(() => afterStep(line, step)).toThrow("in files of their own: change them there");
    }
  }
});
