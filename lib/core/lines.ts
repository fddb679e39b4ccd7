// Messages of a connection that are a line each.

import type { Duplex } from "node:stream";
import { StringDecoder } from "node:string_decoder";

/** Characters; a longer line is no message of this system. */
const LONGEST = 64 * 1024;

/** Calls `take` with each line that arrives on `connection`, without its end. Closes the connection if a line is longer than any message. */
export function eachLine(connection: Duplex, take: (line: string) => void): void {
  let text = "";
  // Not `setEncoding`: an HTTP server's connections refuse that, also when they have changed to another protocol.
  const decoder = new StringDecoder("utf8");
  connection.on("data", (part: Buffer) => {
    const lines = (text + decoder.write(part)).split("\n");
    text = lines.pop() ?? "";
    for (const whole of lines) take(whole);
    if (text.length > LONGEST) connection.destroy();
  });
}
