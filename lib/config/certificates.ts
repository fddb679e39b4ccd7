// Settings that hold certificates: as PEM, or as the path of a file.

import { X509Certificate } from "node:crypto";
import * as z from "zod";
import { textOrFile } from "./text-or-file.ts";

const WANTED = "must be one or more certificates: PEM, or file:<path> of one";
const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** One or more certificates in PEM. */
export const certificates = z.string().transform((value, context) => {
  const text = textOrFile(value);
  const found = text?.match(BLOCK) ?? [];
  if (found.length > 0 && found.every(isCertificate)) return found.join("\n");
  context.addIssue({ code: "custom", message: text === undefined ? `${WANTED} (no such file)` : WANTED });
  return z.NEVER;
});

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    return false;
  }
}
