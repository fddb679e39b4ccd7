// Who uses the shop in a demo, and what they buy: drawn from lists, with ids of their own in each run.

import { randomUUID } from "node:crypto";
import { formatAmount } from "../../lib/money/money.ts";
import type { Person } from "./client.ts";

const NAMES = [
  "张三",
  "李四",
  "王芳",
  "赵敏",
  "Ada Chen",
  "Grace Wu",
  "Omar Haddad",
  "Lena Vogt",
  "Ivo Costa",
  "Mei Lin",
];
const SELLERS = ["Tea House", "Paper & Ink", "Bright Lamps", "Old Records"];
const GOODS = [
  ["Green tea, 250 g", 6_800],
  ["Notebook", 1_250],
  ["Desk lamp", 19_900],
  ["Headphones", 45_900],
  ["Fountain pen", 12_999],
  ["Record", 8_500],
] as const;
const CURRENCIES = ["CNY", "CNY", "CNY", "EUR", "USD"] as const;

/** Makes headers for a user with these claims. */
export type Credentials = (claims: {
  readonly sub: string;
  readonly email?: string;
  readonly scope?: string;
  readonly locale?: string;
}) => Promise<Readonly<Record<string, string>>>;

export interface People {
  /** The buyer of the next order: people come back some times. */
  buyer(): Promise<Person>;
  /** Undefined for an order without one. */
  seller(): Person | undefined;
  /** May refund any payment. */
  readonly support: Person;
  /** Is no party of anything. */
  readonly stranger: Person;
}

const SOLD = 0.8;
const MAILED = 0.7;
const RETURNS = 0.8;

/** The people of one run. */
export async function gather(credentials: Credentials, random: () => number): Promise<People> {
  const person = async (name: string, claims: Omit<Parameters<Credentials>[0], "sub">): Promise<Person> => {
    const id = randomUUID();
    const { email } = claims;
    return { id, name, email, headers: await credentials({ sub: id, ...claims }) };
  };
  const sellers = await Promise.all(SELLERS.map((name) => person(name, { scope: "sell" })));
  const [support, stranger] = await Promise.all([
    person("Support", { scope: "refund" }),
    person("Somebody else", {}),
  ]);
  let last: Person | undefined;
  return {
    support,
    stranger,
    seller: () => (random() < SOLD ? drawn(sellers, random) : undefined),
    async buyer() {
      if (last !== undefined && random() < RETURNS) return last;
      const locale = random() < 0.5 ? "zh-CN" : "en";
      const email = random() < MAILED ? { email: `${randomUUID()}@shop.example` } : {};
      last = await person(drawn(NAMES, random), { locale, ...email });
      return last;
    },
  };
}

/** The body of an order for one to three goods. */
export function basket(buyer: Person, seller: Person | undefined, random: () => number): object {
  const items = Array.from({ length: 1 + Math.floor(random() * 3) }, () => {
    const [name, price] = drawn(GOODS, random);
    const quantity = 1 + Math.floor(random() * 2);
    return {
      product_id: name.toLowerCase().replace(/\W+/g, "-"),
      name,
      unit_price: formatAmount(price),
      quantity,
    };
  });
  return {
    customer_name: buyer.name,
    currency: drawn(CURRENCIES, random),
    items,
    ...(seller === undefined ? {} : { seller_id: seller.id }),
    shipping: { name: buyer.name, phone: "13800000000", address: "1 Market Street" },
  };
}

/** One of `among`, which is not empty. */
function drawn<T>(among: readonly T[], random: () => number): T {
  const one = among[Math.floor(random() * among.length)];
  if (one === undefined) throw new Error("There is nothing to draw from");
  return one;
}
