// X.509 certificates for tests of TLS, made when they are needed: RFC 5280, as little of it as Node needs.

import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";
import { isIP } from "node:net";

export interface Certificate {
  /** PEM. */
  readonly cert: string;
  /** PKCS #8 PEM. */
  readonly key: string;
}

export interface CertificateOptions {
  /** DNS names and IPv4 addresses it is for. */
  readonly names?: readonly string[];
  /** Who signs it; by default itself. */
  readonly issuer?: Certificate & { readonly subject: string };
  /** From when until when it is valid; by default from yesterday to tomorrow. */
  readonly from?: Date;
  readonly until?: Date;
  /** True for a subject with an RSA key, which an issuer has to sign; by default its key is one of P-256. */
  readonly rsa?: true;
}

const DAY_MS = 86_400_000;

/** An authority that signs certificates. */
export const makeAuthority = (subject = "Test authority") => ({ ...makeCertificate(subject, {}), subject });

/** A certificate of `subject` with its key. */
export function makeCertificate(subject: string, options: CertificateOptions): Certificate {
  const { names = [], issuer, from = daysFromNow(-1), until = daysFromNow(1) } = options;
  const { privateKey, publicKey } = options.rsa
    ? generateKeyPairSync("rsa", { modulusLength: 2_048 })
    : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const signer: KeyObject = issuer === undefined ? privateKey : createPrivateKey(issuer.key);
  const body = sequence(
    tagged(0xa0, integer(Buffer.of(2))),
    integer(Buffer.concat([Buffer.of(1), randomBytes(8)])),
    ECDSA_SHA256,
    nameOf(issuer?.subject ?? subject),
    sequence(timeOf(from), timeOf(until)),
    nameOf(subject),
    publicKey.export({ type: "spki", format: "der" }),
    tagged(0xa3, sequence(...(names.length === 0 ? [AUTHORITY] : [alternativeNames(names)]))),
  );
  const signature = tagged(0x03, Buffer.of(0), sign("sha256", body, signer));
  const der = sequence(body, ECDSA_SHA256, signature);
  return {
    cert: `-----BEGIN CERTIFICATE-----\n${der.toString("base64")}\n-----END CERTIFICATE-----\n`,
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

const daysFromNow = (days: number): Date => new Date(Date.now() + days * DAY_MS);

/** Tag, length and content (DER, X.690). */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.of(tag, ...size), content]);
}

const sequence = (...parts: readonly Buffer[]): Buffer => tagged(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes);
const oid = (hex: string): Buffer => tagged(0x06, Buffer.from(hex, "hex"));

/** 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = sequence(oid("2a8648ce3d040302"));
/** 2.5.29.19, basic constraints, critical: it is an authority. */
const AUTHORITY = sequence(
  oid("551d13"),
  tagged(0x01, Buffer.of(0xff)),
  tagged(0x04, sequence(tagged(0x01, Buffer.of(0xff)))),
);

/** 2.5.29.17 */
function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 4
      ? tagged(0x87, Buffer.from(name.split(".").map(Number)))
      : tagged(0x82, Buffer.from(name, "ascii")),
  );
  return sequence(oid("551d11"), tagged(0x04, sequence(...entries)));
}

/** A name of a common name alone, 2.5.4.3. */
const nameOf = (text: string): Buffer =>
  sequence(tagged(0x31, sequence(oid("550403"), tagged(0x0c, Buffer.from(text, "utf8")))));

/** UTCTime, which is for years up to 2049. */
const timeOf = (time: Date): Buffer =>
  tagged(
    0x17,
    Buffer.from(
      time
        .toISOString()
        .replace(/[-:T]|\.\d+/g, "")
        .slice(2),
      "ascii",
    ),
  );
