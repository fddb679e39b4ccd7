import { expect, test } from "@jest/globals";
import { Accounts, type AccountsOptions, TOKEN_TTL_S } from "./account.ts";

const account = { username: "nacos", password: "s3cret" };
const KEY = Buffer.alloc(32, 1);
let now = 1_800_000_000_000;
const accounts = (options: Partial<AccountsOptions> = {}) =>
  new Accounts({ account, key: KEY, clock: () => now, ...options });

const refused = expect.objectContaining({ status: 403, code: "access_denied" });

test("a token is valid until its time is over", () => {
  const { accessToken, tokenTtl, username } = accounts().login(account);
  expect({ username, tokenTtl }).toEqual({ username: "nacos", tokenTtl: TOKEN_TTL_S });
  now += (TOKEN_TTL_S - 1) * 1_000;
  expect(() => accounts().check({ token: accessToken })).not.toThrow();
  now += 1_000;
  expect(() => accounts().check({ token: accessToken })).toThrow(refused);
});

test("a token is valid after a restart, but not with another password or another key", () => {
  const { accessToken: token } = accounts().login(account);
  expect(() => accounts().check({ token })).not.toThrow();
  expect(() => accounts({ account: { ...account, password: "new" } }).check({ token })).toThrow(refused);
  expect(() => accounts({ key: Buffer.alloc(32, 2) }).check({ token })).toThrow(refused);
});

test.each([
  ["none", undefined],
  ["one that is no token", "nonsense"],
  ["one without a signature", `${Buffer.from('{"alg":"none"}').toString("base64url")}.e30.`],
  ["dots", ".."],
])("a request with %s is refused", (_, token) => {
  expect(() => accounts().check({ token })).toThrow(refused);
});

test("a token whose content was changed is refused", () => {
  const [header, , signature] = accounts().login(account).accessToken.split(".");
  const payload = Buffer.from(JSON.stringify({ sub: "nacos", exp: 9e12 })).toString("base64url");
  expect(() => accounts().check({ token: `${header}.${payload}.${signature}` })).toThrow(refused);
});

test.each([
  { username: "nacos", password: "wrong" },
  { username: "other", password: "s3cret" },
  { username: "nacos", password: "" },
  { username: "nacos" },
  { password: "s3cret" },
  {},
])("%j does not log in, nor does a request that carries it pass", (credentials) => {
  expect(() => accounts().login(credentials)).toThrow(refused);
  expect(() => accounts().check(credentials)).toThrow(refused);
});

test("the account itself may be sent instead of a token, but not to mend a wrong one", () => {
  expect(() => accounts().check(account)).not.toThrow();
  expect(() => accounts().check({ ...account, token: "nonsense" })).toThrow(refused);
});

test("without an account everybody gets a token, and nobody needs one", () => {
  const free = accounts({ account: undefined });
  const { accessToken } = free.login({ username: "anybody", password: "anything" });
  for (const token of [accessToken, "nonsense", undefined]) expect(() => free.check({ token })).not.toThrow();
  expect(() => free.login({ username: "anybody" })).toThrow(refused);
});
