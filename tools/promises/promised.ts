// The promises that README.md makes ("What it promises"), in its order. All checkers name them from this list.

export const PROMISES = ["money", "notified once", "durable", "one winner", "private", "mail"] as const;

export type Promised = (typeof PROMISES)[number];

/** A promise with its number in README.md: `1 money`. Other texts stay as they are. */
export function numbered(promise: string): string {
  const names: readonly string[] = PROMISES;
  const no = names.indexOf(promise) + 1;
  return no === 0 ? promise : `${no} ${promise}`;
}
