// Figures and tables as Markdown.

import type { Estimate, Spread } from "../compare/ratios.ts";
import { type ByRole, sum } from "../processes.ts";

export const section = (title: string, ...parts: readonly string[]): string =>
  [`## ${title}`, ...parts].join("\n\n");

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [head, ...rows];
  const widths = head.map((_, column) => Math.max(3, ...all.map((row) => width(row[column] ?? ""))));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell + " ".repeat((widths[column] ?? 0) - width(cell))).join(" | ")} |`;
  return [line(head), line(widths.map((size) => "-".repeat(size))), ...rows.map(line)].join("\n");
}

const width = (text: string): number => [...text].length;

/** Three figures: `1234`, `12.3`, `1.23`, `0.012`. */
export const figure = (value: number): string => {
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 || size === 0 ? 2 : 3);
};

export const ms = (value: number): string => `${figure(value)} ms`;
export const mb = (value: number): string => `${value.toFixed(0)} MB`;
export const times = (value: number): string => `${value.toFixed(2)} ×`;
export const percent = (value: number): string => `${(value * 100).toFixed(value < 0.1 ? 1 : 0)} %`;

/** `0.50 × (0.48 to 0.55)`. */
export const ratio = ({ median, least, most }: Omit<Spread, "likely">): string =>
  `**${times(median)}** (${least.toFixed(2)} to ${most.toFixed(2)})`;

/** `**1.04 ×** (1.01–1.06; rounds 0.93–1.21)`: where the median most likely is, then the least and the most. */
export const likelyRatio = ({ median, least, most, likely: [low, high] }: Spread): string =>
  `**${times(median)}** (${low.toFixed(2)}–${high.toFixed(2)}; rounds ${least.toFixed(2)}–${most.toFixed(2)})`;

/** `**1.04 ×** (1.02–1.06; pairs 1.01–1.08, median 1.03)`: the mean, where it most likely is, then the least and the most, and the median. */
export function estimatedTimes({ mean, likely: [low, high], least, most, median }: Estimate): string {
  const where = Number.isFinite(high) ? `${low.toFixed(2)}–${high.toFixed(2)}` : "unknown";
  return `**${times(mean)}** (${where}; pairs ${least.toFixed(2)}–${most.toFixed(2)}, median ${median.toFixed(2)})`;
}

/** `+0.12 ± 0.03`: the mean and its standard error, if there is one. */
export function difference({ mean, standardError }: Estimate): string {
  const shown = mean.toFixed(2);
  const value = shown === "-0.00" ? "+0.00" : signed(shown);
  return Number.isFinite(standardError) ? `${value} ± ${standardError.toFixed(2)}` : value;
}

const signed = (shown: string): string => (shown.startsWith("-") ? shown.replace("-", "−") : `+${shown}`);

/** `343 MB (runtime 186, helper 82)`. */
export const memory = (values: ByRole): string =>
  `${mb(sum(values))} (${Object.entries(values)
    .map(([role, value]) => `${role} ${value}`)
    .join(", ")})`;
