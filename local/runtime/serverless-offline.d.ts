// The part of serverless-offline that the local runtime uses; the package brings no types.

declare module "serverless-offline" {
  import type { ServerResponse } from "node:http";

  // biome-ignore lint/style/noDefaultExport: that is how the package exports it
  export default class ServerlessOffline {
    constructor(serverless: object, options: Readonly<Record<string, unknown>>, utils: object);
    /** Listens for HTTP, and for direct invocations. */
    start(): Promise<void>;
    /** Stops listening, and waits at most 5 s for what is running. */
    end(skipExit: boolean): Promise<void>;
    /** The hapi server of a started instance. */
    internals(): { getApiGatewayServer(): HapiServer };
  }

  /** What is used of a hapi server (https://hapi.dev/api). */
  export interface HapiServer {
    readonly events: { on(event: "response", listener: (request: HapiRequest) => void): void };
    ext(
      event: "onRequest" | "onPreResponse",
      method: (request: HapiRequest, h: HapiToolkit) => unknown,
    ): void;
  }

  export interface HapiRequest {
    readonly raw: { readonly res: ServerResponse };
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
    type(mime: string): HapiResponse;
  }
}
