// A client with as little work of its own as there can be: takes frames, and notes when each came.

import { WebSocket } from "ws";

interface Frame {
  readonly type: string;
  readonly position?: number;
  readonly notification?: { readonly id: string; readonly related_id: string | null };
}

/** Called with what the frame is about: the order, else the notification itself. */
type OnFrame = (about: string, at: number) => void;

export class LiveConnection {
  /** Frames that came twice or before an earlier one. */
  disorder = 0;
  readonly #socket: WebSocket;
  #position = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Opens it for `user`. Resolves when the service has said that it is ready. @throws {Error} when it is refused, or ends before. */
  static open(baseUrl: string, user: string, onFrame: OnFrame): Promise<LiveConnection> {
    const socket = new WebSocket(`${baseUrl.replace("http", "ws")}/api/notifications/live/`, ["cfmp.v1"], {
      headers: { uuid: user },
    });
    const connection = new LiveConnection(socket);
    const { promise, resolve, reject } = Promise.withResolvers<LiveConnection>();
    socket.on("error", reject);
    socket.on("close", (code) => reject(new Error(`The connection of ${user} ended with ${code}`)));
    socket.on("open", () => socket.send(JSON.stringify({ type: "since" })));
    socket.on("message", (data) => {
      const at = performance.now();
      const frame: Frame = JSON.parse(String(data));
      if (frame.type === "ready") resolve(connection);
      connection.#take(frame, at, onFrame);
    });
    return promise;
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  close(): void {
    this.#socket.terminate();
  }

  #take({ type, position = 0, notification }: Frame, at: number, onFrame: OnFrame): void {
    if (type !== "notification" && type !== "ready")
      throw new Error(`A frame that was not expected: ${type}`);
    if (notification !== undefined) {
      if (position !== this.#position + 1) this.disorder += 1;
      onFrame(notification.related_id ?? notification.id, at);
    }
    this.#position = position;
  }
}
