// Types for the part of serverless-offline that the local runtime uses; the package has none.

declare module "serverless-offline" {
  import type { Server } from "node:http";

  // biome-ignore lint/style/noDefaultExport: that is how the package exports it
  export default class ServerlessOffline {
    constructor(serverless: object, options: Readonly<Record<string, unknown>>, utils: object);
    /** Stops listening, and waits at most 5 s for what is running. */
    end(skipExit: boolean): Promise<void>;
    /** The steps of a start. */
    internals(): Internals;
  }

  interface Internals {
    mergeOptions(): void;
    getEvents(): { readonly lambdas: readonly object[]; readonly httpApiEvents: readonly object[] };
    createLambda(lambdas: readonly object[], skipStart: boolean): Promise<void>;
    createHttp(events: readonly object[], skipStart: boolean): Promise<void>;
    getApiGatewayServer(): HapiServer;
  }

  /** What is used of a hapi server (https://hapi.dev/api). */
  export interface HapiServer {
    readonly settings: { autoListen: boolean; readonly operations: { cleanStop: boolean } };
    /** Its events are how requests come in. */
    readonly listener: Server;
    start(): Promise<void>;
    ext(
      event: "onPreHandler" | "onPreResponse",
      method: (request: HapiRequest, h: HapiToolkit) => unknown,
    ): void;
  }

  export interface HapiRequest {
    /** The body's bytes, once they are read. */
    payload: unknown;
    readonly headers: Readonly<Record<string, string | undefined>>;
    readonly response: { readonly isBoom?: boolean; readonly output?: { readonly statusCode: number } };
  }

  export interface HapiToolkit {
    readonly continue: symbol;
    response(body: string): HapiResponse;
  }

  export interface HapiResponse {
    code(status: number): HapiResponse;
    header(name: string, value: string): HapiResponse;
  }
}
