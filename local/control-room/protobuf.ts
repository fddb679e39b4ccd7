// OTLP's binary encoding, read into the shape of its JSON encoding: the fields that are used of trace.proto and logs.proto.
// https://protobuf.dev/programming-guides/encoding/, opentelemetry-proto 1.x

type Scalar = "string" | "hex" | "int" | "int64" | "bool" | "fixed64" | "double";
type Field = readonly [name: string, type: Scalar | Message, repeated?: "repeated"];
/** Fields by their numbers; others are skipped. */
type Message = Readonly<Record<number, Field>>;

const ANY_VALUE: Record<number, Field> = {
  1: ["stringValue", "string"],
  2: ["boolValue", "bool"],
  3: ["intValue", "int64"],
  4: ["doubleValue", "double"],
};
const KEY_VALUE: Message = { 1: ["key", "string"], 2: ["value", ANY_VALUE] };
ANY_VALUE[5] = ["arrayValue", { 1: ["values", ANY_VALUE, "repeated"] }];
ANY_VALUE[6] = ["kvlistValue", { 1: ["values", KEY_VALUE, "repeated"] }];
const ATTRIBUTES: Field = ["attributes", KEY_VALUE, "repeated"];
const RESOURCE: Field = ["resource", { 1: ATTRIBUTES }];

const SPAN: Message = {
  1: ["traceId", "hex"],
  2: ["spanId", "hex"],
  4: ["parentSpanId", "hex"],
  5: ["name", "string"],
  6: ["kind", "int"],
  7: ["startTimeUnixNano", "fixed64"],
  8: ["endTimeUnixNano", "fixed64"],
  9: ATTRIBUTES,
  15: ["status", { 3: ["code", "int"] }],
};
const LOG_RECORD: Message = {
  1: ["timeUnixNano", "fixed64"],
  2: ["severityNumber", "int"],
  3: ["severityText", "string"],
  5: ["body", ANY_VALUE],
  6: ATTRIBUTES,
  9: ["traceId", "hex"],
  10: ["spanId", "hex"],
  11: ["observedTimeUnixNano", "fixed64"],
};

/** `ExportTraceServiceRequest` */
export const TRACES: Message = {
  1: [
    "resourceSpans",
    { 1: RESOURCE, 2: ["scopeSpans", { 2: ["spans", SPAN, "repeated"] }, "repeated"] },
    "repeated",
  ],
};
/** `ExportLogsServiceRequest` */
export const LOGS: Message = {
  1: [
    "resourceLogs",
    { 1: RESOURCE, 2: ["scopeLogs", { 2: ["logRecords", LOG_RECORD, "repeated"] }, "repeated"] },
    "repeated",
  ],
};

/** @throws {RangeError} when `bytes` end within a field, are nested too deeply, or have a wire type that no message here has. */
export function decodeProtobuf(bytes: Buffer, message: Message): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (let at = 0; at < bytes.length; ) {
    const tag = varint(bytes, at);
    const end = endOf(bytes, tag.end, Number(tag.value & 7n));
    const field = message[Number(tag.value >> 3n)];
    if (field !== undefined) {
      const [name, type, repeated] = field;
      const value = valueOfField(bytes, tag.end, end, Number(tag.value & 7n), type);
      const before = result[name];
      if (repeated === undefined) result[name] = value;
      else if (Array.isArray(before)) before.push(value);
      else result[name] = [value];
    }
    at = end;
  }
  return result;
}

function varint(bytes: Buffer, from: number): { readonly value: bigint; readonly end: number } {
  let value = 0n;
  for (let at = from, shift = 0n; at < bytes.length && shift < 70n; at += 1, shift += 7n) {
    const byte = bytes.readUInt8(at);
    value |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return { value, end: at + 1 };
  }
  throw new RangeError("A number is cut off.");
}

function endOf(bytes: Buffer, from: number, wire: number): number {
  let end = Number.POSITIVE_INFINITY;
  if (wire === 0) end = varint(bytes, from).end;
  else if (wire === 1) end = from + 8;
  else if (wire === 5) end = from + 4;
  else if (wire === 2) {
    const length = varint(bytes, from);
    end = length.end + Number(length.value);
  }
  if (end > bytes.length) throw new RangeError("A field is cut off.");
  return end;
}

function valueOfField(
  bytes: Buffer,
  from: number,
  end: number,
  wire: number,
  type: Scalar | Message,
): unknown {
  if (wire === 0) {
    const { value } = varint(bytes, from);
    if (type === "bool") return value !== 0n;
    return type === "int64" ? String(BigInt.asIntN(64, value)) : Number(value);
  }
  if (wire === 1) return type === "double" ? bytes.readDoubleLE(from) : String(bytes.readBigUInt64LE(from));
  if (wire !== 2) return undefined;
  const content = bytes.subarray(varint(bytes, from).end, end);
  if (typeof type === "object") return decodeProtobuf(content, type);
  return type === "hex" ? content.toString("hex") : content.toString();
}
