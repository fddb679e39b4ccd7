// The pages that show the table of clients: docs/registry.md in full, the READMEs in short.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { clients } from "./clients.ts";
import { cellsOf, summaryOf, type Table, tableOf } from "./table.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const REGISTRY = "docs/registry.md";
const SUMMARIES: Readonly<Record<string, readonly string[]>> = {
  "README.md": ["language", "package", "versions", "protocol", "embedded registry", "Nacos 3.1.0"],
  "README.zh-CN.md": ["语言", "软件包", "版本", "协议", "内嵌注册中心", "Nacos 3.1.0"],
};
/** How a table of clients begins, in its language. */
const BEGINNING = /^\| (language|语言) /;

/** The table in docs/registry.md. @throws {Error} when it has another form. */
export async function readTable(): Promise<Table> {
  const lines = linesOf(await readPage(REGISTRY), REGISTRY).filter((line) => !line.startsWith("| --"));
  return tableOf(
    lines.map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    ),
  );
}

/** By its path, each page with `table` in it, as it should be. */
export async function pagesWith(table: Table): Promise<ReadonlyMap<string, string>> {
  const pages = new Map<string, string>();
  const tables = [
    [REGISTRY, cellsOf(table, clients)] as const,
    ...Object.entries(SUMMARIES).map(([path, head]) => [path, [head, ...summaryOf(table, clients)]] as const),
  ];
  for (const [path, cells] of tables) {
    const page = await readPage(path);
    pages.set(
      path,
      page.replace(linesOf(page, path).join("\n"), () => markdownOf(cells)),
    );
  }
  return pages;
}

export const readPage = (path: string): Promise<string> => readFile(join(root, path), "utf8");

/** Writes the table to every page. */
export async function writeTable(table: Table): Promise<void> {
  for (const [path, page] of await pagesWith(table)) await writeFile(join(root, path), page);
}

function linesOf(page: string, path: string): string[] {
  const lines = page.split("\n");
  const begin = lines.findIndex((line) => BEGINNING.test(line));
  const length = lines.slice(begin).findIndex((line) => !line.startsWith("|"));
  if (begin < 0 || length < 0) throw new Error(`${path} has no table of clients`);
  return lines.slice(begin, begin + length);
}

function markdownOf([head = [], ...rows]: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, index) => Math.max(...all.map((row) => widthOf(row[index] ?? ""))));
  const padded = (cell: string, index: number) => cell + " ".repeat((widths[index] ?? 0) - widthOf(cell));
  const lineOf = (row: readonly string[]) => `| ${row.map(padded).join(" | ")} |`;
  return [head, widths.map((width) => "-".repeat(width)), ...rows].map(lineOf).join("\n");
}

/** Chinese characters are two columns wide. */
const widthOf = (text: string): number => text.length + (text.match(/\p{Script=Han}/gu)?.length ?? 0);
