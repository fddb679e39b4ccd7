// Every route of every contract against everybody who may knock. Run with DEBUG off and on: routes.test.ts, routes-debug.test.ts.

import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { services } from "../../../functions/services.ts";
import type { Route } from "../../../lib/contract/route.ts";
import { accessOf, type RequestParts, type Row, type Story } from "../../support/access/access.ts";
import { as, asService, FORGED, newPeople } from "../../support/access/callers.ts";
import { type InProcess, startInProcess } from "../../support/in-process.ts";
import { type Answer, type Headers, send } from "../../support/shop.ts";

const ROLES = ["buyer", "seller", "stranger"] as const;
/** Sellers say that they sell; whoever is named as one without it is a stranger. */
const SCOPES = { buyer: {}, seller: { scope: "sell" }, stranger: { scope: "sell" } };

/** Routes by which instances of one service call each other; no other service may. */
const AMONG_INSTANCES = ["offerLive"];

/** Defines the tests for `DEBUG` off or on. */
export async function routeSuite(debug: boolean): Promise<void> {
  const tried = await Promise.all(
    services.map(async ({ key, contract }) => ({ key, contract, access: await accessOf(key) })),
  );
  let world: InProcess;
  beforeAll(async () => {
    world = await startInProcess({
      DEBUG: debug ? "True" : "False",
      ALLOWED_HOSTS: "127.0.0.1,.shop.example",
    });
  });
  afterAll(() => world.cleanUp());

  const begin = (): Story => ({ urls: world.urls, urlOf: world.urlOf, people: newPeople() });

  test("every route of every contract has a row, and there is no other", () => {
    for (const { contract, access } of tried) {
      expect(Object.keys(access.rows).sort()).toEqual(Object.keys(contract.routes).sort());
    }
  });

  test("an internal route names services of this system as its callers, and no other route names any", () => {
    const names = services.map(({ contract: { service } }) => service);
    for (const { contract } of services) {
      for (const { id, access, callers = [] } of Object.values<Route>(contract.routes)) {
        expect([id, callers.length > 0]).toEqual([id, access === "service"]);
        expect(names).toEqual(expect.arrayContaining([...callers]));
        expect([id, callers.includes(contract.service)]).toEqual([id, AMONG_INSTANCES.includes(id)]);
      }
    }
  });

  /** The buyer's own data, which a refused request must not change. */
  const seen = (story: Story): Promise<unknown> => Promise.all(tried.map(({ access }) => access.seen(story)));

  describe.each(tried)("$key", ({ key, contract, access }) => {
    const ask = (route: Route, parts: RequestParts, credentials: Headers): Promise<Answer> =>
      send(route.method, `${world.urlOf(key)}${pathOf(route, parts)}`, parts.body, {
        ...parts.headers,
        ...credentials,
      });

    describe.each(Object.values<Route>(contract.routes).map((route) => ({ route, id: route.id })))(
      "$id",
      ({ route }) => {
        const row: Row = access.rows[route.id] ?? { prepare: () => ({}) };
        const hidden = route.debugOnly === true && !debug;
        const people = peopleOf(row, debug);
        /** What whoever is not let in at all is answered. */
        const refusal = row.anyone ?? (hidden ? 404 : 401);

        test.each(ROLES)("for the %s", async (role) => {
          const story = begin();
          const parts = await row.prepare(story);
          const before = await seen(story);
          const reply = await ask(route, parts, await as(story.people[role], SCOPES[role]));
          const expected = row.anyone ?? people?.[role] ?? 401;
          expect([reply.status, reply.body.code]).toEqual([expected, reply.body.code]);
          if (expected >= 400) {
            holdsBack(reply);
            expect(await seen(story)).toEqual(before);
          }
        });

        test("for who is named as seller and may not sell", async () => {
          const story = begin();
          const parts = await row.prepare(story);
          const before = await seen(story);
          const reply = await ask(route, parts, await as(story.people.seller));
          const expected = row.anyone ?? row.unscoped ?? people?.stranger ?? 401;
          expect([reply.status, reply.body.code]).toEqual([expected, reply.body.code]);
          if (expected >= 400) expect(await seen(story)).toEqual(before);
        });

        test.each(services.map(({ contract: { service } }) => service))("for %s", async (caller) => {
          const story = begin();
          const parts = await row.prepare(story);
          const reply = await ask(route, parts, await asService(caller, contract?.service ?? ""));
          const allowed = route.callers?.includes(caller) === true;
          const otherwise = route.access === "service" ? 403 : refusal;
          expect([reply.status, reply.body.code]).toEqual([
            allowed ? row.service : otherwise,
            reply.body.code,
          ]);
        });

        test("for nobody, by any forged key, without effect", async () => {
          const story = begin();
          const parts = await row.prepare(story);
          const before = await seen(story);
          for (const [name, forge] of Object.entries(FORGED)) {
            const reply = await ask(route, parts, await forge(story.people, contract?.service ?? ""));
            expect([name, reply.status]).toEqual([name, refusal]);
            if (refusal >= 400) holdsBack(reply);
            if (refusal === 401 && row.anyone === undefined)
              expect(reply.headers["www-authenticate"]).toMatch(/^Bearer realm="cfmp-order"/);
          }
          expect(await seen(story)).toEqual(before);
        });

        test("without any key", async () => {
          const story = begin();
          const parts = await row.prepare(story);
          const before = await seen(story);
          const reply = await ask(route, parts, {});
          // With DEBUG nobody in particular is the user "demo", who is a stranger here.
          const open = debug && route.access === "user";
          expect(reply.status).toBe(open ? people?.stranger : refusal);
          if (!open) expect(await seen(story)).toEqual(before);
        });

        test("with a bare UUID header", async () => {
          const story = begin();
          const parts = await row.prepare(story);
          const reply = await ask(route, parts, { uuid: story.people.buyer });
          const bare = row.unscoped === undefined ? people?.buyer : people?.stranger;
          expect(reply.status).toBe(debug && route.access === "user" ? bare : refusal);
        });

        test("under a host that is not served", async () => {
          const story = begin();
          const parts = await row.prepare(story);
          const credentials = await as(story.people.buyer);
          for (const host of ["rebound.example", "shop.example.evil.example", "127.0.0.1.nip.io"]) {
            expect(await ask(route, parts, { ...credentials, host })).toMatchObject({
              status: 400,
              body: { code: "host_not_allowed" },
            });
          }
        });
      },
    );
  });
}

function peopleOf(row: Row, debug: boolean) {
  const given = debug && row.debug !== undefined ? row.debug : row.people;
  return typeof given === "number" ? { buyer: given, seller: given, stranger: given } : given;
}

const pathOf = (route: Route, parts: RequestParts): string =>
  route.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(parts.params?.[name] ?? ""));

/** A refusal is a problem document that shows nothing of the inside. */
function holdsBack(reply: Answer): void {
  expect(reply.headers["content-type"]).toBe("application/problem+json");
  expect(JSON.stringify(reply.body)).not.toMatch(/node_modules|\.ts\b|\bat \w+ \(|dynamo|Storage/i);
}
