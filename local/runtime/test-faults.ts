// Faults of a host, to show that the comparison with serverless-offline finds them.

/** A fault as it would look from outside: what it makes of an event, and of a result. */
export interface Fault {
  readonly event: (event: unknown) => unknown;
  readonly result: (result: unknown) => unknown;
}

type Members = Record<string, unknown>;

const isObject = (value: unknown): value is Members => typeof value === "object" && value !== null;
const same = (value: unknown): unknown => value;

/** A fault in the member `name` of every event that has it. */
const inEvent = (name: string, spoil: (value: unknown) => unknown): Fault => ({
  event: (event) => (isObject(event) && name in event ? { ...event, [name]: spoil(event[name]) } : event),
  result: same,
});

/** The values of an object's members that are texts, each spoilt. */
const eachText =
  (spoil: (text: string) => string) =>
  (value: unknown): unknown =>
    Object.fromEntries(
      Object.entries(isObject(value) ? value : {}).map(([name, text]) => [name, spoil(String(text))]),
    );

export const FAULTS: Readonly<Record<string, Fault>> = {
  "repeated query values are lost but for the first": inEvent(
    "queryStringParameters",
    eachText((text) => text.replace(/,.*/, "")),
  ),
  "repeated headers are lost but for the last": inEvent(
    "headers",
    eachText((text) => text.replace(/^1,2,/, "")),
  ),
  "path parameters are decoded twice": inEvent(
    "pathParameters",
    eachText((text) => (/%[2-7]\d/.test(text) ? decodeURIComponent(text) : text)),
  ),
  "the path is not decoded": inEvent("rawPath", (path) => encodeURI(String(path))),
  "bodies are cut": inEvent("body", (body) => String(body).slice(0, 1_000)),
  "base64 is not marked": inEvent("isBase64Encoded", () => false),
  "a header of a reply is lost": {
    event: same,
    result: (result) => {
      if (!isObject(result) || !isObject(result["headers"])) return result;
      const { "x-own": _lost, ...headers } = Object.fromEntries(
        Object.entries(result["headers"]).map(([name, value]) => [name.toLowerCase(), value]),
      );
      return { ...result, headers };
    },
  },
  "a status is another one": {
    event: same,
    result: (result) =>
      isObject(result) && result["statusCode"] === 201 ? { ...result, statusCode: 200 } : result,
  },
};
