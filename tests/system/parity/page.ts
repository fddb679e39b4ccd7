// docs/parity.md: which target has taken which journey.

/** A column: what the journeys go through. */
interface Column {
  readonly name: string;
  /** What runs there, and what it leans on. */
  readonly meaning: string;
  /** The command whose tests they are. */
  readonly command: string;
}

const columns = {
  laptop: {
    name: "laptop",
    meaning: "`npm start`: embedded registry, database and mail catcher",
    command: "npm test -- tests/system/journeys/main-journey",
  },
  servers: {
    name: "real servers",
    meaning: "`npm start` with a real Nacos 3.1.0 by gRPC and a real DynamoDB Local",
    command: "npm run test:nacos",
  },
  aws: {
    name: "AWS emulator",
    meaning: "the deployed stack on MiniStack, which enforces the permissions of its roles",
    command: "npm run test:deploy",
  },
  image: {
    name: "image",
    meaning: "what the Dockerfile makes, as containers start it: a service each, as a user without rights",
    command: "npm run test:servers",
  },
} as const satisfies Record<string, Column>;

export type ColumnKey = keyof typeof columns;

/** The titles of the journeys that passed, by the column; undefined where none was tried. */
type Results = Readonly<Partial<Record<ColumnKey, ReadonlySet<string>>>>;

export const passedAll = (titles: readonly string[], results: Results): boolean =>
  titles.length > 0 && keys.every((key) => titles.every((title) => results[key]?.has(title)));

export const keys = Object.keys(columns).filter((key): key is ColumnKey => key in columns);

/** The table as lines of Markdown: `✓`, `✗`, or `–` for what was not tried. */
export function table(titles: readonly string[], results: Results): readonly string[] {
  const cell = (key: ColumnKey, title: string) => {
    const passed = results[key];
    if (passed === undefined) return "–";
    return passed.has(title) ? "✓" : "✗";
  };
  return aligned([
    ["journey", ...keys.map((key) => columns[key].name)],
    ...titles.map((title) => [title, ...keys.map((key) => cell(key, title))]),
  ]);
}

/** The page, for which each journey of these `titles` has passed everywhere. */
export function page(titles: readonly string[]): string {
  const all = new Set(titles);
  const green = Object.fromEntries(keys.map((key) => [key, all]));
  return `# Parity

The same journeys, without a change, wherever the system runs: \`tests/system/parity\` has them, and each column is a target that they take.

${table(titles, green).join("\n")}

${aligned([
  ["target", "what runs", "whose tests they are"],
  ...keys.map((key) => [columns[key].name, columns[key].meaning, `\`${columns[key].command}\``]),
]).join("\n")}

\`npm run test:parity\` takes all of them on all targets and prints the table (Java 17 with Maven, Python 3.10; the image needs Linux and root).
\`-- --only laptop,aws\` takes some, \`-- --write\` writes this page if all have passed. The image is made by the Dockerfile's steps in an empty folder;
with \`TEST_IMAGE_ROOT=<folder>\` an unpacked image is run instead ([how](guides/servers.md#what-is-proven)).

Not in the table, because a target does not have it: WebSocket and Web Push (the emulator has no WebSocket APIs), what only \`DEBUG\` has, several
instances of a service, and webhooks to an address of this machine, which are for \`DEBUG\` only.
`;
}

/** Rows of a table of Markdown, padded as the project's formatter pads them. */
function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  const line = (row: readonly string[]) =>
    `| ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)];
}
