// Derived sections in hand-written files, each between two comments.

const begin = (name: string): string => `# Made by npm run generate: ${name}`;
const end = (name: string): string => `# End of ${name}`;

/**
 * `text` with its section `name` replaced by `lines`, indented like the comment that begins the section.
 * @throws {Error} when the text has no such section.
 */
export function withSection(text: string, name: string, lines: readonly string[]): string {
  const all = text.split("\n");
  const from = all.findIndex((line) => line.trim() === begin(name));
  const to = all.findIndex((line, index) => index > from && line.trim() === end(name));
  if (from < 0 || to < 0) throw new Error(`There is no section between "${begin(name)}" and "${end(name)}".`);
  const indent = /^ */.exec(all[from] ?? "")?.[0] ?? "";
  const body = lines.map((line) => (line === "" ? line : `${indent}${line}`));
  return [...all.slice(0, from + 1), ...body, ...all.slice(to)].join("\n");
}
