// The table of services and addresses that is printed after the start.

export interface BannerRow {
  readonly name: string;
  readonly url: string;
  readonly registered: boolean;
}

export interface BannerExtra {
  readonly name: string;
  readonly value: string;
}

/** What stands behind the address of the embedded registry; `grpcPort` is null where that port could not be had. */
export function registryNote(grpcPort: number | null | undefined): string {
  if (grpcPort === undefined) return "(embedded)";
  if (grpcPort === null) return "(embedded; no gRPC, helper.log says why)";
  return `(embedded; gRPC on ${grpcPort})`;
}

/** The table as text. `tookMs`: duration of the start in milliseconds. */
export function banner(rows: readonly BannerRow[], extras: readonly BannerExtra[], tookMs: number): string {
  const head = ["service", "url", "registered", "docs"];
  const cells = rows.map(({ name, url, registered }) => [
    name,
    url,
    registered ? "yes" : "not yet",
    `${url}/docs/`,
  ]);
  const label = Math.max(...extras.map(({ name }) => name.length), 0);
  return [
    "",
    ...(rows.length > 0 ? [...table([head, ...cells]), ""] : []),
    ...extras.map(({ name, value }) => `  ${name.padEnd(label)}  ${value}`),
    "",
    `Ready in ${(tookMs / 1000).toFixed(1)} s. Ctrl-C stops.`,
  ].join("\n");
}

function table(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join("  ")}`.trimEnd(),
  );
}
