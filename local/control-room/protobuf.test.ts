import { expect, test } from "@jest/globals";
import { decodeSpans } from "./otlp.ts";
import { decodeProtobuf, TRACES } from "./protobuf.ts";

/** A span of "django", as the official definitions (Python `opentelemetry-proto` 1.x) serialize it. */
const REQUEST = Buffer.from(
  "0acc010a1a0a180a0c736572766963652e6e616d6512080a06646a616e676f12ad010a030a017812a5010a100af7651916cd43dd8448eb211c80319c" +
    "1208b7ad6b7169203331220800f067aa0ba902b72a0b474554202fe8aea2e58d9530023900ca853dfe9c97174100ab7b43fe9c97174a100a016e120b" +
    "18fbffffffffffffffff014a100a0362696712091880808080808080104a080a026f6b120210014a110a0468616c66120921000000000000e03f4a0f" +
    "0a046c69737412072a050a030a017860037a021802850101010000",
  "hex",
);

test("a span in protobuf is read as the same span in JSON", () => {
  expect(decodeSpans(decodeProtobuf(REQUEST, TRACES))).toEqual({
    items: [
      {
        trace_id: "0af7651916cd43dd8448eb211c80319c",
        span_id: "b7ad6b7169203331",
        parent_span_id: "00f067aa0ba902b7",
        service: "django",
        instance: null,
        name: "GET /订单",
        kind: "server",
        started_at: 1_700_000_000_123.456,
        duration_ms: expect.closeTo(100, 3),
        failed: true,
        attributes: { n: -5, big: 2 ** 53, ok: true, half: 0.5, list: '["x"]' },
      },
    ],
    malformed: 0,
  });
});

test("a message that is cut off anywhere is refused, or has less in it; nothing worse", () => {
  for (let length = 0; length < REQUEST.length; length += 1) {
    const decode = () => decodeSpans(decodeProtobuf(REQUEST.subarray(0, length), TRACES)).items;
    if (length === 0) expect(decode()).toEqual([]);
    else expect(decode).toThrow(RangeError);
  }
});

test.each(["07", "ffffffffffffffffffffff", "0affffffffffffffff7f"])("%s is refused", (hex) => {
  expect(() => decodeProtobuf(Buffer.from(hex, "hex"), TRACES)).toThrow(RangeError);
});
