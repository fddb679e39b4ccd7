// A zip archive for Lambda: the same bytes for the same files, on every machine.

import { buffer } from "node:stream/consumers";
import { ZipFile } from "yazl";

/** Written as local time without a zone, so it is made of local time. */
const DATE = new Date(1980, 0, 1);
/** For the user that Lambda runs functions as, which is not the owner. */
const MODE = 0o100644;

/** The archive of `files`, contents by path. */
export function zipOf(files: ReadonlyMap<string, Uint8Array>): Promise<Buffer> {
  const zip = new ZipFile();
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    zip.addBuffer(Buffer.from(bytes), path, {
      mtime: DATE,
      mode: MODE,
      forceDosTimestamp: true,
      compressionLevel: 9,
    });
  }
  zip.end();
  return buffer(zip.outputStream);
}
