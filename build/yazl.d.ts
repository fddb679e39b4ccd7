// Types for the part of yazl that is used here; the package has none.

declare module "yazl" {
  import type { Readable } from "node:stream";

  export class ZipFile {
    readonly outputStream: Readable;
    addBuffer(contents: Buffer, path: string, options: EntryOptions): void;
    end(): void;
  }

  interface EntryOptions {
    readonly mtime: Date;
    /** Type and permissions of the file, as in `stat`. */
    readonly mode: number;
    /** Without it the time has a zone, in a field that not every program reads. */
    readonly forceDosTimestamp: boolean;
    /** 0 to 9, as in zlib. */
    readonly compressionLevel: number;
  }
}
