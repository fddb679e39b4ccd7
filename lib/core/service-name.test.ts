import { expect, test } from "@jest/globals";
import { logFileName, portVariable, shortName, urlVariable } from "./service-name.ts";

test.each([
  ["OrderService", "ORDER_SERVICE_PORT", "ORDER_SERVICE_URL", "order-service.log", "order"],
  [
    "GiftCardService",
    "GIFT_CARD_SERVICE_PORT",
    "GIFT_CARD_SERVICE_URL",
    "gift-card-service.log",
    "gift-card",
  ],
])("what is named after %s", (service, port, url, logFile, name) => {
  expect([portVariable(service), urlVariable(service), logFileName(service), shortName(service)]).toEqual([
    port,
    url,
    logFile,
    name,
  ]);
});
