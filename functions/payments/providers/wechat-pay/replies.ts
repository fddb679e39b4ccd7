// Replies to WeChat Pay's callbacks: 204, or an error status with a code and a message.

import { refusalStatus } from "../callback-problems.ts";
import type { CallbackReplies } from "../provider.ts";

export const wechatPayReplies: CallbackReplies = {
  taken: { status: 204, body: undefined },
  refused: ({ kind, message }) => {
    const status = refusalStatus(kind);
    return status && { status, body: { code: "FAIL", message } };
  },
};
