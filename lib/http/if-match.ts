// `If-Match` (RFC 9110, 13.1.1): which states of a thing a change may be based on.

import { type DomainError, malformed } from "../core/domain-error.ts";

// One member of the list: an entity tag (RFC 9110, 8.8.3), or nothing. A tag may have commas within its quotes.
const MEMBER = /[ \t]*(?:(?<weak>W\/)?"(?<opaque>[\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)/y;

/**
 * The strong entity tags that `header` lists, without their quotes; undefined where any state will do (`*`, or no header).
 * Weak tags are left out: the comparison is a strong one, so they fit nothing, and a header of weak tags alone fits no state.
 * @throws {DomainError} malformed `if_match_invalid` for what is no list of entity tags.
 */
export function parseIfMatch(header: string | undefined): readonly string[] | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  const tags: string[] = [];
  let members = 0;
  for (MEMBER.lastIndex = 0; MEMBER.lastIndex < header.length; ) {
    const groups = MEMBER.exec(header)?.groups;
    if (groups === undefined) throw invalid();
    const { weak, opaque } = groups;
    if (opaque !== undefined) members += 1;
    if (opaque !== undefined && weak === undefined) tags.push(opaque);
  }
  if (members === 0) throw invalid();
  return tags;
}

const invalid = (): DomainError => malformed("if_match_invalid", 'Send If-Match as the ETag was given: "3".');
