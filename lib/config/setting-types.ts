// What a setting may be: each turns the text of an environment variable into a value, or says what it must be.

import * as z from "zod";
import { isUnspecified, parseHost } from "../core/host.ts";
import { parseNacosAddress } from "../nacos/address.ts";
import { headersIn } from "../observability/otlp/header-list.ts";

const YES = ["True", "true", "1", "on"] as const;
const NO = ["False", "false", "0", "off"] as const;

export const flag = (fallback: boolean) =>
  z
    .enum([...YES, ...NO], "must be True or False")
    .default(fallback ? "True" : "False")
    .transform((value) => YES.some((yes) => yes === value));

/** One of `values`, the first if it is not set. */
export const oneOf = <const Values extends readonly [string, ...string[]]>(...values: Values) =>
  z.enum(values, `must be one of ${values.join(", ")}`);

export const integer = (fallback: number, min: number, max: number) =>
  z
    .string()
    .regex(/^\d{1,15}$/, `must be a whole number from ${min} to ${max}`)
    .default(String(fallback))
    .transform(Number)
    .refine((value) => value >= min && value <= max, `must be a whole number from ${min} to ${max}`);

/** A number from 0 to 1. */
export const share = (fallback: number) =>
  z
    .string()
    .regex(/^(0?\.\d{1,15}|0|1(\.0{1,15})?)$/, "must be a number from 0 to 1, such as 0.25")
    .default(String(fallback))
    .transform(Number);

/** A port that is `fallback` when it is not set. */
export const port = (fallback: number) => integer(fallback, 1, 65_535);

/** A port, or undefined for `off` and `0`. */
export const portOrOff = (fallback: number) =>
  z
    .string()
    .default(String(fallback))
    .refine((value) => value === "off" || isPortOrZero(value), "must be a port from 1 to 65535, or off")
    .transform((value) => Number(value === "off" ? 0 : value) || undefined);

const isPortOrZero = (value: string): boolean => /^\d{1,5}$/.test(value) && Number(value) <= 65_535;

/** A URL with one of `schemes`; no user name, since a URL is shown where it fails. */
const url = (schemes: readonly string[], allowUser: boolean) => {
  const message = `must be a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(" or ")}`;
  return z
    .string()
    .refine((value) => isUrl(value, schemes), message)
    .refine(
      (value) => allowUser || !isUrl(value, schemes) || new URL(value).username === "",
      "must not hold a user name",
    );
};

const isUrl = (value: string, schemes: readonly string[]): boolean =>
  URL.canParse(value) &&
  new URL(value).hostname !== "" &&
  schemes.some(
    (scheme) => value.toLowerCase().startsWith(`${scheme}://`) && value.charAt(scheme.length + 3) !== "/",
  );

export const httpUrl = url(["http", "https"], false);

/** A URL to which a path is appended. */
export const baseUrl = httpUrl.refine(
  (value) => !/[?#]/.test(value),
  "must have neither a query nor a fragment, since a path is appended to it",
);

/** Headers as {@link headersIn} takes them. The message does not show them: they may hold a key. */
export const headerList = z
  .string()
  .refine(
    (value) => headersIn(value).every((header) => header !== undefined),
    "must be name=value, comma-separated, values percent-encoded, such as authorization=Bearer%20…",
  );

export const smtpUrl = url(["smtp", "smtps"], true);

/** A name or an address, without scheme and port. */
export const host = z.string().transform((value, context) => {
  const parsed = parseHost(value);
  if (parsed !== undefined) return parsed;
  context.addIssue({
    code: "custom",
    message: "must be a host name or an IP address, without scheme and port",
  });
  return z.NEVER;
});

/** A host that others can connect to. */
export const reachableHost = host.refine(
  (value) => !isUnspecified(value),
  "must be an address that others can connect to, not the one for all interfaces",
);

const entriesOf = (list: string): string[] =>
  list
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");

/** Texts, comma-separated; none if it is not set. */
export const textList = z.string().default("").transform(entriesOf);

/** An id that somebody else has given: printable characters without spaces, so that none comes with it when it is copied. */
export const givenId = z.string().regex(/^[\x21-\x7e]+$/, "must be the id alone, without spaces");

/** Origins of web pages, comma-separated, as browsers write them: `https://shop.example`, `http://localhost:3000`. */
export const origins = z
  .string()
  .default("")
  .transform(entriesOf)
  .refine(
    (entries) => entries.every((entry) => /^https?:/.test(entry) && URL.parse(entry)?.origin === entry),
    "must be origins, scheme://host[:port] without a path, such as https://shop.example",
  );

/** Patterns of hosts, comma-separated, as {@link hostFits} takes them; none if it is not set. */
export const hostPatterns = z
  .string()
  .default("")
  .transform((value, context) => {
    const entries = entriesOf(value);
    const patterns = entries.map(hostPattern);
    const wrong = entries.find((_, index) => patterns[index] === undefined);
    if (wrong === undefined) return patterns.filter((pattern) => pattern !== undefined);
    const message = `must be host names without scheme and port, .name for all below it, or * (${JSON.stringify(wrong)} is none)`;
    context.addIssue({ code: "custom", message });
    return z.NEVER;
  });

function hostPattern(entry: string): string | undefined {
  if (entry === "*") return entry;
  if (!entry.startsWith(".")) return parseHost(entry);
  const name = parseHost(entry.slice(1));
  return name && `.${name}`;
}

/** To `host:port`, with `https://` in front where TLS is used; undefined for `off`. */
export const nacosServer = z.string().transform((value, context) => {
  if (value === "off") return undefined;
  const address = parseNacosAddress(value);
  if (address !== undefined) return address.text;
  context.addIssue({
    code: "custom",
    message: "must be host:port, for example 127.0.0.1:8848, or https://host:port, or off",
  });
  return z.NEVER;
});

/** An identifier as Nacos takes them. */
export const nacosName = z
  .string()
  .regex(/^[\w.:-]{1,128}$/, "must be 1 to 128 letters, digits, '.', ':', '_' or '-'");

/** A mail address, alone or after a name: `Shop <shop@shop.example>`. */
export const mailbox = z
  .string()
  .regex(
    /^([^<>\r\n]*<[^<>\s@]+@[^<>\s@]+>|[^<>\s@]+@[^<>\s@]+)$/,
    "must be an address, as in Shop <shop@shop.example>",
  );

export const optionalText = z.string().optional();
