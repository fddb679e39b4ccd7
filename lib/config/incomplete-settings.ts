// Settings that mean something together only.

const PAIRS = [
  ["NACOS_USERNAME", "NACOS_PASSWORD"],
  ["DB_USER", "DB_PASSWORD"],
] as const;

type Paired = Readonly<Partial<Record<(typeof PAIRS)[number][number], string | undefined>>>;

/** What is set by half, a line each. */
export const incompleteSettings = (config: Paired): readonly string[] =>
  PAIRS.flatMap(([one, other]) => {
    if ((config[one] === undefined) === (config[other] === undefined)) return [];
    const [missing, given] = config[one] === undefined ? [one, other] : [other, one];
    return [`${missing} is missing: ${given} needs it`];
  });
