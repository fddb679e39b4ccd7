// Settings that mean something together only.

const PAIRS = [
  ["NACOS_USERNAME", "NACOS_PASSWORD"],
  ["DB_USER", "DB_PASSWORD"],
] as const;

/** What `env` sets by half, a line each. */
export const incompleteSettings = (env: Readonly<Record<string, string | undefined>>): readonly string[] =>
  PAIRS.flatMap(([one, other]) => {
    const isGiven = (name: string) => (env[name] ?? "") !== "";
    if (isGiven(one) === isGiven(other)) return [];
    const [missing, given] = isGiven(other) ? [one, other] : [other, one];
    return [`${missing} is missing: ${given} needs it`];
  });
