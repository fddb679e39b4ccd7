// Converts a request's body to and from an event of API Gateway (payload 2.0), byte for byte.

import type { APIGatewayProxyEventV2 } from "aws-lambda";
import { malformed } from "../core/domain-error.ts";
import { Problem } from "./problem.ts";

/** Largest body in bytes; an order of 100 lines with the longest texts is smaller, escaped or not. */
export const MAX_BODY_BYTES = 512 * 1024;

type EventBody = Pick<APIGatewayProxyEventV2, "body" | "isBase64Encoded">;

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * The content types whose bodies API Gateway gives as text. Not documented; measured on AWS by the authors of MiniStack
 * (ministackorg/ministack, pull request 766): forms, `+json` and a missing type come as base64.
 */
const TEXT_TYPE = /^\s*(text\/[^;]+|application\/(json|xml|javascript))\s*(;|$)/i;

/** `bytes` in the form of an event: text if their type is one of texts and they are UTF-8, base64 otherwise. */
export function toEventBody(bytes: Buffer, contentType = ""): EventBody {
  if (bytes.length === 0) return { isBase64Encoded: false };
  const text = TEXT_TYPE.test(contentType) ? decoded(bytes) : undefined;
  return text === undefined
    ? { body: bytes.toString("base64"), isBase64Encoded: true }
    : { body: text, isBase64Encoded: false };
}

/**
 * Refuses a body whose bytes are said to be compressed: they would be read as something else than they are.
 * @throws {Problem} 415 `content_coding_unknown`, with the one that is accepted (RFC 9110, 15.5.16).
 */
export function checkContentCoding(coding = "identity"): void {
  if (/^\s*(identity)?\s*$/i.test(coding)) return;
  throw new Problem(415, "content_coding_unknown", "Send the body as it is, without a Content-Encoding.", {
    headers: { "accept-encoding": "identity" },
  });
}

/**
 * The body as it was sent, decoded.
 * @throws {Problem} 413 `body_too_large`.
 * @throws {DomainError} malformed `body_not_utf8`: with characters lost, two different bodies could look alike.
 */
export function bodyText({ body, isBase64Encoded }: EventBody): string {
  if (body == null) return "";
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > MAX_BODY_BYTES) {
    throw new Problem(413, "body_too_large", `The body may have ${MAX_BODY_BYTES} bytes at most.`);
  }
  const text = isBase64Encoded ? decoded(Buffer.from(body, "base64")) : body;
  if (text?.isWellFormed()) return text;
  throw malformed("body_not_utf8", "The body is not valid UTF-8.");
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined;
  }
}
