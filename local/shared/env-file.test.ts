import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { loadEnvFiles } from "./env-file.ts";
import { StartUpError } from "./start-up-error.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cfmp-env-"));
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const write = (name: string, content: string | Buffer) => writeFileSync(join(folder, name), content);
function loaded(env: NodeJS.ProcessEnv = {}, stage?: string): NodeJS.ProcessEnv {
  loadEnvFiles(env, { folder, stage });
  return env;
}

describe("the settings of a folder", () => {
  test("are those of .env, if there is one", () => {
    expect(loaded()).toEqual({});
    write(".env", "A=1\nB=2\n");
    expect(loaded()).toEqual({ A: "1", B: "2" });
  });

  test("do not replace what is set, not even what is set to nothing", () => {
    write(".env", "A=1\nB=2\nC=3\n");
    expect(loaded({ A: "9", B: "" })).toEqual({ A: "9", B: "", C: "3" });
  });

  test("are those of the stage's own file alone, where it has one", () => {
    write(".env", "A=1\nB=2\n");
    write(".env.prod", "A=3\n");
    write(".env.dev", "A=4\n");
    expect(loaded({}, "prod")).toEqual({ A: "3" });
    expect(loaded({}, "staging")).toEqual({ A: "1", B: "2" });
    expect(loaded()).toEqual({ A: "4" });
  });

  test("are named by the file that has them, where a start is refused", () => {
    const message = () => new StartUpError("x", "Set A in .env, as .env.example has it.").message;
    write(".env", "A=1\n");
    loaded();
    expect(message()).toBe("Set A in .env, as .env.example has it.");
    write(".env.prod", "A=3\n");
    loaded({}, "prod");
    expect(message()).toBe("Set A in .env.prod, as .env.example has it.");
  });

  test("are not looked for outside the folder", () => {
    for (const stage of ["../x", "a/b", "", "a b"])
      expect(() => loaded({}, stage)).toThrow(expect.objectContaining({ code: "stage_invalid" }));
  });

  test.each([
    ["a folder", () => mkdirSync(join(folder, ".env"))],
    ["UTF-16, as PowerShell writes it", () => write(".env", Buffer.from("\ufeffA=1\r\n", "utf16le"))],
    ["GBK", () => write(".env", Buffer.from([0x41, 0x3d, 0xd5, 0xc5]))],
    ["binary", () => write(".env", "A=a\0b")],
  ])("are refused in one line when .env is %s", (_, make) => {
    make();
    expect(() => loaded()).toThrow(
      expect.objectContaining({
        code: "env_file_unreadable",
        message: expect.stringContaining(".env can't be read"),
      }),
    );
  });

  test("are warned of on standard error by file and line", () => {
    const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    write(".env", "A=1\nB 2\n");
    expect(loaded()).toEqual({ A: "1" });
    expect(said.mock.calls).toEqual([
      [`${join(folder, ".env")}, line 2 is not NAME=value, and is left out.\n`],
    ]);
    // `npm start` reads them before osls does.
    loaded();
    expect(said.mock.calls).toHaveLength(1);
  });
});
