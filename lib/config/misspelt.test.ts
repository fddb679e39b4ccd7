import { expect, test } from "@jest/globals";
import { misspelt } from "./misspelt.ts";

const SETTINGS = [
  "DEBUG",
  "HOST",
  "SECRET_KEY",
  "NACOS_SERVER",
  "DB_HOST",
  "LOG_LEVEL",
  "JWKS_URL",
  "DB_PASSWORD",
];

test.each([
  ["SECERT_KEY", "SECRET_KEY"],
  ["SECRETKEY", "SECRET_KEY"],
  ["SECRET_KEYS", "SECRET_KEY"],
  ["NACOS_SERVERS", "NACOS_SERVER"],
  ["nacos_server", "NACOS_SERVER"],
  ["DB_HSOT", "DB_HOST"],
  ["LOGLEVEL", "LOG_LEVEL"],
  ["JWKS_URI", "JWKS_URL"],
  ["DB_PASSWD", "DB_PASSWORD"],
  ["debug", "DEBUG"],
])("%s may be meant for %s", (name, meant) => {
  expect(misspelt([name], SETTINGS)).toEqual([{ name, meant }]);
});

test.each([
  "HOSTS",
  "HOSTNAME",
  "DEBUGGER",
  "DB_PORT",
  "NODE_ENV",
  "PATH",
  "LANG",
  "AWS_REGION",
  "SECRET_KEY",
  "",
])("%j is another variable", (name) => {
  expect(misspelt([name], SETTINGS)).toEqual([]);
});
