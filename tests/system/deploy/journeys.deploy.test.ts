// The journeys of docs/parity.md on the deployed stack. The mails of its functions arrive here.

import { afterAll, beforeAll } from "@jest/globals";
import { credentialsBy } from "../../support/system-under-test.ts";
import { describeJourneys } from "../parity/journeys.ts";
import { MailServer } from "./mail-server.ts";

const url = process.env["TEST_DEPLOY_URL"] ?? "";
const mails = new MailServer();
beforeAll(() => mails.listen());
afterAll(() => mails.close());

describeJourneys(() => ({
  urls: { orders: url, payments: url, notifications: url },
  pages: { orders: `${url}/orders`, payments: `${url}/payments`, notifications: `${url}/notifications` },
  sandboxSecret: process.env["SANDBOX_SECRET"] ?? "",
  credentials: credentialsBy(process.env["SECRET_KEY"] ?? ""),
  mailsTo: async (address) => mails.to(address),
}));
