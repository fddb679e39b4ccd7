// One client: an HTTP/2 connection with its calls. At most one of them is the stream by which it is registered.

import type { IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import { frame } from "../../../lib/nacos/grpc/frames.ts";
import { BI_STREAM_PATH, REQUEST_PATH } from "../../../lib/nacos/grpc/methods.ts";
import { decodePayload, encodePayload, type Payload } from "../../../lib/nacos/grpc/payload.ts";
import { GRPC_STATUS, GrpcError } from "../../../lib/nacos/grpc/status.ts";
import { loopbackNames } from "../../shared/listener/hosts.ts";
import { parsedBody } from "../json-params.ts";
import { Call, isCall } from "./call.ts";
import { describedBy, GrpcConnection } from "./connection.ts";
import type { GrpcServices } from "./grpc-services.ts";
import { Liveness } from "./liveness.ts";
import { type Tally, Traffic, tallyOfConnection } from "./traffic.ts";

/** Characters of the longest address, an IPv6 one with a zone. */
const MAX_IP = 64;

/** The address that a client connects from. */
export interface Peer {
  readonly ip: string;
  readonly port: number;
}

export class GrpcClient {
  readonly #session: ServerHttp2Session;
  readonly #services: GrpcServices;
  readonly #id: string;
  readonly #peer: Peer;
  readonly #calls = new Set<Call>();
  readonly #traffic: Traffic;
  readonly #liveness: Liveness;
  #connection: GrpcConnection | undefined;

  /** @param total in which the bytes of all clients count. */
  constructor(session: ServerHttp2Session, peer: Peer, services: GrpcServices, total: Tally) {
    this.#session = session;
    // As Nacos makes it. No two connections have the same at the same time.
    const id = `${services.clock()}_${peer.ip}_${peer.port}`;
    this.#id = id;
    this.#peer = peer;
    this.#services = services;
    this.#traffic = new Traffic([tallyOfConnection(), total], () => this.#drop("it reads too slowly"));
    this.#liveness = new Liveness({
      ping: () => this.#ping(),
      detect: () => this.#connection?.pushes.push("detection", services.detection),
      drop: (why) => this.#drop(why),
    });
    // The client was killed, or broke the protocol; Node ends the connection. Without a listener this process would end.
    session.on("error", (cause) => services.log.debug({ err: cause, client: id }, "gRPC connection failed"));
    session.on("stream", (stream, headers) => this.#take(stream, headers));
  }

  /** Call it once a second. */
  tick(): void {
    this.#connection?.pushes.tick();
    this.#liveness.tick();
    for (const call of this.#calls) call.tick();
  }

  #take(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const call = new Call(stream, this.#traffic, this.#services.log);
    this.#calls.add(call);
    stream.once("close", () => this.#calls.delete(call));
    const refusal = refusalOf(headers);
    if (refusal !== undefined) {
      stream.respond({ ":status": refusal }, { endStream: true });
      stream.resume();
      return;
    }
    if (headers[":path"] === REQUEST_PATH) this.#request(call);
    else if (headers[":path"] === BI_STREAM_PATH) this.#biStream(call, stream);
    else call.fail(new GrpcError(GRPC_STATUS.UNIMPLEMENTED, "No such method."));
  }

  #request(call: Call): void {
    let request: Payload | undefined;
    call.read({
      keepsMessages: true,
      onMessage: (message) => {
        if (request !== undefined)
          throw new GrpcError(GRPC_STATUS.INTERNAL, "There is more than one request.");
        request = decodePayload(message);
        this.#liveness.heard();
      },
      onEnd: () => {
        if (request === undefined) throw new GrpcError(GRPC_STATUS.INTERNAL, "There is no request.");
        const sender = { id: this.#id, connection: this.#connection };
        this.#services.requests
          .answer(request, sender)
          .then((response) => {
            call.send(frame(encodePayload(response)));
            call.end();
          })
          .catch((error: unknown) => call.fail(error));
      },
    });
  }

  #biStream(call: Call, stream: ServerHttp2Stream): void {
    let connection: GrpcConnection | undefined;
    call.read({
      keepsMessages: false,
      onMessage: (message) => {
        const { type, clientIp, body } = decodePayload(message);
        this.#liveness.heard();
        if (type === "ConnectionSetupRequest") connection = this.#setUp(call, clientIp, body);
        // Others are not answered; Nacos ignores them as well.
        else if (type.endsWith("Response")) connection?.pushes.acknowledged(requestIdOf(body));
      },
      onEnd: () => call.end(),
    });
    stream.once("close", () => {
      if (connection !== undefined) this.#end(connection);
    });
  }

  #setUp(call: Call, clientIp: string, body: Buffer): GrpcConnection {
    const setup = parsedBody(body);
    if (setup === undefined) throw new GrpcError(GRPC_STATUS.INVALID_ARGUMENT, "The setup is not JSON.");
    if (this.#connection !== undefined)
      throw new GrpcError(GRPC_STATUS.ALREADY_EXISTS, "The connection has been set up already.");
    const { table, clock } = this.#services;
    const ip = clientIp.slice(0, MAX_IP) || this.#peer.ip;
    const client = { id: this.#id, ip, port: this.#peer.port, ...describedBy(setup), since: clock() };
    const connection = new GrpcConnection(client, table, {
      send: (framed) => call.send(framed),
      end: (why) => this.#drop(why),
    });
    this.#connection = connection;
    this.#services.enter(connection);
    call.lasts();
    this.#liveness.registered();
    // Clients before 2.3 don't know this answer, and don't say what they can do.
    if (setup["abilityTable"] !== undefined && setup["abilityTable"] !== null)
      call.send(this.#services.messages.setupAck());
    return connection;
  }

  /** Its instances are deregistered at once: nobody keeps them any more. */
  #end(connection: GrpcConnection): void {
    this.#connection = undefined;
    this.#liveness.unregistered();
    this.#services.leave(connection);
  }

  #ping(): void {
    if (this.#session.destroyed) return;
    this.#session.ping((error) => {
      if (error === null) this.#liveness.ponged();
    });
  }

  #drop(why: string): void {
    if (this.#session.destroyed) return;
    this.#services.log.warn({ client: this.#id }, `gRPC client is cut off: ${why}`);
    this.#session.destroy();
  }
}

/** Status of HTTP for what is no call, or is meant for another host. */
function refusalOf(headers: IncomingHttpHeaders): number | undefined {
  try {
    loopbackNames({ host: headers[":authority"] ?? headers.host });
  } catch {
    return 421;
  }
  return isCall(headers) ? undefined : 415;
}

function requestIdOf(body: Buffer): string {
  const id = parsedBody(body)?.["requestId"];
  return typeof id === "string" ? id : "";
}
