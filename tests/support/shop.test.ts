import { expect, test } from "@jest/globals";
import { services } from "../../functions/services.ts";
import { SERVICE_KEYS, SERVICE_NAMES } from "./shop.ts";

test("the services that the suites drive have the keys and names of the list of services", () => {
  const names = new Map(services.map(({ key, contract }) => [key, contract.service]));
  expect(SERVICE_KEYS.map((key) => names.get(key))).toEqual(SERVICE_KEYS.map((key) => SERVICE_NAMES[key]));
});
