// Finds misspelt settings in the environment, which would otherwise have no effect without any message.

export interface Misspelt {
  readonly name: string;
  /** The setting that was probably meant. */
  readonly meant: string;
}

/** Those of `names` that differ from one of `settings` by one or two typing errors; short names are skipped, since they match by chance. */
export function misspelt(names: readonly string[], settings: readonly string[]): readonly Misspelt[] {
  const known = new Set(settings);
  return names
    .filter((name) => !known.has(name))
    .flatMap((name) => {
      const upper = name.toUpperCase();
      const meant = settings.find((setting) => isNearly(upper, setting));
      return meant === undefined ? [] : [{ name, meant }];
    });
}

function isNearly(name: string, setting: string): boolean {
  const allowed = setting.length < 6 ? 0 : setting.length < 9 ? 1 : 2;
  if (Math.abs(name.length - setting.length) > allowed || lettersDiffer(name, setting, allowed)) return false;
  return distance(name, setting, allowed) <= allowed;
}

/** Whether more than `limit` letters of `one` are not in `other`: each takes an error of its own. It spares nearly all distances. */
function lettersDiffer(one: string, other: string, limit: number): boolean {
  let different = 0;
  for (let index = 0; index < one.length && different <= limit; index += 1)
    if (!other.includes(one.charAt(index))) different += 1;
  return different > limit;
}

/**
 * Edit distance: letters left out, added, replaced or swapped with their neighbour (optimal string alignment). Of more than
 * `limit`, infinity: each name of the environment is compared with each setting at every start.
 */
function distance(one: string, other: string, limit: number): number {
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= other.length; j += 1) {
      const same = one[i - 1] === other[j - 1];
      const swapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      row.push(
        Math.min(
          (last[j] ?? 0) + 1,
          (row[j - 1] ?? 0) + 1,
          (last[j - 1] ?? 0) + (same ? 0 : 1),
          swapped ? (before[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
        ),
      );
    }
    // No cell of a later row is less than the least of this one.
    if (Math.min(...row) > limit) return Number.POSITIVE_INFINITY;
    before = last;
    last = row;
  }
  return last[other.length] ?? 0;
}
