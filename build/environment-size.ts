// The size of functions' environments, of which Lambda takes 4 KB: AWS refuses what is larger in the middle of a deployment.
// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html

/** Bytes that Lambda takes, counted in the JSON of names and values. */
export const MAX_ENVIRONMENT_BYTES = 4_096;

/** Stands in for what only CloudFormation knows, such as the stack's URL: as long as the longest of these. */
const RESOLVED_LATER = "https://0123456789.execute-api.cn-northwest-1.amazonaws.com.cn";

/** How many settings a complaint names. */
const NAMED = 4;

export type FunctionEnvironment = Readonly<Record<string, unknown>>;

/**
 * A line for each environment in `functions` (by the function's name) that is too large; `shared` is in all of them. A
 * reference to a secret counts by its own text, so an environment with references may be larger than it seems here.
 */
export function oversizedEnvironments(
  functions: Readonly<Record<string, FunctionEnvironment>>,
  shared: FunctionEnvironment,
): readonly string[] {
  const namesOf = new Map<string, string[]>();
  for (const [name, own] of Object.entries(functions)) {
    const json = JSON.stringify(texts({ ...shared, ...own }));
    if (Buffer.byteLength(json) > MAX_ENVIRONMENT_BYTES)
      namesOf.set(json, [...(namesOf.get(json) ?? []), name]);
  }
  return [...namesOf].map(([json, [first = "", ...more]]) => {
    const who = more.length === 0 ? first : `${first} and ${more.length} more`;
    return (
      `The environment of ${who} has ${Buffer.byteLength(json)} bytes, and Lambda takes ${MAX_ENVIRONMENT_BYTES}. ` +
      `The largest settings: ${largest(JSON.parse(json)).join(", ")}`
    );
  });
}

/** The names of the largest settings, with their bytes; never their values. */
const largest = (environment: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(environment)
    .map(([name, value]) => ({ name, bytes: Buffer.byteLength(JSON.stringify(value)) - 2 }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, NAMED)
    .map(({ name, bytes }) => `${name} (${bytes})`);

const texts = (environment: FunctionEnvironment): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(environment).map(([name, value]) => [
      name,
      typeof value === "object" && value !== null ? RESOLVED_LATER : String(value ?? ""),
    ]),
  );
