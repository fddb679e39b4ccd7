// A client of the registry by gRPC: an instance, a subscriber, or both on one connection.

import { type ClientHttp2Stream, connect } from "node:http2";
import { FrameReader, frame } from "../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, REQUEST_PATH } from "../../lib/nacos/grpc/methods.ts";
import { decodePayload, encodePayload, payload } from "../../lib/nacos/grpc/payload.ts";
import { type GrpcTarget, openStream } from "../../lib/nacos/grpc-call.ts";
import { changeIn, SharedMessages } from "./changes.ts";
import type { Address } from "./http-clients.ts";

/** Nacos' clients ask as often when nothing else is sent. */
const HEALTH_CHECK_MS = 5_000;
const MAX_BYTES = 64 * 1024 * 1024;
/** Bytes that may be under way. The default of gRPC for Java. */
const WINDOW = 1024 * 1024;
/** Bytes before each message. */
const PREFIX = 5;

const message = (type: string, body: object): Buffer =>
  frame(encodePayload(payload(type, JSON.stringify(body), { clientIp: "127.0.0.1" })));
const HEALTH_CHECK = message("HealthCheckRequest", {});

const readPush = (bytes: Buffer) => {
  const { type, body } = decodePayload(bytes.subarray(PREFIX));
  const text = body.toString("utf8");
  const requestId = /"requestId":"(\d+)"/.exec(text)?.[1];
  const acknowledgement =
    requestId && message(type.replace("Request", "Response"), { requestId, resultCode: 200, success: true });
  return { change: changeIn(text), acknowledgement };
};
const pushes = new SharedMessages(readPush);

export class GrpcClient {
  readonly #target: GrpcTarget;
  readonly #onChange: (change: number | undefined) => void;
  readonly #onError: (error: unknown) => void;
  #stream: ClientHttp2Stream | undefined;
  #checks: NodeJS.Timeout | undefined;

  /** @param onError is called for each request that fails, and when the connection does. */
  constructor(
    port: number,
    onChange: (change: number | undefined) => void,
    onError: (error: unknown) => void,
  ) {
    const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: WINDOW } });
    session.once("connect", () => session.setLocalWindowSize(WINDOW));
    this.#target = { http2: session, authority: `127.0.0.1:${port}` };
    session.on("error", onError);
    this.#onChange = onChange;
    this.#onError = onError;
  }

  /** Sets up the connection; from now on the client asks regularly whether it is healthy. */
  async setUp(): Promise<void> {
    const stream = openStream(this.#target, BI_STREAM_PATH);
    this.#stream = stream;
    const reader = pushes.reader();
    const ready = Promise.withResolvers<void>();
    stream.on("error", this.#onError);
    stream.once("close", () => ready.reject(new Error("The stream was closed")));
    stream.on("data", (chunk: Buffer) => {
      for (const { change, acknowledgement } of reader(chunk)) {
        ready.resolve();
        if (acknowledgement) stream.write(acknowledgement);
        this.#onChange(change);
      }
    });
    stream.write(
      message("ConnectionSetupRequest", { clientVersion: "Nacos-Java-Client:v3.1.0", abilityTable: {} }),
    );
    await ready.promise;
    this.#checks = setInterval(() => this.#request(HEALTH_CHECK).catch(this.#onError), HEALTH_CHECK_MS);
  }

  async register(
    { serviceName, ip, port }: Address,
    metadata: Readonly<Record<string, string>>,
  ): Promise<void> {
    const instance = { ip, port, weight: 1, healthy: true, enabled: true, ephemeral: true, metadata };
    await this.#request(
      message("InstanceRequest", { namespace: "public", serviceName, type: "registerInstance", instance }),
    );
  }

  async subscribe(serviceName: string): Promise<void> {
    await this.#request(
      message("SubscribeServiceRequest", { namespace: "public", serviceName, subscribe: true, clusters: "" }),
    );
  }

  close(): void {
    clearInterval(this.#checks);
    this.#stream?.removeAllListeners("close");
    this.#target.http2.destroy();
  }

  /** @throws {Error} when the registry refuses. */
  #request(bytes: Buffer): Promise<void> {
    return new Promise((resolve, reject) => {
      const stream = openStream(this.#target, REQUEST_PATH);
      const reader = new FrameReader(MAX_BYTES);
      let text = "";
      stream.on("data", (chunk: Buffer) => {
        for (const bytes of reader.read(chunk)) text = decodePayload(bytes).body.subarray(-20).toString();
      });
      stream.on("error", reject);
      stream.once("close", () => {
        if (text.endsWith('"success":true}')) resolve();
        else reject(new Error(`The registry answered ${text}`));
      });
      stream.end(bytes);
    });
  }
}
