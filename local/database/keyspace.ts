// How tables lie in LevelDB: an item, a tag and an index entry each have a prefix of their own.

/** Before the keys of all items, of every table. */
export const ITEMS = "item-";

/** Before the keys of a table's items; the value is the item as JSON text. */
export const itemPrefix = (table: string): string => `${ITEMS}${table}~`;

export const tagPrefix = (table: string): string => `tag-${table}~`;

/** Before the keys of all index entries of a table; `kind` is `local` or `global`. */
export const indexesPrefix = (kind: string, table: string): string => `index-${kind.toLowerCase()}~${table}~`;

/** Before the keys of one index's entries. */
export const indexPrefix = (kind: string, table: string, index: string): string =>
  `${indexesPrefix(kind, table)}${index}~`;

/**
 * The key of an index entry. dynalite's index keys end in 24 bits of a hash of the item's key, so two items may share one; with
 * the whole key of the item behind it, no entry hides another.
 */
export const entryKey = (indexKey: string, ofItem: string): string => `${indexKey}/${ofItem}`;

/**
 * Whether an index entry's value is a projected copy of its item. Else it is the key of its item, which starts with a hex digit:
 * an index of whole items refers to them, so that one item is written and not one for each index.
 */
export const isCopy = (entry: string): boolean => entry.startsWith("{");
