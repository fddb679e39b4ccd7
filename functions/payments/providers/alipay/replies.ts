// How Alipay wants its callbacks answered: the plain text `success`, anything else means "again later".

import type { CallbackReplies } from "../provider.ts";

const headers = { "content-type": "text/plain; charset=utf-8" };

export const alipayReplies: CallbackReplies = {
  taken: { status: 200, body: "success", headers },
  refused: ({ status }) => {
    if (status !== 400 && status !== 401 && status !== 404 && status !== 409) return undefined;
    return { status, body: "fail", headers };
  },
};
