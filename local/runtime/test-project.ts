// A project as osls gives it, of the functions in test-functions.ts: for tests of a service's listener.

import type { FunctionDefinition, Serverless } from "../shared/serverless-types.ts";

const FOLDER = import.meta.dirname;

const on = (...routes: readonly string[]) =>
  routes.map((route) => {
    const [method, path] = route.split(" ");
    return { httpApi: { method, path } };
  });

const FUNCTIONS: Readonly<Record<string, FunctionDefinition>> = {
  "test-echo": {
    handler: "test-functions.echo",
    name: "project-dev-test-echo",
    events: on(
      "GET /things/",
      "POST /things/",
      "GET /things/fixed/",
      "GET /things/{id}/",
      "PUT /things/{id}/",
      "DELETE /things/{id}/",
      "POST /things/{id}/parts/{part}/",
      "GET /things.json",
      "GET /files/{name}",
    ),
  },
  "test-result": {
    handler: "test-functions.result",
    name: "project-dev-test-result",
    timeout: 3,
    memorySize: 256,
    events: on("GET /results/{name}/", "POST /results/{name}/"),
  },
  "test-fallback": {
    handler: "test-functions.echo",
    name: "project-dev-test-fallback",
    events: [{ httpApi: "*" }],
  },
};

/** Its functions by key. */
export const testFunctions = (): Readonly<Record<string, FunctionDefinition>> => structuredClone(FUNCTIONS);

/** The project, with the settings of serverless.yml that matter to serverless-offline. */
export function testProject(): Serverless {
  const service = {
    service: "project",
    functions: testFunctions(),
    provider: {
      name: "aws",
      stage: "dev",
      region: "us-east-1",
      runtime: "nodejs24.x",
      architecture: "arm64",
      timeout: 15,
      memorySize: 512,
      httpApi: { payload: "2.0", cors: false },
    },
    custom: {
      "serverless-offline": {
        useInProcess: true,
        noTimeout: true,
        noPrependStageInUrl: true,
        disableCookieValidation: true,
      },
    },
    resources: { Resources: {} },
    getAllFunctions(this: { functions: object }) {
      return Object.keys(this.functions);
    },
    getFunction(this: { functions: Readonly<Record<string, FunctionDefinition>> }, key: string) {
      return this.functions[key];
    },
    getAllEventsInFunction(this: { functions: Readonly<Record<string, FunctionDefinition>> }, key: string) {
      return this.functions[key]?.events;
    },
  };
  const config = { servicePath: FOLDER, serverlessPath: FOLDER };
  return Object.assign(
    { service, config },
    {
      serviceDir: FOLDER,
      processedInput: { commands: ["offline", "start"] },
      configSchemaHandler: { validateConfig: async () => {} },
    },
  );
}
