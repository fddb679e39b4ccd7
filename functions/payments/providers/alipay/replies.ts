// How Alipay wants its callbacks answered: the plain text `success`, anything else means "again later".

import { refusalStatus } from "../callback-problems.ts";
import type { CallbackReplies } from "../provider.ts";

const headers = { "content-type": "text/plain; charset=utf-8" };

export const alipayReplies: CallbackReplies = {
  taken: { status: 200, body: "success", headers },
  refused: ({ kind }) => {
    const status = refusalStatus(kind);
    return status && { status, body: "fail", headers };
  },
};
