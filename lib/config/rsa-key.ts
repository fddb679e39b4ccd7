// Settings that hold RSA keys: as PEM, as the base64 of PEM without its frame (as some providers' tools write it), or as a file.

import { createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from "node:crypto";
import * as z from "zod";
import { tried } from "../core/tried.ts";
import { textOrFile } from "./text-or-file.ts";

const PRIVATE = "must be a private RSA key: PEM, its base64 alone, or file:<path>";
const PUBLIC = "must be a public RSA key or certificate: PEM, its base64 alone, or file:<path>";

/** A private RSA key; parsed to PKCS #8 PEM. */
export const privateRsaKey = key(PRIVATE, readPrivate, { type: "pkcs8", format: "pem" });

/** A public RSA key, or a certificate that holds one; parsed to SPKI PEM. */
export const publicRsaKey = key(PUBLIC, readPublic, { type: "spki", format: "pem" });

function key(
  message: string,
  read: (text: string) => KeyObject | undefined,
  form: { type: "pkcs8" | "spki"; format: "pem" },
) {
  return z.string().transform((value, context) => {
    const found = textOrFile(value);
    const parsed = found === undefined ? undefined : read(found);
    if (parsed?.asymmetricKeyType === "rsa") return parsed.export(form).toString();
    context.addIssue({
      code: "custom",
      message: found === undefined ? `${message} (no such file)` : message,
    });
    return z.NEVER;
  });
}

function readPrivate(text: string): KeyObject | undefined {
  if (text.startsWith("-----")) return tried(() => createPrivateKey(text));
  const der = Buffer.from(text, "base64");
  return (
    tried(() => createPrivateKey({ key: der, format: "der", type: "pkcs8" })) ??
    tried(() => createPrivateKey({ key: der, format: "der", type: "pkcs1" }))
  );
}

function readPublic(text: string): KeyObject | undefined {
  // `createPublicKey` accepts a private key too, but to set one here is a mistake.
  if (text.startsWith("-----"))
    return text.includes("PRIVATE") ? undefined : tried(() => createPublicKey(text));
  return tried(() => createPublicKey({ key: Buffer.from(text, "base64"), format: "der", type: "spki" }));
}

/** Whether a private and a public key, as they are parsed here, belong together. */
export const isPair = (privatePem: string, publicPem: string): boolean =>
  createPublicKey(privatePem).export({ type: "spki", format: "pem" }).toString() === publicPem;

/** The serial number of the certificate that a setting for a public key holds; undefined when it is a mere key. */
export function serialNumberIn(value: string): string | undefined {
  const text = textOrFile(value) ?? "";
  return text.includes("CERTIFICATE") ? tried(() => new X509Certificate(text).serialNumber) : undefined;
}
