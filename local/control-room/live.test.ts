import { EventEmitter } from "node:events";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { LiveStream, type Published } from "./live.ts";

let now: number;
let stream: LiveStream;

beforeEach(() => {
  now = 0;
  stream = new LiveStream("c-1", () => now);
});
afterEach(() => stream.close());

interface Event {
  readonly event: string;
  readonly id: number | undefined;
}

class Client extends EventEmitter {
  readonly events: Event[] = [];
  writableLength = 0;
  destroyed = false;
  readonly accepted: boolean;

  constructor(topics: readonly string[] = [], since?: number) {
    super();
    this.accepted = stream.connect(this, topics, since);
  }

  writeHead(): void {}

  write(text: string): void {
    const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(text)?.[1];
    const id = field("id");
    this.events.push({ event: field("event") ?? "", id: id === undefined ? undefined : Number(id) });
  }

  end(): void {}

  destroy(): void {
    this.destroyed = true;
    this.emit("close");
  }

  get names(): readonly string[] {
    return this.events.map(({ event, id }) => (id === undefined ? event : `${event} ${id}`));
  }
}

const logs = (size = 1): Published => ({
  event: "logs",
  data: { items: [], more: Number("9".repeat(size)) },
});
const traces: Published = { event: "traces", data: { items: [], more: 0 } };

test("each event has the next number, and a client gets those of its topics", () => {
  const [all, some] = [new Client(), new Client(["logs"])];
  stream.publish(traces);
  stream.publish(logs());
  expect(all.names).toEqual(["hello", "traces 1", "logs 2"]);
  expect(some.names).toEqual(["hello", "logs 2"]);
});

test("a client that comes back gets what it has missed, and nothing twice", () => {
  const first = new Client();
  stream.publish(traces);
  first.destroy();
  now += 59_000;
  stream.publish(logs());
  stream.publish(traces);
  expect(new Client([], 1).names).toEqual(["hello", "logs 2", "traces 3"]);
  expect(new Client([], 3).names).toEqual(["hello"]);
});

test("a client is told to read all again when what it has missed is gone", () => {
  const first = new Client();
  stream.publish(traces);
  first.destroy();
  now += 61_000;
  // Nobody was there for whom this would have been kept.
  stream.publish(logs());
  expect(new Client([], 1).names).toEqual(["hello", "reset"]);
  expect(new Client([], 9_999).names).toEqual(["hello", "reset"]);
});

test("what is kept is bounded", () => {
  const first = new Client();
  const large: Published = {
    event: "metrics",
    data: {
      at: 0,
      values: Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`value-${index}`, 1])),
    },
  };
  for (let count = 0; count < 200; count += 1) stream.publish(large);
  first.destroy();
  expect(new Client([], 1).names).toEqual(["hello", "reset"]);
  expect(new Client([], 199).names).toEqual(["hello", "metrics 200"]);
});

test("a client that does not read is disconnected, and there are so many at most", () => {
  const slow = new Client();
  slow.writableLength = 3_000_000;
  stream.publish(traces);
  expect([slow.destroyed, stream.clients]).toEqual([true, 0]);
  const many = Array.from({ length: 25 }, () => new Client());
  expect(many.filter(({ accepted }) => accepted)).toHaveLength(20);
});
