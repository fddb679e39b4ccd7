// GetItem of one key: { TableName, Key: { <key>: { S } }, ConsistentRead: true }.

import { hasFields, LONGEST_HASH, textOf } from "./fields.ts";
import { hashPart } from "./keys.ts";
import type { Shape } from "./shape.ts";

const BEFORE = Buffer.from('{"Item":');
const AFTER = Buffer.from("}");

export const getItem: Shape = (request, { level, commits, table }) => {
  if (!hasFields(request, ["TableName", "Key", "ConsistentRead"]) || request["ConsistentRead"] !== true)
    return undefined;
  const plain = table(request["TableName"]);
  if (plain === undefined || !hasFields(request["Key"], [plain.key])) return undefined;
  const id = textOf(request["Key"][plain.key], LONGEST_HASH);
  if (id === undefined) return undefined;
  const key = plain.prefix + hashPart(id);
  const read = () => {
    const item = level.bytesSync(key);
    return item === undefined ? "{}" : Buffer.concat([BEFORE, item, AFTER]);
  };
  return (done) => {
    const earlier = commits.underWay((written) => written === key);
    if (earlier === undefined) done(null, read());
    else earlier.then(read).then((reply) => done(null, reply), done);
  };
};
