// BatchGetItem of keys of some tables: { RequestItems: { <table>: { Keys: [{ <key>: { S } }], ConsistentRead: true } } }.

import { hasFields, LONGEST_HASH, textOf } from "./fields.ts";
import { hashPart } from "./keys.ts";
import type { Access, Shape } from "./shape.ts";

/** DynamoDB's limit. */
const MOST_KEYS = 100;
/** DynamoDB ends a reply at 16 MB, dynalite at 1 MB of its own count, which is less than these bytes: then it answers. */
const MOST_BYTES = 1024 * 1024;

interface TableKeys {
  readonly name: string;
  /** In LevelDB. */
  readonly keys: readonly string[];
}

const COMMA = Buffer.from(",");

export const batchGetItem: Shape = (request, { level, commits, table }) => {
  const wanted = hasFields(request, ["RequestItems"]) ? keysOf(request["RequestItems"], table) : undefined;
  if (wanted === undefined) return undefined;
  const all = new Set(wanted.flatMap(({ keys }) => keys));
  const count = wanted.reduce((sum, { keys }) => sum + keys.length, 0);
  // dynalite refuses a key that is asked for twice.
  if (count > MOST_KEYS || all.size < count) return undefined;

  /** The reply; undefined where it is too long. */
  function read(): Buffer | undefined {
    const parts: Buffer[] = [];
    let bytes = 0;
    for (const [at, { name, keys }] of wanted?.entries() ?? []) {
      parts.push(Buffer.from(`${at === 0 ? '{"Responses":{' : "],"}${JSON.stringify(name)}:[`));
      let isFirst = true;
      for (const key of keys) {
        const item = level.bytesSync(key);
        if (item === undefined) continue;
        bytes += item.length;
        if (bytes > MOST_BYTES) return undefined;
        if (!isFirst) parts.push(COMMA);
        parts.push(item);
        isFirst = false;
      }
    }
    parts.push(Buffer.from(']},"UnprocessedKeys":{}}'));
    return Buffer.concat(parts);
  }

  return (done, pass) => {
    const answer = () => {
      const reply = read();
      if (reply === undefined) pass();
      else done(null, reply);
    };
    const earlier = commits.underWay((written) => all.has(written));
    if (earlier === undefined) answer();
    else earlier.then(answer).catch(done);
  };
};

function keysOf(items: unknown, table: Access["table"]): readonly TableKeys[] | undefined {
  if (typeof items !== "object" || items === null || Array.isArray(items)) return undefined;
  const wanted: TableKeys[] = [];
  for (const [name, asked] of Object.entries(items)) {
    const plain = table(name);
    if (plain === undefined || !hasFields(asked, ["Keys", "ConsistentRead"])) return undefined;
    const { Keys: keys, ConsistentRead: consistent } = asked;
    if (consistent !== true || !Array.isArray(keys) || keys.length === 0) return undefined;
    const found: string[] = [];
    for (const key of keys) {
      const id = hasFields(key, [plain.key]) ? textOf(key[plain.key], LONGEST_HASH) : undefined;
      if (id === undefined) return undefined;
      found.push(plain.prefix + hashPart(id));
    }
    wanted.push({ name, keys: found });
  }
  return wanted.length === 0 ? undefined : wanted;
}
