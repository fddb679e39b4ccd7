// Paths as spans and logs name them.

/** Longer than any id, and shorter than tokens. */
const MOST_CHARACTERS = 64;
const SEGMENTS = /[^/]+/g;
const PLAIN = /^[\w.~-]*$/;

/**
 * `path`, with each segment that may be an address, a name or a token as `_`: ids have only letters and digits of ASCII, and `-`, `.`, `_` and `~`,
 * and few of them. Takes time in proportion to its length: it is whatever a client asks for.
 */
export const spanPath = (path: string): string => path.replace(SEGMENTS, shown);

const shown = (segment: string): string =>
  segment.length <= MOST_CHARACTERS && PLAIN.test(segment) ? segment : "_";
