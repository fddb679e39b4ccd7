// The names of a new service and everything derived from them, or why they are refused.

import { loadConfig } from "../../lib/config/env.ts";

/** Names and ports that are already used. */
export interface Existing {
  readonly services: readonly {
    readonly key: string;
    readonly port: number;
    readonly contract: { readonly service: string };
  }[];
  /** Names of files and folders in functions/. */
  readonly entries: readonly string[];
  /**
   * The places in lib/ where `npm run check` would find this service's names, as `file:line: name`: a service can't be
   * called by a word that the shared code uses.
   */
  inSharedCode(key: string, service: string): readonly string[];
}

export interface Wanted {
  readonly key: string;
  /** Name of its aggregate, in the singular: `gift-card`. */
  readonly aggregate?: string | undefined;
  readonly port?: string | undefined;
}

export interface NewService {
  /** Folder, path and table: `shipping`. */
  readonly key: string;
  /** Name in the registry: `ShippingService`. */
  readonly service: string;
  /** The words of the aggregate's name: `gift card`. */
  readonly aggregate: readonly string[];
  readonly port: number;
}

/** A name or port that a service can't have. */
export class NameRefused extends Error {
  readonly code = "name_refused";
}

/** Words that are already paths or options of the system. */
const RESERVED = ["api", "docs", "gateway", "health", "internal", "openapi"];
/** The key and the aggregate become names in TypeScript. */
const KEYWORDS =
  "await break case catch class const continue debugger default delete do else enum export extends false finally for " +
  "function if implements import in instanceof interface let new null package private protected public return static " +
  "super switch this throw true try typeof var void while with yield arguments async eval of undefined";
const TAKEN_WORDS = new Set([...RESERVED, ...KEYWORDS.split(" ")]);

/** The names of a new service. @throws {NameRefused} when one is invalid or already used. */
export function newService({ key, aggregate, port }: Wanted, existing: Existing): NewService {
  if (!/^[a-z][a-z0-9]{2,14}$/.test(key)) {
    refuse(
      `"${key}" is no name for a service: one word of 3 to 15 lower-case letters or digits, such as shipping.`,
    );
  }
  if (TAKEN_WORDS.has(key)) refuse(`"${key}" has a meaning of its own here; call the service otherwise.`);
  if (existing.entries.includes(key)) refuse(`functions/${key} exists already.`);
  const service = `${capital(singular(key))}Service`;
  const twin = existing.services.find(
    (one) => one.key === key || one.contract.service.toLowerCase() === service.toLowerCase(),
  );
  if (twin) refuse(`${twin.contract.service} exists already: functions/${twin.key}.`);
  const [place] = existing.inSharedCode(key, service);
  if (place !== undefined) {
    refuse(
      `"${key}" is a word in the code of lib/, which must not name a service (${place}); choose another name.`,
    );
  }
  return { key, service, aggregate: aggregateOf(key, aggregate), port: portOf(port, existing) };
}

function aggregateOf(key: string, given: string | undefined): readonly string[] {
  const aggregate = given ?? (singular(key) === key ? `${key}-record` : singular(key));
  if (
    !/^[a-z][a-z0-9]*(-[a-z0-9]+){0,2}$/.test(aggregate) ||
    aggregate.length > 20 ||
    TAKEN_WORDS.has(aggregate)
  ) {
    refuse(`"${aggregate}" is no name for what it keeps: up to three lower-case words, such as gift-card.`);
  }
  if (aggregate === key) refuse(`What the service keeps needs a name of its own, other than "${key}".`);
  return aggregate.split("-");
}

function portOf(given: string | undefined, { services }: Existing): number {
  const port = given === undefined ? Math.max(...services.map((one) => one.port)) + 1 : Number(given);
  if (!/^\d+$/.test(given ?? "0") || port < 1 || port > 65_535)
    refuse(`"${given}" is no port from 1 to 65535.`);
  const { GATEWAY_PORT, DB_PORT, MAIL_SMTP_PORT, MAIL_PAGE_PORT } = loadConfig({});
  const others = new Map<number | undefined, string>([
    [GATEWAY_PORT, "the gateway"],
    [DB_PORT, "the database"],
    [8848, "the registry"],
    [MAIL_SMTP_PORT, "the mail catcher"],
    [MAIL_PAGE_PORT, "the mail catcher's page"],
    ...services.map((one): [number, string] => [one.port, one.contract.service]),
  ]);
  const holder = others.get(port);
  if (holder !== undefined) refuse(`Port ${port} is that of ${holder}; give another one with --port.`);
  return port;
}

/** `orders` → `order`, `deliveries` → `delivery`; any other word is not changed. */
export const singular = (word: string): string =>
  /ies$/.test(word) ? word.replace(/ies$/, "y") : /[^su]s$/.test(word) ? word.slice(0, -1) : word;

/** `shipment` → `shipments`, `delivery` → `deliveries`. */
export const plural = (word: string): string =>
  /[^aeiou]y$/.test(word) ? word.replace(/y$/, "ies") : /(s|x|ch|sh)$/.test(word) ? `${word}es` : `${word}s`;

export const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);

/** `gift card` → `giftCard`. */
export const camel = ([first = "", ...others]: readonly string[]): string =>
  first + others.map(capital).join("");

function refuse(reason: string): never {
  throw new NameRefused(reason);
}
