// Replies to Alipay's callbacks: the plain text `success`; after any other reply Alipay sends the callback again.

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
