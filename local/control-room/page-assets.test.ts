import { gzipSync } from "node:zlib";
import { expect, test } from "@jest/globals";
import { bundlePage, PAGE_POLICY, pageAssets } from "./page-assets.ts";

test("the bundle has a script and a style sheet, is small, and names no other origin", async () => {
  const files = await bundlePage();
  expect([...files.keys()].toSorted()).toEqual(["/main.css", "/main.js"]);
  const sizes = [...files.values()].map((text) => gzipSync(text).length);
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(150 * 1024);
  expect(files.get("/main.css")).not.toMatch(/url\(|@import/);
});

test("it is made once, at the first request, and again after a failure", async () => {
  let made = 0;
  const assets = pageAssets(async () => {
    made += 1;
    if (made === 1) throw new Error("no esbuild");
    return new Map([["/main.js", "script"]]);
  });
  expect((await assets("/"))?.body).toContain('src="/main.js"');
  expect(made).toBe(0);
  await expect(assets("/main.js")).rejects.toThrow("no esbuild");
  expect(await assets("/main.js")).toEqual({ type: "text/javascript; charset=utf-8", body: "script" });
  await assets("/main.css");
  expect(made).toBe(2);
  expect(await assets("/page/main.tsx")).toBeUndefined();
});

test("the page's policy lets nothing run that is not its own", () => {
  expect(PAGE_POLICY).toContain("default-src 'none'");
  expect(PAGE_POLICY).not.toMatch(/unsafe|https?:|\*/);
});
