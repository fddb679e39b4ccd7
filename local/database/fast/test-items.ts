// Random items and keys. Few values, so that requests meet each other's items; some sort otherwise by code units than by bytes.

import fc from "fast-check";

const often = <T>(weight: number, arbitrary: fc.Arbitrary<T>) => ({ weight, arbitrary });

export const id = fc.constantFrom("a", "b", "c", "订单-1", "a/", "a~", "🙂", "\ud83d", "0000", "");
export const word = fc.constantFrom("ann", "bob", "ann#open", "张三", "");
export const moment = fc.constantFrom("1", "2", "2#a", "2#a\u0000", "2~", "3", "\uffff", "🙂", "9", "");
export const shard = fc.constantFrom("0", "parked#0");

/** A number as texts, in odd spellings too. */
export const number = fc.oneof(
  often(8, fc.constantFrom("1", "2", "3", "0", "-7", "123456789012345678901234567890")),
  often(1, fc.constantFrom("01", "1.0", "1e2", "-0", "+1", " 1", "", "NaN", "1".repeat(39), "1e126")),
);

const text = fc.oneof(
  often(4, fc.constantFrom('{"lines":[{"name":"乌龙茶"}]}', "", '\\"\n\u2028\u0000', "\ud800")),
  often(4, fc.string({ unit: "binary" })),
  often(
    1,
    fc.nat(3_000).map((length) => "界".repeat(length)),
  ),
);

/** An attribute of any type, some of them none that DynamoDB has. */
const attribute = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 3 },
    fc.record({ S: text }),
    fc.record({ N: number }),
    fc.record({ BOOL: fc.boolean() }),
    fc.constant({ NULL: true }),
    fc.record({ L: fc.array(tie("any"), { maxLength: 3 }) }),
    fc.record({
      M: fc.dictionary(fc.constantFrom("a", "7", "三", "constructor"), tie("any"), { maxKeys: 3 }),
    }),
    fc.record({ SS: fc.array(word, { maxLength: 2 }) }),
    fc.constantFrom({ B: "AAAA" }, { B: "x" }, {}, { S: "1", N: "1" }, { S: 1 }, { NULL: false }),
  ),
})).any;

const anItem = (more: Readonly<Record<string, fc.Arbitrary<unknown>>>) =>
  fc.record(
    {
      doc: fc.record({ S: text }),
      version: fc.record({ N: number }),
      schema_version: fc.constant({ N: "3" }),
      owner: fc.record({ S: word }),
      created: fc.record({ S: moment }),
      status: fc.record({ S: word }),
      due_shard: fc.record({ S: shard }),
      due_at: fc.record({ S: moment }),
      id: fc.record({ S: id }),
      user: fc.record({ S: id }),
      ...more,
    },
    { requiredKeys: ["id", "user"] },
  );

/** Most are as the services' items are: texts and numbers. */
export const item = fc.oneof(
  often(3, anItem({})),
  often(1, anItem({ lines: attribute, "7": attribute, amount: fc.record({ N: number }) })),
);
