// A receiver of traces by OTLP/HTTP with JSON, as small as a test needs one.

import { createServer } from "node:http";
import * as z from "zod";
import { listen, portOf } from "./free-ports.ts";

const value = z.object({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: z.string().optional(),
  doubleValue: z.number().optional(),
});
const attributes = z.array(z.object({ key: z.string(), value }));
const id = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`));
const nanoseconds = z.string().regex(/^\d{19}$/);
const span = z.strictObject({
  traceId: id(32),
  spanId: id(16),
  parentSpanId: id(16).optional(),
  name: z.string().min(1),
  kind: z.int().min(1).max(5),
  startTimeUnixNano: nanoseconds,
  endTimeUnixNano: nanoseconds,
  attributes,
  status: z.strictObject({ code: z.literal(2) }).optional(),
});
const request = z.strictObject({
  resourceSpans: z.array(
    z.strictObject({
      resource: z.strictObject({ attributes }),
      scopeSpans: z.array(
        z.strictObject({ scope: z.strictObject({ name: z.string() }), spans: z.array(span) }),
      ),
    }),
  ),
});

export interface ReceivedSpan extends Omit<z.infer<typeof span>, "attributes"> {
  readonly service: string;
  readonly attributes: Readonly<Record<string, string | number | boolean | undefined>>;
}

export interface OtlpReceiver {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be. */
  readonly url: string;
  /** All so far. */
  readonly spans: readonly ReceivedSpan[];
  /** Bodies as they came. */
  readonly bodies: readonly string[];
  /** Statuses of the next answers; 200 after that. */
  readonly statuses: number[];
  close(): Promise<void>;
}

/** Starts a receiver on loopback. It answers 400 to what is not OTLP. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = [];
  const bodies: string[] = [];
  const statuses: number[] = [];
  const server = createServer((incoming, reply) => {
    let text = "";
    incoming.setEncoding("utf8").on("data", (part: string) => {
      text += part;
    });
    incoming.on("end", () => {
      const status = statuses.shift() ?? 200;
      const wanted = incoming.url === "/v1/traces" && incoming.headers["content-type"] === "application/json";
      const read = wanted ? request.safeParse(JSON.parse(text)) : undefined;
      if (status === 200) bodies.push(text);
      if (status === 200 && read?.success === true) spans.push(...spansOf(read.data));
      reply
        .writeHead(read?.success === true ? status : 400, { "content-type": "application/json" })
        .end("{}");
    });
  });
  await listen(server);
  return {
    url: `http://127.0.0.1:${portOf(server)}`,
    spans,
    bodies,
    statuses,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const spansOf = ({ resourceSpans }: z.infer<typeof request>): ReceivedSpan[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(({ spans }) =>
      spans.map((one) => ({
        ...one,
        service: String(valuesOf(resource.attributes)["service.name"]),
        attributes: valuesOf(one.attributes),
      })),
    ),
  );

const valuesOf = (list: z.infer<typeof attributes>) =>
  Object.fromEntries(
    list.map(({ key, value: { stringValue, boolValue, intValue, doubleValue } }) => [
      key,
      stringValue ?? boolValue ?? (intValue === undefined ? doubleValue : Number(intValue)),
    ]),
  );
