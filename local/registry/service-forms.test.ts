import { beforeEach, expect, test } from "@jest/globals";
import { ServiceForms } from "./service-forms.ts";
import { type Service, ServiceTable } from "./service-table.ts";
import { testInstance } from "./test-instance.ts";

const id = { namespace: "public", group: "DEFAULT_GROUP", name: "OrderService" };
let table: ServiceTable;
let forms: ServiceForms<number>;
let made: number;
beforeEach(() => {
  let now = 0;
  table = new ServiceTable({ clock: () => (now += 1) });
  table.register(id, testInstance(7001));
  forms = new ServiceForms();
  made = 0;
});
const service = (): Service => {
  const found = table.find(id);
  if (found === undefined) throw new Error("It is registered");
  return found;
};
const form = (name: string): number =>
  forms.get(service(), name, () => {
    made += 1;
    return made;
  });

test("a form is made once until the service changes", () => {
  expect([form("a"), form("a"), form("b"), form("a")]).toEqual([1, 1, 2, 1]);
  table.register(id, testInstance(7002));
  expect(form("a")).toBe(3);
});

test("a client that asks for ever new forms has no more than sixteen of them kept", () => {
  for (let n = 0; n < 16; n += 1) form(`form ${n}`);
  expect(form("form 0")).toBe(1);
  expect(form("one more")).toBe(17);
  expect(form("form 0")).toBe(18);
  expect(form("one more")).toBe(17);
});
