// A browser that has subscribed to Web Push, as its push service and its user see it: RFC 8291 and RFC 8292 read from the other
// side, with nothing but Node's own cryptography.

import { createDecipheriv, createECDH, createPublicKey, hkdfSync, randomBytes, verify } from "node:crypto";

export interface SubscriptionJson {
  readonly endpoint: string;
  readonly expirationTime: number | null;
  readonly keys: { readonly p256dh: string; readonly auth: string };
}

/** The header block of `aes128gcm` (RFC 8188, 2.1) before its key id, in bytes. */
const HEADER = 21;

export class PushBrowser {
  readonly endpoint: string;
  readonly #pair = createECDH("prime256v1");
  readonly #auth: Buffer;

  /** `keys`: instead of random ones. */
  constructor(endpoint: string, keys?: { readonly privateKey: string; readonly auth: string }) {
    this.endpoint = endpoint;
    this.#auth = keys === undefined ? randomBytes(16) : Buffer.from(keys.auth, "base64url");
    if (keys === undefined) this.#pair.generateKeys();
    else this.#pair.setPrivateKey(Buffer.from(keys.privateKey, "base64url"));
  }

  /** As the browser's `PushSubscription` gives it. */
  toJSON(): SubscriptionJson {
    return {
      endpoint: this.endpoint,
      expirationTime: null,
      keys: {
        p256dh: this.#pair.getPublicKey("base64url"),
        auth: this.#auth.toString("base64url"),
      },
    };
  }

  /** The text of a message of one record (RFC 8291, 3.4). @throws {Error} when it is for somebody else, or was altered. */
  decrypt(body: Buffer): string {
    const salt = body.subarray(0, 16);
    const recordSize = body.readUInt32BE(16);
    const sender = body.subarray(HEADER, HEADER + body.readUInt8(20));
    const record = body.subarray(HEADER + sender.length);
    if (record.length > recordSize) throw new Error("It has more than one record");
    const own = this.#pair.getPublicKey();
    const info = Buffer.concat([Buffer.from("WebPush: info\0"), own, sender]);
    const key = derive(this.#pair.computeSecret(sender), this.#auth, info, 32);
    const secret = derive(key, salt, Buffer.from("Content-Encoding: aes128gcm\0"), 16);
    const nonce = derive(key, salt, Buffer.from("Content-Encoding: nonce\0"), 12);
    const opened = createDecipheriv("aes-128-gcm", secret, nonce).setAuthTag(record.subarray(-16));
    const padded = Buffer.concat([opened.update(record.subarray(0, -16)), opened.final()]);
    const end = padded.findLastIndex((byte) => byte !== 0);
    if (padded[end] !== 2) throw new Error("It is not the last record");
    return padded.subarray(0, end).toString("utf8");
  }
}

const derive = (key: Buffer, salt: Buffer, info: Buffer, length: number): Buffer =>
  Buffer.from(hkdfSync("sha256", key, salt, info, length));

export interface VapidClaims {
  readonly publicKey: string;
  readonly aud: string;
  readonly exp: number;
  readonly sub: string;
}

/** Who sends, by the header `Authorization` (RFC 8292, 2 and 3). @throws {Error} when its signature is not of the key that it names. */
export function readVapid(authorization: string | undefined): VapidClaims {
  const [, token = "", publicKey = ""] = /^vapid t=([\w.-]+), ?k=([\w-]+)$/.exec(authorization ?? "") ?? [];
  const [head = "", claims = "", signature = ""] = token.split(".");
  const point = Buffer.from(publicKey, "base64url");
  const x = point.subarray(1, 33).toString("base64url");
  const y = point.subarray(33).toString("base64url");
  const key = createPublicKey({ format: "jwk", key: { kty: "EC", crv: "P-256", x, y } });
  const signed = verify(
    "sha256",
    Buffer.from(`${head}.${claims}`),
    { key, dsaEncoding: "ieee-p1363" },
    Buffer.from(signature, "base64url"),
  );
  if (!signed || decoded(head).alg !== "ES256") throw new Error("The VAPID token is not signed by its key");
  const { aud, exp, sub } = decoded(claims);
  return { publicKey, aud, exp, sub };
}

const decoded = (part: string) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));
