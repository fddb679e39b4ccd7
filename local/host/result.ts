// The HTTP reply of a function's result, as API Gateway reads it with payload format 2.0.
// Sources: AWS, "Create AWS Lambda proxy integrations for HTTP APIs in API Gateway"; what it does beyond that page is as AWS
// observed it for its own emulator (aws/aws-lambda-dotnet, Lambda Test Tool).

/** A complete reply. */
export interface HostReply {
  readonly status: number;
  /** By lower-case name, with the body's length. */
  readonly headers: Record<string, string | number | string[]>;
  readonly body: string | Buffer;
}

/** The result of a function can't be sent. */
export class ResultInvalid extends Error {
  readonly code = "result_invalid";

  constructor(what: string) {
    super(`The function's result has ${what}.`);
    this.name = "ResultInvalid";
  }
}

const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";

/** The server frames its replies and ends its connections itself. */
const FRAMING = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "transfer-encoding",
  "trailer",
  "upgrade",
]);

/**
 * The reply for `result`. An object with a `statusCode` is a reply; any other value is the body of a 200 as JSON, a text as it
 * is. @throws {ResultInvalid} where API Gateway answers 500.
 */
export function toReply(result: unknown): HostReply {
  if (!isStructured(result)) {
    const body = typeof result === "string" ? result : (JSON.stringify(result) ?? "null");
    return framed(200, { "content-type": JSON_TYPE }, body);
  }
  const { statusCode, body, isBase64Encoded } = result;
  const status = statusOf(statusCode);
  const headers = headersOf(result.headers);
  if (result.cookies !== undefined) headers["set-cookie"] = cookiesOf(result.cookies, headers["set-cookie"]);
  if (body === undefined || body === null || body === "") return framed(status, headers, "");
  if (typeof body !== "string") throw new ResultInvalid("a body that is no text");
  headers["content-type"] ??= TEXT_TYPE;
  return framed(status, headers, isBase64Encoded === true ? Buffer.from(body, "base64") : body);
}

/** The reply with the length of its body. By their status some have neither (RFC 9110, 15.3.5 and 15.4.5). */
function framed(status: number, headers: HostReply["headers"], body: string | Buffer): HostReply {
  if (status === 204 || status === 304) return { status, headers, body: "" };
  headers["content-length"] = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  return { status, headers, body };
}

interface Structured {
  readonly statusCode: unknown;
  readonly headers?: unknown;
  readonly cookies?: unknown;
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

const isStructured = (result: unknown): result is Structured =>
  typeof result === "object" && result !== null && "statusCode" in result && result.statusCode !== undefined;

/** A final status (RFC 9110, 15): a client would wait for another one after a 1xx. */
function statusOf(value: unknown): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= 200 && value <= 599) return value;
  throw new ResultInvalid("a status that is none");
}

function headersOf(given: unknown): Record<string, string | string[]> {
  const headers: Record<string, string | string[]> = {};
  if (given === undefined || given === null) return headers;
  if (typeof given !== "object" || Array.isArray(given)) throw new ResultInvalid("headers that are none");
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    const lower = name.toLowerCase();
    if (FRAMING.has(lower)) continue;
    headers[lower] = textOf(value, lower);
  }
  return headers;
}

function textOf(value: unknown, of: string): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  throw new ResultInvalid(`a value of ${of} that is no text`);
}

function cookiesOf(given: unknown, inHeaders: string | string[] = []): string[] {
  if (!Array.isArray(given)) throw new ResultInvalid("cookies that are no list");
  return [inHeaders, given].flat().map((each) => textOf(each, "cookies"));
}
