// The part of `ws` that is used here.

declare module "ws" {
  import type { IncomingMessage } from "node:http";
  import type { Duplex } from "node:stream";

  export class WebSocket {
    static readonly OPEN: number;
    constructor(
      url: string,
      protocols?: readonly string[],
      options?: { readonly headers?: Readonly<Record<string, string>>; readonly autoPong?: boolean },
    );
    readonly readyState: number;
    readonly bufferedAmount: number;
    readonly protocol: string;
    send(text: string): void;
    ping(): void;
    pause(): void;
    resume(): void;
    close(code?: number, reason?: string): void;
    terminate(): void;
    on(event: "open" | "pong" | "ping", listener: () => void): this;
    on(event: "message", listener: (data: Buffer, binary: boolean) => void): this;
    on(event: "close", listener: (code: number, reason: Buffer) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    on(event: "unexpected-response", listener: (request: object, response: IncomingMessage) => void): this;
  }

  export class WebSocketServer {
    constructor(options: {
      readonly noServer: true;
      readonly clientTracking: false;
      readonly perMessageDeflate: false;
      readonly maxPayload: number;
      readonly handleProtocols: (protocols: Set<string>, request: IncomingMessage) => string | false;
    });
    handleUpgrade(
      request: IncomingMessage,
      connection: Duplex,
      first: Buffer,
      done: (socket: WebSocket) => void,
    ): void;
  }
}
