// The new row in functions/services.ts.

import { camel, type NewService } from "./names.ts";

const END = /\n\];\n$/;

/**
 * The text of functions/services.ts with a row for `service`, the last one.
 * @throws {Error} when the list is not where it is expected.
 */
export function withRow(text: string, { key, port, aggregate }: NewService): string {
  const relay = `${camel(aggregate)}Relay`;
  const lastImport = text.lastIndexOf("\nimport ");
  if (!END.test(text) || lastImport < 0) throw new Error("functions/services.ts does not end with its list.");
  const after = text.indexOf("\n", lastImport + 1) + 1;
  const imports = [
    `import { ${key} } from "./${key}/contract.ts";`,
    `import { ${relay} } from "./${key}/relays.ts";`,
    `import { tables as ${key}Tables } from "./${key}/tables.ts";`,
  ];
  const row = `
  {
    key: "${key}",
    contract: ${key},
    port: ${port},
    tables: ${key}Tables,
    relays: [${relay}],
    aggregates: async () => (await import("./${key}/aggregates.ts")).aggregates,
    personalData: async () => (await import("./${key}/personal-data.ts")).personalData,
    stateMachines: async () => (await import("./${key}/state-machines.ts")).stateMachines,
  },
];
`;
  return `${text.slice(0, after)}${imports.join("\n")}\n${text.slice(after)}`.replace(END, row);
}
