// The head of a reply's frame: its status, and why nothing can be written at the moment, if so. `200`, `200 its disk fails`

import { MalformedFrame } from "./frame.ts";

export interface ReplyHead {
  /** As in DynamoDB's HTTP API. */
  readonly status: number;
  readonly writeFailure: string | undefined;
}

/** Never longer than a frame's head may be. */
export const writeReplyHead = ({ status, writeFailure }: ReplyHead): string =>
  writeFailure === undefined ? String(status) : `${status} ${writeFailure.slice(0, REASON_LENGTH)}`;

const REASON_LENGTH = 80;

/** @throws {MalformedFrame} */
export function readReplyHead(head: string): ReplyHead {
  if (head === "200") return SUCCESS;
  const [, status, writeFailure] = /^([1-5]\d\d)(?: (.*))?$/s.exec(head) ?? [];
  if (status === undefined) throw new MalformedFrame("A reply has no status");
  return { status: Number(status), writeFailure };
}

const SUCCESS: ReplyHead = { status: 200, writeFailure: undefined };
