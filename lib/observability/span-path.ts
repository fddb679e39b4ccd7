// Paths as spans name them.

/** `path`, with each segment that may be an address or a name as `_`: ids have only letters and digits of ASCII, and `-`, `.`, `_` and `~`. */
export const spanPath = (path: string): string => path.replace(/[^/]*[^/\w.~-][^/]*/g, "_");
