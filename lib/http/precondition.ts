// `If-Match` and `If-None-Match` (RFC 9110, 13.1): the revisions for which a request is valid.

import { malformed, stale } from "../core/domain-error.ts";
import type { Reply } from "./reply.ts";

/** The conditions of a request; `tag` is the current revision's entity tag, a strong one, without quotes. */
export interface Precondition {
  /** Whether a change of this revision is allowed: it is one of `If-Match` and none of `If-None-Match`. */
  allowsChange(tag: string): boolean;
  /** Whether a read accepts this revision: it is one of `If-Match`. */
  wants(tag: string): boolean;
  /** Whether the client already has this revision (`If-None-Match`). */
  has(tag: string): boolean;
}

interface PreconditionHeaders {
  readonly "if-match"?: string | undefined;
  readonly "if-none-match"?: string | undefined;
}

/**
 * The precondition in `headers`. `*` matches every revision. `If-Match` uses the strong comparison, in which a weak tag matches
 * nothing; `If-None-Match` uses the weak one, in which `W/"3"` matches `"3"`.
 * @throws {DomainError} malformed `if_match_invalid`, `if_none_match_invalid` when a header is not a list of entity tags.
 */
export function preconditionOf(headers: PreconditionHeaders): Precondition {
  const match = tagsOf("If-Match", headers["if-match"], ({ weak }) => !weak);
  const noneMatch = tagsOf("If-None-Match", headers["if-none-match"], () => true);
  const wants = (tag: string) => match === undefined || fits(match, tag);
  const has = (tag: string) => noneMatch !== undefined && fits(noneMatch, tag);
  return { wants, has, allowsChange: (tag) => wants(tag) && !has(tag) };
}

/**
 * `reply` to a read, or 304 without a body when the client already has this revision.
 * @throws {DomainError} stale `revision_stale` when the read accepts other revisions only.
 */
export function conditionalReply(precondition: Precondition, reply: Reply): Reply {
  const etag = reply.headers?.["etag"];
  if (reply.status !== 200 || etag === undefined) return reply;
  const tag = etag.slice(1, -1);
  if (!precondition.wants(tag)) throw stale("revision_stale", `It has changed; its ETag is ${etag}.`);
  return precondition.has(tag) ? { status: 304, body: undefined, headers: { etag } } : reply;
}

type Tags = "*" | ReadonlySet<string>;

const fits = (tags: Tags, tag: string): boolean => tags === "*" || tags.has(tag);

interface EntityTag {
  readonly opaque: string;
  readonly weak: boolean;
}

// One member of the list: an entity tag (RFC 9110, 8.8.3), or nothing. A tag may have commas within its quotes.
const MEMBER = /[ \t]*(?:(?<weak>W\/)?"(?<opaque>[\x21\x23-\x7e\x80-\xff]*)"[ \t]*)?(?:,|$)/y;

/** The tags of a header for which `counts` is true; undefined without that header. */
function tagsOf(
  name: "If-Match" | "If-None-Match",
  header: string | undefined,
  counts: (tag: EntityTag) => boolean,
): Tags | undefined {
  if (header === undefined) return undefined;
  if (header.trim() === "*") return "*";
  const tags = entityTags(header);
  if (tags !== undefined) return new Set(tags.filter(counts).map(({ opaque }) => opaque));
  const code = `${name.toLowerCase().replaceAll("-", "_")}_invalid`;
  throw malformed(code, `Send ${name} as the ETag was given: "3".`);
}

/** The entity tags that `header` lists; undefined where it is no such list. */
function entityTags(header: string): readonly EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  for (MEMBER.lastIndex = 0; MEMBER.lastIndex < header.length; ) {
    const groups = MEMBER.exec(header)?.groups;
    if (groups === undefined) return undefined;
    const { weak, opaque } = groups;
    if (opaque !== undefined) tags.push({ opaque, weak: weak !== undefined });
  }
  return tags.length > 0 ? tags : undefined;
}
